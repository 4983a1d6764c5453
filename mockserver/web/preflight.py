"""Says why the preflight request of a web page is rejected."""

from starlette.datastructures import Headers
from starlette.types import Scope

from mockserver.errors import ApiError
from mockserver.messages import excerpt
from mockserver.settings import option_name, variable_name
from mockserver.web.context import CONTEXT

ALLOWED_METHODS = ("GET", "HEAD", "POST")
ALLOWED_HEADERS = ("authorization", "content-type")

_ORIGIN_MAX = 300


def is_preflight(scope: Scope) -> bool:
    """Whether a browser sent the request, to find out if a page may send another one."""
    if scope["method"] != "OPTIONS":
        return False
    headers = Headers(scope=scope)
    return "origin" in headers and "access-control-request-method" in headers


def explain_preflight(failure: ApiError, scope: Scope) -> ApiError:
    """The error for a request that was rejected: of a preflight, which has no token, the message says the cause."""
    if failure.status != 401 or not is_preflight(scope):
        return failure
    sent, allowed = Headers(scope=scope)["origin"], scope[CONTEXT].emulator.settings.cors
    origin = excerpt(sent, _ORIGIN_MAX)
    if "*" in allowed or sent in allowed:
        message = f"pages may send {', '.join(ALLOWED_METHODS)}, with the headers {' and '.join(ALLOWED_HEADERS)} only"
    else:
        option, variable = option_name("cors"), variable_name("cors")
        start = f"start the server with {option} {origin} (or set {variable}={origin})"
        message = f"pages of {origin} may not use the API: {start}"
    return ApiError(failure.status, message, error_id=failure.error_id, headers=failure.headers)
