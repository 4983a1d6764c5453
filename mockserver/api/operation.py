"""How an emulated operation is declared: its twin for teams, its errors, and its query, read strictly."""

from collections.abc import Callable, Collection, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.routing import APIRoute

from mockserver import wire
from mockserver.api.gate import CALL
from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.journal import Call
from mockserver.pagination import parse_once
from mockserver.rate_limit import REQUESTS_A_WINDOW

Responses = dict[int | str, dict[str, Any]]
Endpoint = Callable[..., Coroutine[Any, Any, Response]]

BEARER = "bearer"
"""The name of the security scheme in the OpenAPI document."""

NEEDS_TOKEN: dict[str, Any] = {"security": [{BEARER: []}]}
"""What an operation that needs a token adds to its description."""

RATE_LIMIT_HEADERS = {
    "x-ratelimit-limit": {"description": "Requests an hour for a token.", "schema": {"type": "integer"}},
    "x-ratelimit-remaining": {"description": "How many of them are left.", "schema": {"type": "integer"}},
    "x-ratelimit-reset": {"description": "Seconds until the token's hour ends.", "schema": {"type": "integer"}},
}
"""What every answer of the API carries, as the OpenAPI document describes it."""

ERRORS = {
    400: "A query parameter is not what is allowed; `details` names it.",
    401: "There is no bearer token, or not a good one.",
    403: "The token lacks the operation's permission.",
    404: "There is no such project, addon or backup; the message says which.",
    429: "The token's requests for this hour are used up, and the limit is enforced.",
}


class Operation(APIRoute):
    """A route whose declared query parameters come once each and with a value; others are ignored, and noted."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        solve = super().get_route_handler()
        declared = frozenset(parameter.alias for parameter in self.dependant.query_params)

        async def handle(request: Request) -> Response:
            _check_query(request, declared)
            return await solve(request)

        return handle


def operation(
    router: APIRouter, path: str, *, name: str, answer: dict[str, Any], errors: Collection[int], **described: Any
) -> Callable[[Endpoint], Endpoint]:
    """Declares a GET operation at ``/v1`` + ``path``, and its twin at ``/v1/teams/{teamId}`` + ``path``."""
    described |= {
        "responses": {200: answer | {"headers": RATE_LIMIT_HEADERS}} | error_responses(errors),
        "openapi_extra": NEEDS_TOKEN,
    }

    def declare(endpoint: Endpoint) -> Endpoint:
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


def error_responses(statuses: Collection[int]) -> Responses:
    """How the OpenAPI document describes the errors that an operation can end in."""
    return {
        status: {"description": ERRORS[status], "model": wire.ErrorBody, "headers": RATE_LIMIT_HEADERS}
        for status in statuses
    }


def emulator_of(request: Request) -> Emulator:
    """The server that a request came to."""
    emulator: Emulator = request.app.state.emulator
    return emulator


def call_of(request: Request) -> Call:
    """What is known of a request so far."""
    call: Call = request.scope[CALL]
    return call


def admit(request: Request) -> None:
    """Raises ApiError 429 where the token's requests are used up and that is enforced. Told last: after a 404."""
    standing = call_of(request).standing
    if standing.exceeded and emulator_of(request).rate_limit.enforced:
        raise ApiError(
            429,
            f"the rate limit of {REQUESTS_A_WINDOW} requests an hour is used up: "
            f"the token's next hour begins in {standing.reset} seconds",
            details={"resetSeconds": standing.reset},
            headers={"Retry-After": str(standing.reset)},
        )


async def _any_team(teamId: Annotated[str, Path(description="The team's id; any will do.")]) -> None:  # noqa: N803
    """Declares the parameter; every team has the same projects."""


def _check_query(request: Request, declared: frozenset[str]) -> None:
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    for name, values in given.items():
        if name in declared:
            parse_once(name, values)
        else:
            call_of(request).ignored_parameters.append(name)
