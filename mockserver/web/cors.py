"""Lets web pages of chosen origins use the API, but never the control plane."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.web.delivery import SEND_WHOLE
from mockserver.web.heads import is_api_path
from mockserver.web.preflight import ALLOWED_HEADERS, ALLOWED_METHODS, is_preflight

_EXPOSED = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id", "retry-after")
_PREFLIGHT_SECONDS = 600


class ApiCors:
    """Responds to preflight requests, and adds CORS headers to responses of the API, for pages of ``origins``.

    A preflight request for something that is not allowed is handled like any other request, and gets its error body.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=ALLOWED_METHODS,
            allow_headers=ALLOWED_HEADERS,
            expose_headers=_EXPOSED,
            max_age=_PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_api_path(scope["path"]) and not self._is_rejected_preflight(scope):
            # without SEND_WHOLE, which would bypass the middleware that adds the headers
            await self._cors({key: value for key, value in scope.items() if key != SEND_WHOLE}, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_rejected_preflight(self, scope: Scope) -> bool:
        return is_preflight(scope) and self._cors.preflight_response(Headers(scope=scope)).status_code != 200
