"""The bearer token that a request is sent with."""

import re
from collections.abc import Iterable

from mockserver.errors import ApiError

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_BEARER = re.compile(r"\s*bearer \s*(\S+)\s*", re.IGNORECASE)


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The token; raises ApiError 401 where there is none, or something else than one."""
    sent = [value for name, value in headers if name == b"authorization"]
    if not sent:
        raise no_good_token("no bearer token: send the header `Authorization: Bearer TOKEN`")
    if len(sent) > 1:
        raise no_good_token("more than one Authorization header: send one, with a bearer token")
    text = sent[0].decode("latin-1")
    found = _BEARER.fullmatch(text)
    if found is None:
        raise no_good_token(f"{_what_is_wrong(text)}: send the header `Authorization: Bearer TOKEN`")
    return found[1]


def _what_is_wrong(text: str) -> str:
    scheme, _, token = text.strip().partition(" ")
    if scheme.lower() != "bearer":
        return "not a bearer token"
    return "the bearer token has white space in it" if token.strip() else "an empty bearer token"


def no_good_token(message: str) -> ApiError:
    """What a client is told that has no good token."""
    return ApiError(401, message, headers=_CHALLENGE)
