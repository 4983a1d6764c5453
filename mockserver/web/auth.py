"""The bearer token that a request is sent with."""

from collections.abc import Iterable

from mockserver.errors import ApiError

MAX_TOKEN_BYTES = 8 * 1024
"""How long a token may be."""

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The token; raises ApiError 401 where there is none, or something else than one."""
    sent = [value for name, value in headers if name == b"authorization"]
    if not sent:
        raise unauthorized("no bearer token: send the header `Authorization: Bearer TOKEN`")
    if len(sent) > 1:
        raise unauthorized("more than one Authorization header: send one, with a bearer token")
    scheme, _, token = sent[0].decode("latin-1").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer":
        raise unauthorized("not a bearer token: send the header `Authorization: Bearer TOKEN`")
    if not token:
        raise unauthorized("an empty bearer token: send the header `Authorization: Bearer TOKEN`")
    if len(token) > MAX_TOKEN_BYTES:
        raise unauthorized(f"the bearer token is too long: send one of at most {MAX_TOKEN_BYTES:,} bytes")
    if len(token.split()) > 1:
        raise unauthorized("the bearer token has white space in it: send the header `Authorization: Bearer TOKEN`")
    return token


def unauthorized(message: str) -> ApiError:
    """What a client is told that has no good token."""
    return ApiError(401, message, headers=_CHALLENGE)
