"""The bearer token of a request."""

from collections.abc import Iterable
from functools import lru_cache

from mockserver.contract.permissions import Permission
from mockserver.errors import ApiError, ErrorId

MAX_TOKEN_BYTES = 8 * 1024
"""How long a token may be."""

_REMEMBERED_BYTES = 200
"""How long a header may be to be remembered with its token."""

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The token; raises ApiError 401 if there is no bearer token, or more than one."""
    values = [value for name, value in headers if name == b"authorization"]
    if not values:
        raise unauthorized("no bearer token: send the header `Authorization: Bearer TOKEN`")
    if len(values) > 1:
        raise unauthorized("more than one Authorization header: send only one")
    (value,) = values
    return _remembered_token(value) if len(value) <= _REMEMBERED_BYTES else _token(value)


def _token(value: bytes) -> str:
    scheme, _, token = value.decode("latin-1").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer":
        raise unauthorized("not a bearer token: send the header `Authorization: Bearer TOKEN`")
    if not token:
        raise unauthorized("the bearer token is empty: send the header `Authorization: Bearer TOKEN`")
    if len(token) > MAX_TOKEN_BYTES:
        raise unauthorized(f"the bearer token is too long: send one of at most {MAX_TOKEN_BYTES:,} bytes")
    if len(token.split()) > 1:
        raise unauthorized("the bearer token contains white space: send the header `Authorization: Bearer TOKEN`")
    return token


_remembered_token = lru_cache(256)(_token)


def unauthorized(message: str) -> ApiError:
    """The error for a client without a valid token."""
    return ApiError(401, message, headers=_CHALLENGE)


def missing_permission(required: Permission) -> ApiError:
    """The error for a token that lacks the permission of an operation. The service sends a 401, not a 403."""
    return ApiError(
        401,
        f"the token does not have permission: this operation requires {required}",
        error_id=ErrorId.MISSING_PERMISSION,
        details={"requiredPermission": required.key},
        headers=_CHALLENGE,
    )
