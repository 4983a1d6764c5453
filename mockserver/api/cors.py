"""Lets web pages of chosen origins call the API; never the control plane."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.api.gate import in_api

_EXPOSED = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after")
_PREFLIGHT_SECONDS = 600


class ApiCors:
    """Answers preflights, and marks answers of the API, for pages of these origins."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=("authorization", "content-type"),
            expose_headers=_EXPOSED,
            max_age=_PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared = scope["type"] == "http" and in_api(scope["path"])
        await (self._shared if shared else self._app)(scope, receive, send)
