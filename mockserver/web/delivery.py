"""Sends a response with the effects of faults: late, slowly, in part, or not at all."""

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from mockserver.contract import wire
from mockserver.errors import ApiError
from mockserver.faults.base import ResponseEffects
from mockserver.sandbox.restores import mutate
from mockserver.store.queries import NotFoundError
from mockserver.web.context import RequestContext

TRANSPORT = "mockserver.transport"
"""The key of the connection's transport in the ASGI scope, set by the protocol."""

SEND_WHOLE = "mockserver.send_whole"
"""The key, in the ASGI scope, of a function that sends head and body in one write if it can; set by the protocol."""

BODY = "mockserver.body"
"""The key of the body in a message that starts a response and is all of it: half the cost of two messages."""

_CHUNKS_PER_SECOND = 20
_TIMER_SECONDS = 0.001
"""The resolution of the event loop: a timer can fire this much too early."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _ClientDisconnectedError(Exception):
    """The client disconnected before it had the whole response."""


class EffectsSender:
    """Sends one response with the effects of faults, without blocking other requests."""

    def __init__(
        self, context: RequestContext, effects: ResponseEffects, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._context = context
        self._scope = scope
        self._receive = receive
        self._send = send
        self._effects = effects
        self._shutting_down = False

    async def send(self, start: Message, body: bytes) -> None:
        """Sends head and body; if the client disconnects meanwhile, marks the record as corrupted."""
        try:
            await self._send_with_effects(start, body)
        except _ClientDisconnectedError:
            self._context.record.corrupted = True

    async def _send_with_effects(self, start: Message, body: bytes) -> None:
        effects, record = self._effects, self._context.record
        status, record.status = record.status, 0
        await self._wait(effects.wait_ms / 1000)
        try:
            self._mutate()
        except ApiError as failure:  # of the store, which cannot be written
            status, record.message, record.error_id = failure.status, failure.message, failure.error_id
            start["status"] = status
            effects.body = wire.to_bytes(wire.error(status, failure.message, failure.error_id))
        if effects.reset:
            _reset(self._transport)
            await self._wait_for_disconnect()
            return
        if effects.body is not None:
            body = effects.body
            start = _with_headers(start, [(b"content-length", b"%d" % len(body))])
        if effects.headers:
            start = _with_headers(start, effects.headers)
        record.status = status
        await self._send(start)
        await self._send_body(body[: len(body) // 2] if effects.truncated else body)
        if effects.truncated:
            self._transport.close()
            await self._wait_for_disconnect()
            return
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    @property
    def _transport(self) -> Any:
        """The connection; an application that runs without a server has none and raises an exception instead."""
        if TRANSPORT not in self._scope:
            raise ConnectionResetError("a fault ended the connection (an exception, as there is no server)")
        return self._scope[TRANSPORT]

    def _mutate(self) -> None:
        """Applies the mutations, except to a project or backup that was reset or deleted while the client waited."""
        emulator, sandbox = self._context.emulator, self._context.sandbox
        if sandbox is None or emulator.sandboxes.find(sandbox.id) is not sandbox:
            return
        for mutation in self._effects.mutations:
            with suppress(NotFoundError):
                changed = mutate(emulator.store, sandbox, self._context.record, mutation)
                emulator.sandboxes.require(changed.project_id).restores_changed()

    async def _send_body(self, body: bytes) -> None:
        rate = self._effects.bytes_per_second
        size = len(body) if rate is None else max(1, rate // _CHUNKS_PER_SECOND)
        for start in range(0, len(body), max(1, size)):
            chunk = body[start : start + size]
            if rate is not None:
                await self._wait(len(chunk) / rate)
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _wait(self, seconds: float) -> None:
        """Waits, but not past a disconnect or a shutdown; after a shutdown the rest is sent without delay."""
        if not seconds or self._shutting_down:
            return
        await asyncio.sleep(0)  # to be in a task from here on
        try:
            async with asyncio.timeout(seconds + _TIMER_SECONDS):
                await self._wait_for_disconnect()
        except TimeoutError:
            return
        except asyncio.CancelledError:
            self._shutting_down = True
            return
        raise _ClientDisconnectedError

    async def _wait_for_disconnect(self) -> None:
        """Waits until uvicorn has noticed that the connection ended; otherwise it would send a 500 of its own."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _reset(transport: Any) -> None:
    """Resets the connection: with a linger time of 0, closing discards unsent data and sends RST to the peer."""
    if transport.is_closing():
        return  # the client closed it first
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _with_headers(start: Message, headers: Sequence[tuple[bytes, bytes]]) -> Message:
    """The same head with these headers, in place of those of the same name."""
    replaced = {name for name, _ in headers}
    kept = [header for header in start["headers"] if header[0] not in replaced]
    return {**start, "headers": [*kept, *headers]}
