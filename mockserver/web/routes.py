"""A route that brings what the framework needs, so that requests which go round the framework need not pay for it."""

from contextlib import AsyncExitStack

from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send


class FrameworkRoute(APIRoute):
    """FastAPI handles a request inside an exit stack, opened by a middleware for all of them; here the route does."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as scope["fastapi_middleware_astack"]:
            await super().handle(scope, receive, send)
