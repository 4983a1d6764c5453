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
from mockserver.rate_limit import RateLimitState
from mockserver.sandbox.records import RequestRecord, fingerprint
from mockserver.sandbox.sandbox import Sandbox
from mockserver.web.auth import bearer_token, unauthorized
from mockserver.web.context import CONTEXT, REJECTED, RequestContext
from mockserver.web.delivery import BODY, SEND_WHOLE, EffectsSender
from mockserver.web.error_responses import as_api_error
from mockserver.web.heads import HEAD, Head, head_of

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
        context = scope[CONTEXT] = RequestContext(emulator, record)
        inner = {**scope, "method": "GET"} if record.method == "HEAD" else scope
        recorder = ResponseRecorder(context, inner, receive, send, started=began, is_api=head.is_api)
        try:
            _check(context, head, inner)
            await self._app(inner, receive, recorder.send)
        except (Exception, asyncio.CancelledError) as failure:
            if recorder.began:
                raise
            error = scope.get(REJECTED) or as_api_error(failure, inner)
            await error_response(record, error)(inner, receive, recorder.send)
        finally:
            if record.effects is not None and context.sandbox is not None:  # which may have delayed the response
                record.effects = None
                recorder.record_duration()
                context.sandbox.journal.revise()
            if emulator.log.wants(record):
                emulator.log.request(record)


class ResponseRecorder:
    """Records a response, adds the headers that all responses have, and sends it with the effects of faults."""

    __slots__ = ("_context", "_is_api", "_receive", "_scope", "_send", "_start", "_started")

    def __init__(
        self, context: RequestContext, scope: Scope, receive: Receive, send: Send, *, started: float, is_api: bool
    ) -> None:
        self._context = context
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
        context = self._context
        context.record.duration_ms = (context.emulator.clock.monotonic() - self._started) * 1000

    async def send(self, message: Message) -> None:
        """Takes a response: all of ours have one head and one body."""
        record, sandbox = self._context.record, self._context.sandbox
        if message["type"] == "http.response.start":
            self._start = message
            record.status = message["status"]
            self.record_duration()
            message["headers"].append(request_id_header(record))
            if self._is_api:
                message["headers"].extend(_rate_limit_headers(record.rate_limit_state))
                if sandbox is not None:
                    sandbox.journal.add(record)
            if BODY not in message:
                return
            body = message.pop(BODY)
        else:
            body = message["body"]
        if record.method == "HEAD":
            body = b""
        if record.effects is not None:
            sender = EffectsSender(self._context, record.effects, self._scope, self._receive, self._send)
            await sender.send(self._start, body)
            return
        send_whole = self._scope.get(SEND_WHOLE)
        if send_whole is None or not send_whole(self._scope, self._start, body):
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": body})


def _check(context: RequestContext, head: Head, scope: Scope) -> None:
    """Raises ApiError or HTTPException for a request that no route may get."""
    if context.emulator.store.is_closed:  # while the request waited behind another one on its connection
        raise shutting_down()
    if head.is_api:
        _authenticate(context, head, scope)
    if head.path.endswith("\n"):  # the pattern of a route ends in "$", which allows one
        raise HTTPException(404)


def _authenticate(context: RequestContext, head: Head, scope: Scope) -> None:
    """Finds the projects of the request and of its token, and counts it; raises ApiError 401."""
    emulator, record, project_id = context.emulator, context.record, head.project_id
    if project_id is not None:
        _set_sandbox(context, emulator.sandboxes.find(project_id))
    elif (scope["method"], head.path) in PUBLIC_ROUTES:
        return
    token = head.token or bearer_token(scope["headers"])  # which says what is wrong with it
    context.own = emulator.sandboxes.by_token(token)
    if context.own is None and not emulator.accepts(token):
        raise unauthorized("this token is not one of those that the server accepts (--token)")
    record.token = fingerprint(token)
    if project_id is None:
        _set_sandbox(context, context.own)
    record.rate_limit_state = (context.sandbox or emulator).rate_limit.count(token)


def _set_sandbox(context: RequestContext, sandbox: Sandbox | None) -> None:
    """Sets the project of a request, and its instant there: everything that the request reads is as of that instant."""
    if sandbox is not None:
        context.sandbox = sandbox
        context.record.project_time = sandbox.clock.at(context.record.arrived)


def error_response(record: RequestRecord, error: ApiError) -> Response:
    """The error response to a request, whose record keeps the message."""
    record.message, record.error_id = error.message, error.error_id
    record.retry_after = error.headers.get("Retry-After")
    body = wire.error(error.status, error.message, error.error_id, error.details)
    return Response(wire.to_bytes(body), error.status, error.headers, media_type="application/json")


def request_id_header(record: RequestRecord) -> tuple[bytes, bytes]:
    """The header that names this one response, and leads to its entry in journal and log."""
    return REQUEST_ID, record.request_id.encode()


def _rate_limit_headers(state: RateLimitState) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-ratelimit-limit", b"%d" % state.limit),
        (b"x-ratelimit-remaining", b"%d" % state.remaining),
        (b"x-ratelimit-reset", b"%d" % state.reset),
    ]
