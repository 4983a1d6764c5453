"""From an exception, ours or the framework's, to what the client is told."""

import asyncio
import traceback

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from mockserver.contract.pagination import BadParameterError
from mockserver.errors import ApiError
from mockserver.messages import describe, format_location, quoted
from mockserver.store.queries import NotFoundError

_PATH_SHOWN = 500


def as_api_error(failure: BaseException, scope: Scope) -> ApiError:
    """What to tell the client of ``failure``, which ended the call of ``scope``; anything unknown is a bug of ours."""
    match failure:
        case ApiError():
            return failure
        case NotFoundError():
            return ApiError(404, f"no {failure}")
        case BadParameterError():
            return _bad_parameter(failure)
        case RequestValidationError():
            return _from_validation(failure)
        case HTTPException(status_code=400, __cause__=ApiError() as cause):
            return cause
        case HTTPException(status_code=400):
            return ApiError(400, "the body cannot be read: it must be JSON, in UTF-8")
        case HTTPException(status_code=404):
            return _no_such_route(scope)
        case HTTPException(status_code=405):
            return _no_such_method(scope)
        case asyncio.CancelledError():
            return ApiError(503, "the server was told to end before the request was whole")
        case _:
            return _bug(failure)


def _bad_parameter(failure: BadParameterError) -> ApiError:
    return ApiError(400, str(failure), details={"parameter": failure.parameter, "allowed": failure.allowed})


def _from_validation(failure: RequestValidationError) -> ApiError:
    first = failure.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, BadParameterError):
        return _bad_parameter(cause)
    if first["type"] == "json_invalid":
        return ApiError(400, f"the body is not JSON: {first['ctx']['error']}")
    if isinstance(first["input"], bytes):  # as the framework leaves a body that is called something else
        return ApiError(400, "the body is not called JSON: send the header `Content-Type: application/json`")
    place = format_location(first["loc"][1:]) or "the body"
    return ApiError(400, f"{place} {describe(first)}", details={"location": place})


def _no_such_route(scope: Scope) -> ApiError:
    path = scope["path"]
    hint = ""
    if path.endswith("/") and _routes_at(scope, path.rstrip("/")):
        hint = ": leave out the slash at its end"
    return ApiError(404, f"no such route {quoted(path, _PATH_SHOWN)}{hint}")


def _no_such_method(scope: Scope) -> ApiError:
    had = {method for route in _routes_at(scope, scope["path"]) for method in route.methods or ()}
    methods = sorted(had | {"HEAD"} if "GET" in had else had)
    message = f"{quoted(scope['path'], _PATH_SHOWN)} has no method {scope['method']}: it has {', '.join(methods)}"
    return ApiError(405, message, details={"methods": methods}, headers={"Allow": ", ".join(methods)})


def _routes_at(scope: Scope, path: str) -> list[Route]:
    routes: list[BaseRoute] = scope["app"].routes
    return [route for route in routes if isinstance(route, Route) and route.path_regex.match(path)]


def _bug(failure: BaseException) -> ApiError:
    """No traceback leaves the process; type and place are what somebody who reports the bug can pass on."""
    place = traceback.extract_tb(failure.__traceback__)[-1]
    what = f"{type(failure).__name__} in {place.name}, {place.filename.rpartition('/')[2]} line {place.lineno}"
    return ApiError(500, f"a bug in mockserver ({what}); please report it")
