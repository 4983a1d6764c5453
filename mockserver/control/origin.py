"""Keeps foreign web pages from the control plane: a browser says where a page comes from, and only ours may call it."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.errors import ApiError

CONTROL_PATH = "/_mock"


class OriginGuard:
    """Refuses any ``Origin`` but the server's own under the control plane's path, whatever the method."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["path"].startswith(CONTROL_PATH):
            _refuse_foreign(scope)
        return self._app(scope, receive, send)


def _refuse_foreign(scope: Scope) -> None:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    own = scope["scheme"].encode() + b"://" + headers.get(b"host", b"")
    if origin is not None and origin != own:
        raise ApiError(
            403,
            f"the control plane takes no calls from pages of {origin.decode('latin-1')}: only from its own origin, "
            "or from clients that send no Origin",
        )
