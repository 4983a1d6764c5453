"""Who may call the API: whoever sends a bearer token, or one of those that the server was started with."""

from collections.abc import Iterable

from mockserver.errors import ApiError

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def bearer_token(headers: Iterable[tuple[bytes, bytes]], good: tuple[str, ...]) -> str:
    """The token that a request was sent with; raises ApiError 401 without a good one. An empty ``good`` means any."""
    sent = [value for name, value in headers if name == b"authorization"]
    if not sent:
        raise _refusal("no bearer token: send the header `Authorization: Bearer TOKEN`")
    if len(sent) > 1:
        raise _refusal("more than one Authorization header: send one, with a bearer token")
    scheme, _, token = sent[0].decode("latin-1").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer":
        raise _refusal("not a bearer token: send the header `Authorization: Bearer TOKEN`")
    if not token:
        raise _refusal("an empty bearer token: send the header `Authorization: Bearer TOKEN`")
    if len(token.split()) > 1:
        raise _refusal("the bearer token has white space in it: send the header `Authorization: Bearer TOKEN`")
    if good and token not in good:
        raise _refusal("this token is not one of those that the server was started with (--token)")
    return token


def _refusal(message: str) -> ApiError:
    return ApiError(401, message, headers=_CHALLENGE)
