"""Delivers an answer that faults have struck: late, slowly, in part, or not at all."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from mockserver.api.scope import CALL, SANDBOX
from mockserver.emulator import Emulator
from mockserver.faults.base import Delivery
from mockserver.mutations import mutate

TRANSPORT = "mockserver.transport"
"""Where in the ASGI scope the connection's transport is; the protocol puts it there."""

_PIECES_A_SECOND = 20
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


async def deliver(emulator: Emulator, scope: Scope, receive: Receive, send: Send, start: Message, body: bytes) -> None:
    """Sends the head ``start`` and ``body`` as the call's delivery says. Waiting holds nobody else up."""
    call = scope[CALL]
    delivery: Delivery = call.delivery
    if delivery.wait_ms:
        await asyncio.sleep(delivery.wait_ms / 1000)
    for mutation in delivery.mutations:
        mutate(emulator.store, scope[SANDBOX], call, mutation)
    if delivery.reset:
        _reset(scope[TRANSPORT])
        await _gone(receive)
        return
    if delivery.body is not None:
        body = delivery.body
        start = {**start, "headers": [*_without_length(start["headers"]), (b"content-length", b"%d" % len(body))]}
    await send(start)
    sent = body[: len(body) // 2] if delivery.truncated else body
    async for piece in _in_time(sent, delivery.bytes_per_second):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if delivery.truncated:
        scope[TRANSPORT].close()
        await _gone(receive)
        return
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _in_time(body: bytes, bytes_per_second: int | None) -> AsyncIterator[bytes]:
    if bytes_per_second is None:
        yield body
        return
    size = max(1, bytes_per_second // _PIECES_A_SECOND)
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        await asyncio.sleep(len(piece) / bytes_per_second)
        yield piece


async def _gone(receive: Receive) -> None:
    """Waits until the server has noticed that the connection ended, or it would answer in our place."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _reset(transport: Any) -> None:
    """A reset rather than a close: with no time to linger, the system discards what is unsent and tells the peer so."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _without_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name != b"content-length"]
