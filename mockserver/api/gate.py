"""The gate that every request passes: numbered, authenticated, counted, answered, written down.

An ASGI middleware. Whatever goes wrong behind it, from an unknown route to a bug of ours, becomes the contract's error
body here.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver import wire
from mockserver.api.auth import bearer_token, no_good_token
from mockserver.api.delivery import AT_ONCE, deliver
from mockserver.api.refusals import as_api_error
from mockserver.api.scope import CALL, EMULATOR, OWN, SANDBOX
from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.journal import Call
from mockserver.rate_limit import REQUESTS_A_WINDOW
from mockserver.sandboxes import Sandbox

API_PATH = "/v1"
OPEN = frozenset({("GET", "/v1/")})
"""What of the API needs no token: the health check."""


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
        inner = {**scope, "method": "GET"} if call.method == "HEAD" else scope
        inner[EMULATOR], inner[CALL], inner[OWN], inner[SANDBOX] = emulator, call, None, None
        answer = _Answer(emulator, call, inner, receive, send, began)
        try:
            _refuse_latecomer(emulator)
            if answer.in_api:
                self._let_in(call, inner)
            _refuse_line_feed(scope["path"])
            await self._app(inner, receive, answer.send)
        except (Exception, asyncio.CancelledError) as failure:
            if answer.began:
                raise
            await error_response(call, as_api_error(failure, inner))(inner, receive, answer.send)
        finally:
            if call.delivery is not None:  # which may have taken its time
                answer.note_duration()
            if emulator.log.wants(call):  # once the answer has left, which it may do at the end of the loop's turn
                asyncio.get_running_loop().call_soon(emulator.log.request, call)

    def _let_in(self, call: Call, scope: Scope) -> None:
        emulator = self._emulator
        path = scope["path"]
        project_id = _project_in(path)
        if project_id is not None:
            _place(call, scope, emulator.sandboxes.find(project_id))
        if (scope["method"], path) in OPEN:
            return
        token = bearer_token(scope["headers"])
        scope[OWN] = own = emulator.sandboxes.of_token(token)
        if own is None and not emulator.is_good(token):
            raise no_good_token("this token is not one of those that the server was started with (--token)")
        call.token = token
        call.standing = emulator.rate_limit.count(token)
        if project_id is None:
            _place(call, scope, own)


class _Answer:
    """Sends an answer on, once it is written down: with its headers, and bent by the faults that struck it."""

    __slots__ = ("_call", "_call_began", "_emulator", "_receive", "_scope", "_send", "_start", "in_api")

    def __init__(
        self, emulator: Emulator, call: Call, scope: Scope, receive: Receive, send: Send, call_began: float
    ) -> None:
        self._emulator = emulator
        self._call = call
        self._scope = scope
        self._receive = receive
        self._send = send
        self._call_began = call_began
        self._start: Message = {}
        self.in_api = in_api(scope["path"])

    @property
    def began(self) -> bool:
        """Whether the client has got something already."""
        return bool(self._start)

    def note_duration(self) -> None:
        """Writes down how long the call has taken so far."""
        self._call.duration_ms = (self._emulator.clock.monotonic() - self._call_began) * 1000

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self._call.status = message["status"]
            self.note_duration()
            if self.in_api:
                message["headers"].extend(_rate_limit_headers(self._call))
                self._write_down()
            return
        await self._send_on(b"" if self._call.method == "HEAD" else message["body"])

    async def _send_on(self, body: bytes) -> None:
        """Sends the whole answer: all of ours come as one head and one body."""
        if self._call.delivery is not None:
            await deliver(self._emulator, self._scope, self._receive, self._send, self._start, body)
            return
        at_once = self._scope.get(AT_ONCE)
        if at_once is None or not at_once(self._scope, self._start, body):
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": body})

    def _write_down(self) -> None:
        sandbox: Sandbox | None = self._scope[SANDBOX]
        if sandbox is not None:
            sandbox.journal.add(self._call)


def _project_in(path: str) -> str | None:
    """The id of a project that an API path names, whether or not there is one; None where it names none."""
    parts = path.split("/", 6)
    at = 4 if parts[2:3] == ["teams"] else 2
    return parts[at + 1] if parts[at : at + 1] == ["projects"] and len(parts) > at + 1 else None


def _place(call: Call, scope: Scope, sandbox: Sandbox | None) -> None:
    """Notes which project a call is about, and the instant there: what it reads is of that instant."""
    scope[SANDBOX] = sandbox
    call.project_now = None if sandbox is None else sandbox.clock.now()


def _refuse_latecomer(emulator: Emulator) -> None:
    """A request that waited behind another one on its connection may begin when the server has ended."""
    if emulator.store.is_closed:
        raise ApiError(503, "the server was told to end before the request had its turn")


def _refuse_line_feed(path: str) -> None:
    """A route's pattern ends in "$", which lets one line feed pass."""
    if path.endswith("\n"):
        raise HTTPException(404)


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
