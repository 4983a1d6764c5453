"""How an emulated operation is declared: its name and permission, its twin for teams, its errors, its query."""

from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from mockserver.api.admission import check_permission
from mockserver.contract import wire
from mockserver.contract.operations import OperationName
from mockserver.contract.pagination import parse_once
from mockserver.contract.permissions import Permission
from mockserver.contract.versions import SOURCE_PARAMETERS, Contract
from mockserver.web.routes import FrameworkRoute
from mockserver.web.schemas import NEEDS_TOKEN, RATE_LIMIT_HEADERS, error_responses
from mockserver.web.scope import emulator_of, record_of, sandbox_of

Endpoint = Callable[..., Coroutine[Any, Any, Response]]

_INFO = "__mockserver_operation__"


@dataclass(frozen=True, slots=True)
class OperationInfo:
    """What an operation is called, and which permission it needs."""

    name: OperationName
    permission: Permission | None = None


class Operation(FrameworkRoute):
    """A route whose declared query parameters come once each and with a value; others are ignored, and noted.

    The framework's dependency solver takes longer than the operation. A request of the common shape, whose query has
    nothing but declared parameters, each once and well-formed, goes round it; any other takes the framework's way. Both
    validate with the declared parameters and end in the same function.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        described: OperationInfo = getattr(endpoint, _INFO)
        self._info = described
        (self._method,) = self.methods or ("GET",)
        self._path_names = [(field.alias, field.name) for field in self.dependant.path_params]
        self._query_fields = {
            field.alias: field for field in self.dependant.query_params if field.alias not in SOURCE_PARAMETERS
        }
        self._defaults = {field.name: field.get_default() for field in self.dependant.query_params}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the framework's, without what no operation has: parts of a path that are no text, mounted parents."""
        found = self.path_regex.match(scope["path"])
        if found is None or scope["type"] != "http":
            return Match.NONE, {}
        match = Match.FULL if scope["method"] == self._method else Match.PARTIAL
        return match, {"path_params": found.groupdict()}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        arguments = self._common_arguments(scope)
        if arguments is None:
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        self._begin(request)
        response = await self.endpoint(request, **arguments)
        await response(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        solve = super().get_route_handler()
        declared = frozenset(parameter.alias for parameter in self.dependant.query_params)

        async def handle(request: Request) -> Response:
            self._begin(request)
            _check_query(request, declared)
            return await solve(request)

        return handle

    def _begin(self, request: Request) -> None:
        record_of(request).operation = self._info.name
        check_permission(request, self._info.permission)

    def _common_arguments(self, scope: Scope) -> dict[str, Any] | None:
        """The endpoint's arguments, for a request of the common shape; None for any other."""
        query: bytes = scope["query_string"]
        if self.body_field is not None or scope["method"] != self._method or b"%" in query or b"+" in query:
            return None
        arguments = self._defaults.copy()
        given = scope["path_params"]
        for alias, name in self._path_names:
            arguments[name] = given[alias]
        if not query:
            return arguments
        seen: set[str] = set()
        for pair in query.decode("latin-1").split("&"):
            alias, _, text = pair.partition("=")
            field = self._query_fields.get(alias)
            if field is None or not text or alias in seen:
                return None
            seen.add(alias)
            arguments[field.name], errors = field.validate(text)
            if errors:
                return None
        return arguments


def operation(
    router: APIRouter,
    path: str,
    *,
    name: OperationName,
    permission: Permission,
    response: dict[str, Any],
    errors: Collection[int] = (400, 401, 403, 404, 429),
    method: str = "GET",
    **described: Any,
) -> Callable[[Endpoint], Endpoint]:
    """Declares an operation at ``/v1`` + ``path``, and its twin at ``/v1/teams/{teamId}`` + ``path``."""
    described |= {
        "methods": [method],
        "responses": {200: response | {"headers": RATE_LIMIT_HEADERS}} | error_responses(errors),
        "openapi_extra": NEEDS_TOKEN,
        "description": f"{described['description']} Needs the permission {permission}.",
    }

    def declare(endpoint: Endpoint) -> Endpoint:
        operation_name(name, permission)(endpoint)
        router.add_api_route(f"/v1{path}", endpoint, operation_id=name, **described)
        router.add_api_route(
            f"/v1/teams/{{teamId}}{path}",
            endpoint,
            operation_id=f"{name}-of-team",
            dependencies=[Depends(_any_team)],
            **described,
        )
        return endpoint

    return declare


def operation_name(name: OperationName, permission: Permission | None = None) -> Callable[[Endpoint], Endpoint]:
    """Says what an endpoint's operation is called, and which permission it needs."""

    def name_it(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _INFO, OperationInfo(name, permission))
        return endpoint

    return name_it


def contract_of(request: Request) -> Contract:
    """Which contract holds for a request: its project's, else the server's."""
    sandbox = sandbox_of(request)
    return emulator_of(request).settings.contract if sandbox is None else sandbox.contract


class RenderedResponse(Response):
    """A 200 with that JSON. The head is put together here, at a fifth of what the framework takes for it."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.status_code = 200
        self.background = None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


def json_response(body: object) -> Response:
    """A 200 with that body."""
    return RenderedResponse(wire.to_bytes(body))


async def _any_team(teamId: Annotated[str, Path(description="The team's id; any will do.")]) -> None:  # noqa: N803
    """Declares the parameter; every team has the same projects."""


def _check_query(request: Request, declared: frozenset[str]) -> None:
    query: bytes = request.scope["query_string"]
    if not query:
        return
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    unknown_here = SOURCE_PARAMETERS if contract_of(request) is Contract.V2024 else ()
    for name, values in given.items():
        if name in declared and name not in unknown_here:
            parse_once(name, values)
        else:
            record_of(request).ignore(name)
