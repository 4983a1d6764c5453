"""A route that sets up what FastAPI needs, so that requests that bypass FastAPI do not pay for it."""

import json
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from mockserver.errors import ApiError
from mockserver.web.limits import MAX_FIELDS


class JsonRequest(Request):
    """A request whose JSON has no object with more than ``MAX_FIELDS`` fields: pydantic makes an error of each."""

    async def json(self) -> Any:
        return json.loads(await self.body(), object_pairs_hook=_bounded_object)


class FrameworkRoute(APIRoute):
    """Opens the exit stack that FastAPI handles a request in, which otherwise a middleware opens for every request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_bounded(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_bounded

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as scope["fastapi_middleware_astack"]:
            await super().handle(scope, receive, send)


def _bounded_object(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(fields) > MAX_FIELDS:
        raise ApiError(400, f"the body has an object with more than {MAX_FIELDS} fields")
    return dict(fields)
