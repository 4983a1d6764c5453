"""Delivers an answer that faults have struck: late, slowly, in part, or not at all."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from mockserver.contract import wire
from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.faults.base import ResponseEffects
from mockserver.sandbox.restores import mutate
from mockserver.sandbox.sandboxes import Sandbox
from mockserver.store.queries import NotFoundError
from mockserver.web.scope import RECORD, SANDBOX

TRANSPORT = "mockserver.transport"
"""Where in the ASGI scope the connection's transport is; the protocol puts it there."""

SEND_WHOLE = "mockserver.at_once"
"""Where in the ASGI scope is what sends head and body in one write, if it can; the protocol puts it there."""

_CHUNKS_PER_SECOND = 20
_TIMER_SECONDS = 0.001
"""What the event loop counts in: a timer may ring so much too early."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


async def send_with_effects(
    emulator: Emulator, scope: Scope, receive: Receive, send: Send, *, start: Message, body: bytes
) -> None:
    """Sends the head ``start`` and ``body`` as the call's delivery says. Waiting holds nobody else up.

    A client that goes away meanwhile was not answered, and the call notes that.
    """
    record = scope[RECORD]
    try:
        await _EffectsSender(emulator, scope, receive, send, record.effects).send_with_effects(start, body)
    except _ClientDisconnectedError:
        record.corrupted = True


class _ClientDisconnectedError(Exception):
    """The client went away before it had its answer."""


class _EffectsSender:
    """One answer on its way."""

    def __init__(
        self, emulator: Emulator, scope: Scope, receive: Receive, send: Send, effects: ResponseEffects
    ) -> None:
        self._emulator = emulator
        self._scope = scope
        self._receive = receive
        self._send = send
        self._delivery = effects
        self._hurried = False

    async def send_with_effects(self, start: Message, body: bytes) -> None:
        effects, record = self._delivery, self._scope[RECORD]
        status, record.status = record.status, 0
        await self._wait(effects.wait_ms / 1000)
        try:
            self._mutate()
        except ApiError as failure:  # of the store, which cannot be written
            status, record.message = failure.status, failure.message
            start["status"] = status
            effects.body = wire.to_bytes(wire.error(status, failure.message, record.error_id))
        if effects.reset:
            _reset(self._transport)
            await self._gone()
            return
        if effects.body is not None:
            body = effects.body
            start = {**start, "headers": [*_without_length(start["headers"]), (b"content-length", b"%d" % len(body))]}
        record.status = status
        await self._send(start)
        await self._send_body(body[: len(body) // 2] if effects.truncated else body)
        if effects.truncated:
            self._transport.close()
            await self._gone()
            return
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    @property
    def _transport(self) -> Any:
        """The connection; where the application is called within a process, its caller gets an exception instead."""
        if TRANSPORT not in self._scope:
            raise ConnectionResetError("a fault ended the connection, of which there is none without a server")
        return self._scope[TRANSPORT]

    def _mutate(self) -> None:
        """Leaves alone what was reset or deleted while the client waited."""
        sandbox: Sandbox = self._scope[SANDBOX]
        if self._emulator.sandboxes.find(sandbox.id) is not sandbox:
            return
        for mutation in self._delivery.mutations:
            with suppress(NotFoundError):
                mutate(self._emulator.store, sandbox, self._scope[RECORD], mutation)

    async def _send_body(self, body: bytes) -> None:
        rate = self._delivery.bytes_per_second
        size = len(body) if rate is None else max(1, rate // _CHUNKS_PER_SECOND)
        for at in range(0, len(body), max(1, size)):
            piece = body[at : at + size]
            if rate is not None:
                await self._wait(len(piece) / rate)
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _wait(self, seconds: float) -> None:
        """Waits no longer than the client does, nor than the server: when that ends, what is left is sent at once."""
        if not seconds or self._hurried:
            return
        try:
            async with asyncio.timeout(seconds + _TIMER_SECONDS):
                await self._gone()
        except TimeoutError:
            return
        except asyncio.CancelledError:
            self._hurried = True
            return
        raise _ClientDisconnectedError

    async def _gone(self) -> None:
        """Waits until the server has noticed that the connection ended, or it would answer in our place."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _reset(transport: Any) -> None:
    """A reset rather than a close: with no time to linger, the system discards what is unsent and tells the peer so."""
    if transport.is_closing():
        return  # the client was faster
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _without_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name != b"content-length"]
