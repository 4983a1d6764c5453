"""A route that sets up what FastAPI needs, so that requests that bypass FastAPI do not pay for it."""

from contextlib import AsyncExitStack

from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send


class FrameworkRoute(APIRoute):
    """Opens the exit stack that FastAPI handles a request in, which otherwise a middleware opens for every request."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as scope["fastapi_middleware_astack"]:
            await super().handle(scope, receive, send)
