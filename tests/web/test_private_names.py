"""The private and undocumented names of uvicorn, Starlette and FastAPI that mockserver uses."""

import asyncio
import inspect
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Annotated, Any, NamedTuple

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI, Query
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn import _types
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.connections import Connection, on_connection, request

WHOLE = "web/protocol.py sends head and body in one write; without this, a page costs twice the time to send"
RESETS = "web/protocol.py hands the transport to faults; without this, no fault can reset or truncate a response"
HOST = "web/protocol.py replaces the Host header by the host of an absolute target; without this, the wrong host counts"
WITHOUT_TASK = "web/protocol.py runs a request without a task until it waits; without this, none is answered"
BOUNDED = "web/bounded.py stops reading and parsing at a request that waits; without this, memory grows without bound"
DISCONNECTS = "web/protocol.py ends the wait for a client that disconnects; without this, a pipelined request waits on"
IDLE = "web/bounded.py closes idle connections with a timer of its own; without this, uvicorn starts one a response"
KNOWN = "web/protocol.py makes a cycle for a head that it knows, as uvicorn does for others; without this, it cannot"
NO_HTTP = (
    "web/protocol.py answers bytes that are not HTTP with the contract's error; without this, uvicorn's text is sent"
)
READY = "web/server.py logs the URL once the socket accepts; without this, no ready line is written"
GRACE = "web/server.py gives requests half a second at shutdown; without this, the server ends too late"
STACK = "app.py calls its middlewares without FastAPI's error handlers; without this, errors get the framework's bodies"
EXIT_STACK = "web/routes.py opens the exit stack of a request itself; without this, every route of FastAPI fails"
MATCHING = "api/operation.py matches paths itself; without this, an operation is not found, or gets no path parameters"
FAST = "api/operation.py reads common queries without FastAPI's solver; without this, a page takes twice as long"
STRICT = "api/operation.py checks the query before FastAPI does; without this, repeated parameters are accepted"
TYPES = "web/protocol.py annotates an override with this; without it, mypy fails"
RENDERED = "api/operation.py builds a response without Response.__init__; without this, it has no head or no body"
METHODS = "web/error_responses.py lists the methods of a path; without this, a 405 does not say which are allowed"
CORS = "web/cors.py tries a preflight before it answers; without this, a forbidden one gets the framework's body"
DOCUMENT = (
    "web/openapi.py removes the framework's 422 from the documents; without this, they describe responses never sent"
)


class Name(NamedTuple):
    """A name that mockserver uses: the type of its value or, for a function, the parameters."""

    owner: str
    name: str
    expected: str
    trick: str


OF_CLASSES = [
    Name("HttpToolsProtocol", "connection_made", "(self, transport)", RESETS),
    Name("HttpToolsProtocol", "on_message_begin", "(self)", RESETS),
    Name("HttpToolsProtocol", "on_headers_complete", "(self)", HOST),
    Name("HttpToolsProtocol", "connection_lost", "(self, exc)", DISCONNECTS),
    Name("HttpToolsProtocol", "_start_asgi_task", "(self, cycle, app)", DISCONNECTS),
    Name("HttpToolsProtocol", "send_400_response", "(self, msg)", NO_HTTP),
    Name("HttpToolsProtocol", "on_response_complete", "(self)", IDLE),
    Name("HttpToolsProtocol", "timeout_keep_alive_handler", "(self)", IDLE),
    Name("httptools_impl", "STATUS_LINE", "dict", WHOLE),
    Name("httptools_impl", "RequestResponseCycle", "type", WHOLE),
    Name("uvicorn._types", "ASGI3Application", "_CallableGenericAlias", TYPES),
    Name("uvicorn.Server", "startup", "(self, sockets)", READY),
    Name("Starlette", "__call__", "(self, scope, receive, send)", STACK),
    Name("Starlette", "build_middleware_stack", "(self)", STACK),
    Name("FastAPI", "build_middleware_stack", "(self)", STACK),
    Name("CORSMiddleware", "preflight_response", "(self, request_headers)", CORS),
    Name("APIRoute", "handle", "(self, scope, receive, send)", EXIT_STACK),
    Name("APIRoute", "get_route_handler", "(self)", STRICT),
]
OF_OBJECTS = [
    Name("protocol", "transport", "Wire", RESETS),
    Name("protocol", "scope", "dict", RESETS),
    Name("protocol", "url", "bytes", HOST),
    Name("protocol", "headers", "list", HOST),
    Name("protocol", "cycle", "RequestResponseCycle", WHOLE),
    Name("protocol", "flow", "Flow", WHOLE),
    Name("protocol", "tasks", "set", WITHOUT_TASK),
    Name("protocol", "timeout_keep_alive", "int", IDLE),
    Name("protocol", "server_state", "ServerState", IDLE),
    Name("protocol", "app", "Application", KNOWN),
    Name("protocol", "app_state", "dict", KNOWN),
    Name("protocol", "server", "NoneType", KNOWN),
    Name("protocol", "client", "NoneType", KNOWN),
    Name("protocol", "logger", "Logger", KNOWN),
    Name("protocol", "access_logger", "Logger", KNOWN),
    Name("protocol", "access_log", "bool", KNOWN),
    Name("protocol", "expect_100_continue", "bool", KNOWN),
    Name("protocol", "pipeline", "deque", BOUNDED),
    Name("flow", "write_paused", "bool", WHOLE),
    Name("flow", "read_paused", "bool", BOUNDED),
    Name("flow", "_transport", "Wire", BOUNDED),
    Name("cycle", "run_asgi", "(app)", WITHOUT_TASK),
    Name("cycle", "scope", "dict", WHOLE),
    Name("cycle", "more_body", "bool", KNOWN),
    Name("cycle", "keep_alive", "bool", WHOLE),
    Name("cycle", "default_headers", "list", WHOLE),
    Name("cycle", "response_started", "bool", WHOLE),
    Name("cycle", "response_complete", "bool", WHOLE),
    Name("cycle", "waiting_for_100_continue", "bool", WHOLE),
    Name("cycle", "on_response", "()", WHOLE),
    Name("cycle", "disconnected", "bool", DISCONNECTS),
    Name("cycle", "message_event", "Event", DISCONNECTS),
    Name("app", "middleware_stack", "NoneType", STACK),
    Name("app", "user_middleware", "list", STACK),
    Name("middleware", "cls", "type", STACK),
    Name("middleware", "args", "tuple", STACK),
    Name("middleware", "kwargs", "dict", STACK),
    Name("router", "route_class", "type", EXIT_STACK),
    Name("route", "path_regex", "Pattern", MATCHING),
    Name("route", "methods", "set", METHODS),
    Name("route", "endpoint", "(number)", FAST),
    Name("route", "body_field", "NoneType", FAST),
    Name("route", "dependant", "Dependant", FAST),
    Name("dependant", "path_params", "list", FAST),
    Name("dependant", "query_params", "list", FAST),
    Name("field", "name", "str", FAST),
    Name("field", "alias", "str", FAST),
    Name("field", "get_default", "()", FAST),
    Name("field", "validate", "(value, values, loc)", FAST),
    Name("response", "body", "bytes", RENDERED),
    Name("response", "status_code", "int", RENDERED),
    Name("response", "background", "NoneType", RENDERED),
    Name("response", "raw_headers", "list", RENDERED),
]
OWNERS: dict[str, Any] = {
    "HttpToolsProtocol": HttpToolsProtocol,
    "httptools_impl": httptools_impl,
    "uvicorn._types": _types,
    "uvicorn.Server": uvicorn.Server,
    "Starlette": Starlette,
    "FastAPI": FastAPI,
    "CORSMiddleware": CORSMiddleware,
    "APIRoute": APIRoute,
}


def shape(value: object) -> str:
    """A function's parameters, or the type's name of anything else."""
    if isinstance(value, FunctionType | MethodType):
        return f"({', '.join(inspect.signature(value).parameters)})"
    return type(value).__name__


def check(owner: object, name: Name) -> None:
    __tracebackhide__ = True
    actual = shape(getattr(owner, name.name)) if hasattr(owner, name.name) else "missing"
    if actual != name.expected:
        pytest.fail(f"{name.owner}.{name.name}: expected {name.expected}, got {actual}. {name.trick}")


def spelled(name: Name) -> str:
    return f"{name.owner}.{name.name}"


async def endpoint(number: Annotated[int, Query(alias="aNumber")] = 1) -> Response:
    return Response(b"%d" % number)


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    """One of each object that mockserver looks into; the connection has answered two pipelined requests."""
    seen: dict[str, Any] = {}

    async def act(connection: Connection) -> None:
        connection.protocol.data_received(request() + request())
        while tasks := connection.protocol.tasks:
            await asyncio.wait(tasks)
        seen["protocol"] = connection.protocol

    on_connection(act)
    protocol = seen["protocol"]
    app = FastAPI(middleware=[Middleware(CORSMiddleware, allow_origins=("http://localhost",))])
    route = APIRoute("/", endpoint)
    return seen | {
        "flow": protocol.flow,
        "cycle": protocol.cycle,
        "app": app,
        "router": app.router,
        "middleware": app.user_middleware[0],
        "route": route,
        "dependant": route.dependant,
        "field": route.dependant.query_params[0],
        "response": Response(b"body"),
    }


@pytest.mark.parametrize("name", OF_CLASSES, ids=spelled)
def test_a_name_of_a_class_or_module_is_as_expected(name: Name) -> None:
    check(OWNERS[name.owner], name)


@pytest.mark.parametrize("name", OF_OBJECTS, ids=spelled)
def test_a_name_of_an_object_is_as_expected(objects: dict[str, Any], name: Name) -> None:
    check(objects[name.owner], name)


def test_a_changed_name_fails_with_what_breaks() -> None:
    with pytest.raises(pytest.fail.Exception) as failure:
        check(Response(), Name("response", "head", "bytes", RENDERED))
    assert str(failure.value) == f"response.head: expected bytes, got missing. {RENDERED}"


# What the names mean


def test_the_status_lines_are_whole() -> None:
    assert httptools_impl.STATUS_LINE[200] == b"HTTP/1.1 200 OK\r\n", WHOLE


def test_protocol_cycle_and_scope_share_the_headers(objects: dict[str, Any]) -> None:
    protocol, cycle = objects["protocol"], objects["cycle"]
    assert cycle.scope is protocol.scope, WHOLE
    assert cycle.scope["headers"] is protocol.headers, HOST


def test_a_cycle_is_made_of_what_the_protocol_has() -> None:
    parameters = (
        "scope transport flow logger access_logger access_log default_headers message_event expect_100_continue "
        "keep_alive on_response"
    )
    assert " ".join(inspect.signature(httptools_impl.RequestResponseCycle).parameters) == parameters, KNOWN


def test_each_cycle_is_started_by_the_method_that_is_overridden(objects: dict[str, Any]) -> None:
    protocol = objects["protocol"]
    assert protocol._answering is protocol.cycle, DISCONNECTS
    assert protocol.cycle.response_complete


def test_the_grace_at_shutdown_may_be_a_fraction() -> None:
    fraction: Any = 0.5
    config = uvicorn.Config("app", log_config=None, timeout_graceful_shutdown=fraction)
    assert config.timeout_graceful_shutdown == fraction, GRACE


def test_a_field_is_validated_to_a_value_and_errors(objects: dict[str, Any]) -> None:
    field = objects["field"]
    assert (field.name, field.alias, field.get_default()) == ("number", "aNumber", 1), FAST
    assert field.validate("7") == (7, []), FAST
    assert field.validate("seven")[1], FAST


def test_a_pattern_finds_the_path_parameters() -> None:
    match = Route("/{name}", endpoint).path_regex.match("/a")
    assert match is not None, MATCHING
    assert match["name"] == "a", MATCHING


def test_a_route_needs_the_exit_stack_that_ours_opens(objects: dict[str, Any]) -> None:
    handle: Callable[[Request], Any] = objects["route"].get_route_handler()
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "path_params": {}}
    with pytest.raises(AssertionError, match="fastapi_middleware_astack not found"):
        asyncio.run(handle(Request(scope)))


def test_the_framework_describes_its_own_error_under_these_names() -> None:
    router = APIRouter()
    router.add_api_route("/", endpoint)
    document = get_openapi(title="", version="", routes=router.routes)
    assert "422" in document["paths"]["/"]["get"]["responses"], DOCUMENT
    assert document["components"]["schemas"].keys() == {"HTTPValidationError", "ValidationError"}, DOCUMENT
