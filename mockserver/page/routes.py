"""Serves the live page and its files, and sends browsers to it."""

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.page.files import FILES, PAGE, content, media_type
from mockserver.web.origin import CONTROL_PATH

PAGE_PATH = f"{CONTROL_PATH}/"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def routes() -> list[BaseRoute]:
    """The routes of the page. None of them is in an OpenAPI document, as they are for people."""
    return [
        Route("/", _redirect_browsers),
        Route(CONTROL_PATH, _redirect),
        Route(PAGE_PATH, _serve(PAGE)),
        Route("/favicon.ico", _serve("favicon.svg")),
        Route("/docs", _serve("docs.html")),
        Route(f"{CONTROL_PATH}/agents.md", _serve("agents.md")),
        Route(f"{CONTROL_PATH}/page/{{name:path}}", _serve_file),
    ]


async def _redirect_browsers(request: Request) -> Response:
    """A browser at the server's root wants to see the page; for other clients there is nothing."""
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return RedirectResponse(PAGE_PATH, 302)


async def _redirect(_: Request) -> Response:
    return RedirectResponse(PAGE_PATH, 302)


def _serve(name: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def serve(_: Request) -> Response:
        return Response(content(name), headers=HEADERS, media_type=media_type(name))

    return serve


async def _serve_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in FILES:
        raise HTTPException(404)
    return Response(content(name), headers=HEADERS, media_type=media_type(name))
