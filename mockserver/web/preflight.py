"""Says why the preflight request of a web page is rejected."""

from starlette.datastructures import Headers
from starlette.types import Scope

from mockserver.errors import ApiError
from mockserver.messages import excerpt
from mockserver.settings import option_name, variable_name
from mockserver.web.scope import EMULATOR

ALLOWED_METHODS = ("GET", "HEAD", "POST")
ALLOWED_HEADERS = ("authorization", "content-type")

_ORIGIN_MAX = 300


def explain_preflight(failure: ApiError, scope: Scope) -> ApiError:
    """The error for a request that was rejected: of a preflight, which has no token, the message says the cause."""
    if failure.status != 401 or scope["method"] != "OPTIONS":
        return failure
    headers = Headers(scope=scope)
    if "origin" not in headers or "access-control-request-method" not in headers:
        return failure
    origin, allowed = excerpt(headers["origin"], _ORIGIN_MAX), scope[EMULATOR].settings.cors
    if "*" in allowed or headers["origin"] in allowed:
        message = f"pages may send {', '.join(ALLOWED_METHODS)}, with the headers {' and '.join(ALLOWED_HEADERS)} only"
    else:
        option, variable = option_name("cors"), variable_name("cors")
        start = f"start the server with {option} {origin} (or set {variable}={origin})"
        message = f"pages of {origin} may not use the API: {start}"
    return ApiError(failure.status, message, error_id=failure.error_id, headers=failure.headers)
