"""The gate that every request passes: numbered, authenticated, counted, answered, logged.

An ASGI middleware. Whatever goes wrong behind it, from an unknown route to a bug of ours, becomes the contract's error
body here.
"""

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver import wire
from mockserver.api.auth import bearer_token
from mockserver.api.refusals import as_api_error
from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.journal import Call
from mockserver.rate_limit import REQUESTS_A_WINDOW

API_PATH = "/v1"
OPEN = frozenset({("GET", "/v1/")})
"""What of the API needs no token: the health check."""

CALL = "mockserver.call"
"""Where in the ASGI scope the call is."""


class Gate:
    """Wraps an application. HEAD is handed on as GET, and the answer's body kept back."""

    def __init__(self, app: ASGIApp, emulator: Emulator) -> None:
        self._app = app
        self._emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        emulator = self._emulator
        began = emulator.clock.monotonic()
        call = emulator.call(scope["method"], _raw_path(scope), scope["query_string"].decode("latin-1"))
        answer = _Answer(call, send, in_api=in_api(scope["path"]))
        inner = {**scope, CALL: call, "method": "GET" if call.method == "HEAD" else call.method}
        try:
            if answer.in_api and (inner["method"], scope["path"]) not in OPEN:
                call.token = bearer_token(scope["headers"], emulator.settings.token)
                call.standing = emulator.rate_limit.count(call.token)
            if scope["path"].endswith("\n"):  # a route's pattern ends in "$", which lets one line feed pass
                raise HTTPException(404)
            await self._app(inner, receive, answer.send)
        except Exception as failure:
            if call.status:
                raise
            await error_response(call, as_api_error(failure, inner))(inner, receive, answer.send)
        finally:
            call.duration_ms = (emulator.clock.monotonic() - began) * 1000
            emulator.log.request(call)


class _Answer:
    """Sends an answer on: notes its status, adds the rate limit's headers, keeps a HEAD's body back."""

    def __init__(self, call: Call, send: Send, *, in_api: bool) -> None:
        self._call = call
        self._send = send
        self.in_api = in_api

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._call.status = message["status"]
            if self.in_api:
                message["headers"].extend(_rate_limit_headers(self._call))
        elif self._call.method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)


def in_api(path: str) -> bool:
    """Whether a path belongs to the emulated API."""
    return path == API_PATH or path.startswith(f"{API_PATH}/")


def error_response(call: Call, error: ApiError) -> Response:
    """The answer to a call that something is wrong with; the call notes what."""
    call.message = error.message
    body = wire.error(error.status, error.message, call.error_id, error.details)
    return Response(wire.to_bytes(body), error.status, error.headers, media_type="application/json")


def _rate_limit_headers(call: Call) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-ratelimit-limit", b"%d" % REQUESTS_A_WINDOW),
        (b"x-ratelimit-remaining", b"%d" % call.standing.remaining),
        (b"x-ratelimit-reset", b"%d" % call.standing.reset),
    ]


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")
