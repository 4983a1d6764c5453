"""How an emulated operation is declared: name, permission, errors, query parameters, and its second path for teams."""

from collections.abc import Callable, Collection, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from mockserver.contract import wire
from mockserver.contract.operations import OperationName
from mockserver.contract.pagination import parse_once
from mockserver.contract.permissions import Permission
from mockserver.contract.versions import SOURCE_PARAMETERS, Contract
from mockserver.web.auth import missing_permission
from mockserver.web.context import CONTEXT, RequestContext
from mockserver.web.delivery import BODY
from mockserver.web.routes import FrameworkRoute
from mockserver.web.schemas import NEEDS_TOKEN, RESPONSE_HEADERS, error_responses

Endpoint = Callable[..., Coroutine[Any, Any, Response]]

_OPERATION = "__mockserver_operation__"
"""The attribute of an endpoint that has its operation's name, and the permission that this requires, if any."""


class Operation(FrameworkRoute):
    """A route that accepts each declared query parameter at most once and never empty, and records and ignores others.

    A request in the common form has no body, and only declared parameters in its query, each once and valid. It
    bypasses the framework (see ``Dispatch``). Either way, the declared parameters validate it and the endpoint is the
    same.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        operation: tuple[OperationName, Permission | None] = getattr(endpoint, _OPERATION)
        self._operation, self._permission = operation
        (self._method,) = self.methods or ("GET",)
        self._path_names = [(field.alias, field.name) for field in self.dependant.path_params]
        self._query_models: dict[str, Any] = {
            field.name: field.field_info.annotation for field in self.dependant.query_params
        }
        self._query_names = frozenset(
            field.alias or name for model in self._query_models.values() for name, field in model.model_fields.items()
        )
        self._defaults = {name: model() for name, model in self._query_models.items()}
        self._common_names = self._query_names.difference(SOURCE_PARAMETERS)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        solve = super().get_route_handler()

        async def handle(request: Request) -> Response:
            context = request.scope[CONTEXT]
            self.begin(context)
            _check_query(context, request.scope["query_string"], self._query_names)
            return await solve(request)

        return handle

    def begin(self, context: RequestContext) -> None:
        """Records the operation; raises ApiError if the token lacks its permission."""
        context.record.operation = self._operation
        required = self._permission
        if context.own is not None and required is not None and not context.own.permits(required):
            raise missing_permission(required)

    def common_arguments(self, method: str, path: str, query: bytes) -> dict[str, Any] | None:
        """The endpoint's arguments if a request is for this operation and in the common form, else None."""
        if method != self._method or self.body_field is not None or b"%" in query or b"+" in query:
            return None
        in_path = self.path_regex.match(path)
        if in_path is None:
            return None
        arguments = self._defaults | {name: in_path[alias] for alias, name in self._path_names}
        if not query:
            return arguments
        values: dict[str, str] = {}
        for pair in query.decode("latin-1").split("&"):
            name, _, text = pair.partition("=")
            if name not in self._common_names or not text or name in values:
                return None
            values[name] = text
        try:
            return arguments | {name: model.model_validate(values) for name, model in self._query_models.items()}
        except ValidationError:
            return None


def operation(
    router: APIRouter,
    path: str,
    *,
    name: OperationName,
    permission: Permission | None = None,
    response: dict[str, Any],
    errors: Collection[int] = (400, 401, 404, 429),
    method: str = "GET",
    **options: Any,
) -> Callable[[Endpoint], Endpoint]:
    """Declares an operation at ``/v1`` + ``path``; if it requires a permission, also below ``/v1/teams/{teamId}``."""
    options |= {
        "methods": [method],
        "responses": {200: response | {"headers": RESPONSE_HEADERS}} | error_responses(errors),
        "openapi_extra": NEEDS_TOKEN,
    }
    if permission is not None:
        options["description"] += f" Requires the permission {permission}."

    def declare(endpoint: Endpoint) -> Endpoint:
        operation_name(name, permission)(endpoint)
        router.add_api_route(f"/v1{path}", endpoint, operation_id=name, **options)
        if permission is not None:
            team_path, team = f"/v1/teams/{{teamId}}{path}", [Depends(_any_team)]
            router.add_api_route(team_path, endpoint, operation_id=f"{name}-of-team", dependencies=team, **options)
        return endpoint

    return declare


def operation_name(name: OperationName, permission: Permission | None = None) -> Callable[[Endpoint], Endpoint]:
    """Sets the operation's name on an endpoint, and the permission that it requires."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _OPERATION, (name, permission))
        return endpoint

    return decorate


class RenderedResponse(Response):
    """A 200 with JSON that is already rendered; its headers cost a fifth of what the framework's do."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.status_code = 200
        self.background = None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers, BODY: self.body}
        )


def json_response(body: object) -> Response:
    """A 200 with ``body`` as JSON."""
    return RenderedResponse(wire.to_bytes(body))


async def _any_team(teamId: Annotated[str, Path(description="The team's id; any id is accepted.")]) -> None:  # noqa: N803
    """Declares the parameter only: every team has the same projects."""


def _check_query(context: RequestContext, query: bytes, declared: frozenset[str]) -> None:
    values_by_name: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        values_by_name.setdefault(name, []).append(value)
    if context.contract is Contract.V2024:
        declared = declared.difference(SOURCE_PARAMETERS)
    for name, values in values_by_name.items():
        if name in declared:
            parse_once(name, values)
        else:
            context.record.ignore(name)
