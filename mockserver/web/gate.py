"""The gate that every request passes: it numbers, authenticates, counts and records it, and sends the response.

An ASGI middleware. Whatever goes wrong behind it, from an unknown route to a bug of ours, becomes the contract's error
body here.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract import wire
from mockserver.emulator import Emulator
from mockserver.errors import ApiError, shutting_down
from mockserver.sandbox.records import RequestRecord, fingerprint
from mockserver.sandbox.sandbox import Sandbox
from mockserver.web.auth import bearer_token, unauthorized
from mockserver.web.delivery import BODY, SEND_WHOLE, send_with_effects
from mockserver.web.error_responses import as_api_error
from mockserver.web.heads import HEAD, Head, head_of
from mockserver.web.scope import EMULATOR, OWN, RECORD, REJECTED, SANDBOX

REQUEST_ID = b"x-request-id"
PUBLIC_ROUTES = frozenset({("GET", "/v1/")})
"""Routes of the API that need no token."""


class Gate:
    """Wraps an application. HEAD is passed on as GET, and the body of the response is dropped."""

    def __init__(self, app: ASGIApp, emulator: Emulator) -> None:
        self._app = app
        self._emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if REJECTED in scope:  # the protocol has responded already
            return
        emulator = self._emulator
        began = emulator.clock.monotonic()
        head: Head = scope.get(HEAD) or head_of(scope)
        scope["path"] = head.path
        record = emulator.record(scope["method"], head.raw_path, head.query)
        record.headers = head.sent
        inner = {**scope, "method": "GET"} if record.method == "HEAD" else scope
        inner[EMULATOR], inner[RECORD], inner[OWN], inner[SANDBOX] = emulator, record, None, None
        recorder = ResponseRecorder(emulator, record, inner, receive, send, started=began, is_api=head.is_api)
        try:
            _reject_after_shutdown(emulator)
            if head.is_api:
                self._authenticate(record, inner, head)
            _reject_line_feed(scope["path"])
            await self._app(inner, receive, recorder.send)
        except (Exception, asyncio.CancelledError) as failure:
            if recorder.began:
                raise
            error = scope.get(REJECTED) or as_api_error(failure, inner)
            await error_response(record, error)(inner, receive, recorder.send)
        finally:
            if record.effects is not None:  # which may have delayed the response
                record.effects = None
                recorder.record_duration()
                inner[SANDBOX].journal.revise()
            if emulator.log.wants(record):
                emulator.log.request(record)

    def _authenticate(self, record: RequestRecord, scope: Scope, head: Head) -> None:
        emulator = self._emulator
        project_id = head.project_id
        if project_id is not None:
            _set_sandbox(record, scope, emulator.sandboxes.find(project_id))
        elif (scope["method"], head.path) in PUBLIC_ROUTES:
            return
        token = head.token or bearer_token(scope["headers"])  # which says what is wrong with it
        scope[OWN] = own = emulator.sandboxes.by_token(token)
        if own is None and not emulator.accepts(token):
            raise unauthorized("this token is not one of those that the server accepts (--token)")
        record.token = fingerprint(token)
        if project_id is None:
            _set_sandbox(record, scope, own)
        sandbox: Sandbox | None = scope[SANDBOX]
        record.rate_limit_state = (emulator if sandbox is None else sandbox).rate_limit.count(token)


class ResponseRecorder:
    """Records a response, adds the headers that all responses have, and sends it with the effects of faults."""

    __slots__ = ("_emulator", "_is_api", "_receive", "_record", "_scope", "_send", "_start", "_started")

    def __init__(
        self,
        emulator: Emulator,
        record: RequestRecord,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        started: float,
        is_api: bool,
    ) -> None:
        self._emulator = emulator
        self._record = record
        self._scope = scope
        self._receive = receive
        self._send = send
        self._started = started
        self._start: Message = {}
        self._is_api = is_api

    @property
    def began(self) -> bool:
        """Whether the response has begun."""
        return bool(self._start)

    def record_duration(self) -> None:
        """Records how long the request has taken so far."""
        self._record.duration_ms = (self._emulator.clock.monotonic() - self._started) * 1000

    async def send(self, message: Message) -> None:
        """Takes a response: all of ours have one head and one body."""
        if message["type"] == "http.response.start":
            self._start = message
            self._record.status = message["status"]
            self.record_duration()
            message["headers"].append(request_id_header(self._record))
            if self._is_api:
                message["headers"].extend(_rate_limit_headers(self._record))
                sandbox: Sandbox | None = self._scope[SANDBOX]
                if sandbox is not None:
                    sandbox.journal.add(self._record)
            if BODY not in message:
                return
            body = message.pop(BODY)
        else:
            body = message["body"]
        if self._record.method == "HEAD":
            body = b""
        if self._record.effects is not None:
            await send_with_effects(
                self._emulator, self._scope, self._receive, self._send, start=self._start, body=body
            )
            return
        send_whole = self._scope.get(SEND_WHOLE)
        if send_whole is None or not send_whole(self._scope, self._start, body):
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": body})


def _set_sandbox(record: RequestRecord, scope: Scope, sandbox: Sandbox | None) -> None:
    """Sets the project of a request, and its instant there: everything that the request reads is as of that instant."""
    scope[SANDBOX] = sandbox
    record.project_time = None if sandbox is None else sandbox.clock.at(record.arrived)


def _reject_after_shutdown(emulator: Emulator) -> None:
    """A request that waited behind another one on its connection may begin after the store was closed."""
    if emulator.store.is_closed:
        raise shutting_down()


def _reject_line_feed(path: str) -> None:
    """A route's pattern ends in "$", which allows one trailing line feed."""
    if path.endswith("\n"):
        raise HTTPException(404)


def error_response(record: RequestRecord, error: ApiError) -> Response:
    """The error response to a request, whose record keeps the message."""
    record.message, record.error_id = error.message, error.error_id
    record.retry_after = error.headers.get("Retry-After")
    body = wire.error(error.status, error.message, error.error_id, error.details)
    return Response(wire.to_bytes(body), error.status, error.headers, media_type="application/json")


def request_id_header(record: RequestRecord) -> tuple[bytes, bytes]:
    """The header that names this one response, and leads to its entry in journal and log."""
    return REQUEST_ID, record.request_id.encode()


def _rate_limit_headers(record: RequestRecord) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-ratelimit-limit", b"%d" % record.rate_limit_state.limit),
        (b"x-ratelimit-remaining", b"%d" % record.rate_limit_state.remaining),
        (b"x-ratelimit-reset", b"%d" % record.rate_limit_state.reset),
    ]
