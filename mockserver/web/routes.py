"""A route that sets up what FastAPI needs, so that requests that bypass FastAPI do not pay for it."""

import json
import re
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from mockserver.errors import ApiError
from mockserver.web.limits import MAX_FIELDS, MAX_VALUES


class JsonRequest(Request):
    """A request whose JSON is bounded in values, which take much more memory than text, and in fields of one object,
    as pydantic makes an error of each.
    """

    async def json(self) -> Any:
        body = await self.body()
        if _has_too_many_values(body):
            raise ApiError(400, f"the body has more than {MAX_VALUES:,} JSON values")
        return json.loads(body, object_pairs_hook=_bounded_object)


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


def _has_too_many_values(body: bytes) -> bool:
    """Each value but the first follows a comma or an opening bracket."""
    return _openers(body) > MAX_VALUES and _openers(_JSON_STRING.sub(b"", body)) > MAX_VALUES


def _openers(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def _bounded_object(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(fields) > MAX_FIELDS:
        raise ApiError(400, f"the body has an object with more than {MAX_FIELDS} fields")
    return dict(fields)
