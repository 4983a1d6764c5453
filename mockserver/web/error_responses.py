"""Turns exceptions, ours or the framework's, into the error that the client gets."""

import asyncio
import sqlite3
import traceback

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from mockserver.contract.pagination import BadParameterError
from mockserver.contract.vendor_paths import is_vendors
from mockserver.errors import ApiError, ErrorId, InvalidFieldError, shutting_down
from mockserver.messages import describe, format_location, location_of, quoted, sentence
from mockserver.store.queries import NotFoundError
from mockserver.web.context import CONTEXT
from mockserver.web.origin import is_control_path
from mockserver.web.preflight import explain_preflight

INVALID_BODY = "Request failed payload validation - see details"
"""The message for every invalid body in the API; the service's own."""

_BODY = "body"
"""Names the whole body in the details."""

_PATH_QUOTED = 500


def as_api_error(failure: BaseException, scope: Scope) -> ApiError:
    """The error for the client whose request ``failure`` ended; an exception not known here is a bug of ours."""
    match failure:
        case ApiError():
            return explain_preflight(failure, scope)
        case NotFoundError():
            return ApiError(404, f"no {failure}")
        case BadParameterError():
            return _bad_parameter(failure)
        case RequestValidationError():
            return _from_validation(failure, scope)
        case HTTPException(status_code=400 | 404 | 405):
            return _from_framework(failure, scope)
        case sqlite3.Error():
            return scope[CONTEXT].emulator.store.error(failure) or _bug(failure)
        case asyncio.CancelledError():
            return shutting_down()
        case _:
            return _bug(failure)


def _bad_parameter(failure: BadParameterError) -> ApiError:
    return InvalidFieldError(failure.parameter, failure.problem, ErrorId.INVALID_QUERY)


def _from_framework(failure: HTTPException, scope: Scope) -> ApiError:
    match failure:
        case HTTPException(__cause__=ApiError() as cause):
            return cause
        case HTTPException(status_code=400):
            return _invalid_body("cannot be read: it must be JSON, in UTF-8", scope)
        case HTTPException(status_code=404):
            return _no_such_route(scope)
        case _:
            return _no_such_method(scope)


def _from_validation(failure: RequestValidationError, scope: Scope) -> ApiError:
    errors = failure.errors()
    first = errors[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, BadParameterError):
        return _bad_parameter(cause)
    if first["type"] == "json_invalid":
        return _invalid_body(f"is not JSON: {first['ctx']['error']}", scope)
    if isinstance(first["input"], bytes):  # so the framework leaves a body of another content type
        return _invalid_body("is not declared as JSON: send the header `Content-Type: application/json`", scope)
    if is_control_path(scope["path"]):
        location = format_location(location_of(first)[1:])
        if first["loc"][0] == "query":
            return InvalidFieldError(location, describe(first), ErrorId.INVALID_QUERY)
        if not location:
            return _invalid_body(describe(first), scope)
        return ApiError(400, sentence(location, first), details={location: [describe(first)]})
    details: dict[str, list[str]] = {}
    for error in errors:
        details.setdefault(format_location(error["loc"][1:]) or _BODY, []).append(describe(error))
    return ApiError(400, INVALID_BODY, details=details)


def _invalid_body(problem: str, scope: Scope) -> ApiError:
    """The error for a whole body. The control plane is for people, so its message says what is wrong."""
    message = f"the body {problem}" if is_control_path(scope["path"]) else INVALID_BODY
    return ApiError(400, message, details={_BODY: [problem]})


def _no_such_route(scope: Scope) -> ApiError:
    path, shown = scope["path"], quoted(scope["path"], _PATH_QUOTED)
    if path.endswith("/") and _routes_at(scope, path.rstrip("/")):
        return ApiError(404, f"no such route {shown}: remove the slash at its end")
    if is_vendors(path):
        return ApiError(404, f"{shown} is not emulated: GET /openapi.json lists what is")
    return ApiError(404, f"no such route {shown}")


def _no_such_method(scope: Scope) -> ApiError:
    allowed = {method for route in _routes_at(scope, scope["path"]) for method in route.methods or ()}
    methods = sorted(allowed | {"HEAD"} if "GET" in allowed else allowed)
    path = quoted(scope["path"], _PATH_QUOTED)
    message = f"{path} does not support {scope['method']}: it supports {', '.join(methods)}"
    return ApiError(405, message, headers={"Allow": ", ".join(methods)})


def _routes_at(scope: Scope, path: str) -> list[Route]:
    routes: list[BaseRoute] = scope["app"].routes
    return [route for route in routes if isinstance(route, Route) and route.path_regex.match(path)]


def _bug(failure: BaseException) -> ApiError:
    """No traceback leaves the process, only what somebody who reports the bug can pass on: its type and location."""
    frame = traceback.extract_tb(failure.__traceback__)[-1]
    what = f"{type(failure).__name__} in {frame.name}, {frame.filename.rpartition('/')[2]} line {frame.lineno}"
    return ApiError(500, f"a bug in mockserver ({what}); please report it")
