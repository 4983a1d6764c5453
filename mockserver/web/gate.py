"""The gate that every request passes: numbered, authenticated, counted, answered, written down.

An ASGI middleware. Whatever goes wrong behind it, from an unknown route to a bug of ours, becomes the contract's error
body here.
"""

import asyncio
import re
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract import wire
from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.rate_limit import REQUESTS_PER_WINDOW
from mockserver.sandbox.journal import RequestRecord, fingerprint
from mockserver.sandbox.sandboxes import Sandbox
from mockserver.web.auth import bearer_token, unauthorized
from mockserver.web.bounded import REJECTED
from mockserver.web.delivery import SEND_WHOLE, send_with_effects
from mockserver.web.error_responses import as_api_error
from mockserver.web.scope import EMULATOR, OWN, RECORD, SANDBOX

API_PATH = "/v1"
PUBLIC_ROUTES = frozenset({("GET", "/v1/")})
"""What of the API needs no token: the health check."""

_ENCODED_SLASH = re.compile("%(2f)", re.IGNORECASE)


class Gate:
    """Wraps an application. HEAD is handed on as GET, and the answer's body kept back."""

    def __init__(self, app: ASGIApp, emulator: Emulator) -> None:
        self._app = app
        self._emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if REJECTED in scope:  # before its turn, and answered
            return
        emulator = self._emulator
        began = emulator.clock.monotonic()
        path = _raw_path(scope)
        if "%2" in path and "raw_path" in scope:
            scope["path"] = _decoded(path)
        record = emulator.record(scope["method"], path, scope["query_string"].decode("latin-1"))
        inner = {**scope, "method": "GET"} if record.method == "HEAD" else scope
        inner[EMULATOR], inner[RECORD], inner[OWN], inner[SANDBOX] = emulator, record, None, None
        answer = ResponseRecorder(emulator, record, inner, receive, send, call_began=began)
        try:
            _reject_after_shutdown(emulator)
            if answer.in_api:
                self._authenticate(record, inner)
            _reject_line_feed(scope["path"])
            await self._app(inner, receive, answer.send)
        except (Exception, asyncio.CancelledError) as failure:
            if answer.began:
                raise
            error = scope.get(REJECTED) or as_api_error(failure, inner)
            await error_response(record, error)(inner, receive, answer.send)
        finally:
            if record.effects is not None:  # which may have taken its time
                record.effects = None
                answer.record_duration()
            if emulator.log.wants(record):
                emulator.log.request(record)

    def _authenticate(self, record: RequestRecord, scope: Scope) -> None:
        emulator = self._emulator
        path = scope["path"]
        project_id = _project_in(path)
        if project_id is not None:
            _set_sandbox(record, scope, emulator.sandboxes.find(project_id))
        if (scope["method"], path) in PUBLIC_ROUTES:
            return
        token = bearer_token(scope["headers"])
        scope[OWN] = own = emulator.sandboxes.by_token(token)
        if own is None and not emulator.accepts(token):
            raise unauthorized("this token is not one of those that the server was started with (--token)")
        record.token = fingerprint(token)
        record.rate_limit_state = emulator.rate_limit.count(token)
        if project_id is None:
            _set_sandbox(record, scope, own)


class ResponseRecorder:
    """Sends an answer on, once it is written down: with its headers, and bent by the faults that struck it."""

    __slots__ = ("_call", "_call_began", "_emulator", "_receive", "_scope", "_send", "_start", "in_api")

    def __init__(
        self,
        emulator: Emulator,
        record: RequestRecord,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        call_began: float,
    ) -> None:
        self._emulator = emulator
        self._call = record
        self._scope = scope
        self._receive = receive
        self._send = send
        self._call_began = call_began
        self._start: Message = {}
        self.in_api = is_api_path(scope["path"])

    @property
    def began(self) -> bool:
        """Whether the client has got something already."""
        return bool(self._start)

    def record_duration(self) -> None:
        """Writes down how long the call has taken so far."""
        self._call.duration_ms = (self._emulator.clock.monotonic() - self._call_began) * 1000

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self._call.status = message["status"]
            self.record_duration()
            if self.in_api:
                message["headers"].extend(_rate_limit_headers(self._call))
                self._record()
            return
        await self._send_on(b"" if self._call.method == "HEAD" else message["body"])

    async def _send_on(self, body: bytes) -> None:
        """Sends the whole answer: all of ours come as one head and one body."""
        if self._call.effects is not None:
            await send_with_effects(
                self._emulator, self._scope, self._receive, self._send, start=self._start, body=body
            )
            return
        send_whole = self._scope.get(SEND_WHOLE)
        if send_whole is None or not send_whole(self._scope, self._start, body):
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": body})

    def _record(self) -> None:
        sandbox: Sandbox | None = self._scope[SANDBOX]
        if sandbox is not None:
            sandbox.journal.add(self._call)


def _project_in(path: str) -> str | None:
    """The id of a project that an API path names, whether or not there is one; None where it names none."""
    parts = path.split("/", 6)
    at = 4 if parts[2:3] == ["teams"] else 2
    return parts[at + 1] if parts[at : at + 1] == ["projects"] and len(parts) > at + 1 else None


def _set_sandbox(record: RequestRecord, scope: Scope, sandbox: Sandbox | None) -> None:
    """Notes which project a call is about, and the instant there: what it reads is of that instant."""
    scope[SANDBOX] = sandbox
    record.project_time = None if sandbox is None else sandbox.clock.now()


def _reject_after_shutdown(emulator: Emulator) -> None:
    """A request that waited behind another one on its connection may begin when the server has ended."""
    if emulator.store.is_closed:
        raise ApiError(503, "the server was told to end before the request had its turn")


def _reject_line_feed(path: str) -> None:
    """A route's pattern ends in "$", which lets one line feed pass."""
    if path.endswith("\n"):
        raise HTTPException(404)


def is_api_path(path: str) -> bool:
    """Whether a path belongs to the emulated API."""
    return path == API_PATH or path.startswith(f"{API_PATH}/")


def error_response(record: RequestRecord, error: ApiError) -> Response:
    """The answer to a call that something is wrong with; the call notes what."""
    record.message = error.message
    body = wire.error(error.status, error.message, record.error_id, error.details)
    return Response(wire.to_bytes(body), error.status, error.headers, media_type="application/json")


def _rate_limit_headers(record: RequestRecord) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-ratelimit-limit", b"%d" % REQUESTS_PER_WINDOW),
        (b"x-ratelimit-remaining", b"%d" % record.rate_limit_state.remaining),
        (b"x-ratelimit-reset", b"%d" % record.rate_limit_state.reset),
    ]


def _decoded(path: str) -> str:
    """A path without percent-encoding, but for slashes: ``%2F`` is part of an id, and no end of it."""
    return unquote(_ENCODED_SLASH.sub(r"%25\1", path))


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")
