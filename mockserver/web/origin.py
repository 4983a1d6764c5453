"""Protects the control plane from web pages: only safe host names and its own origin are accepted."""

from collections.abc import Awaitable, Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.errors import ApiError, ErrorId
from mockserver.messages import excerpt, quoted
from mockserver.settings import option_name, variable_name
from mockserver.web.host import is_allowed, parse_host

CONTROL_PATH = "/_mock"

_NAME_MAX = 300
"""How much of a host or an origin a message repeats; a name of the DNS has at most 253 characters."""

PROBES = (f"{CONTROL_PATH}/health", f"{CONTROL_PATH}/ready")
"""Load balancers and orchestrators GET these with a Host header of their own choice."""


class ControlGuard:
    """Checks the headers Host, Origin and Sec-Fetch-Site of requests to the control plane.

    ``names`` are host names to allow in addition to those that no stranger can register.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = tuple(names)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and is_control_path(scope["path"]):
            headers = Headers(scope=scope)
            host = _single_host(headers)
            if host is not None and not (scope["method"] == "GET" and scope["path"] in PROBES):
                self._check_host(host)
            _check_origin(headers, f"{scope['scheme']}://{host or ''}")
            _check_site(headers, scope["method"])
        return self._app(scope, receive, send)

    def _check_host(self, header: str) -> None:
        if is_allowed(header, self._names):
            return
        name = parse_host(header)
        if name is None:
            raise ApiError(403, f"the Host header {quoted(header)} is neither a host name nor an IP address")
        name = excerpt(name, _NAME_MAX)
        option, variable = option_name("allow_host"), variable_name("allow_host")
        raise ApiError(
            403,
            f"the control plane does not accept the host name {name}, which a foreign web page could have: if it is "
            f"yours, start the server with {option} {name} (or set {variable}={name})",
        )


def is_control_path(path: str) -> bool:
    return path == CONTROL_PATH or path.startswith(f"{CONTROL_PATH}/")


def _single_host(headers: Headers) -> str | None:
    """The Host header; None if there is none, as in HTTP/1.0 (browsers always send one)."""
    hosts = headers.getlist("host")
    if len(hosts) > 1:
        raise ApiError(400, "more than one Host header: send one", error_id=ErrorId.INVALID_REQUEST)
    return hosts[0] if hosts else None


def _check_origin(headers: Headers, own: str) -> None:
    for origin in headers.getlist("origin"):
        if origin != own:
            raise ApiError(
                403,
                f"the control plane accepts no requests from pages of {excerpt(origin, _NAME_MAX)}: "
                "use a page of its own origin, or a client that sends no Origin header",
            )


def _check_site(headers: Headers, method: str) -> None:
    """Rejects requests from pages of other sites, except for a link to the control plane that a person follows."""
    followed_link = (
        method == "GET"
        and headers.getlist("sec-fetch-mode") == ["navigate"]
        and headers.getlist("sec-fetch-dest") == ["document"]
    )
    if "cross-site" in headers.getlist("sec-fetch-site") and not followed_link:
        raise ApiError(
            403, "the control plane accepts no requests from pages of other sites (Sec-Fetch-Site: cross-site)"
        )
