"""A relay between a client and a server, which can change responses."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from endurance.connection import Address

Lie = Callable[[bytes, bytes], bytes]
"""Takes a request and the true response; returns what the client gets. If that is empty, the connection is closed."""

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_END = b"\r\n\r\n"


class Message(NamedTuple):
    """A request or a response, or the part of it that arrived."""

    data: bytes
    is_whole: bool


def truth(_: bytes, response: bytes) -> bytes:
    return response


def about_pages(change: Callable[[dict[str, Any]], Any]) -> Lie:
    """A lie that changes pages of a backup's restores with at least two restores."""

    def lie(request: bytes, response: bytes) -> bytes:
        line = request.partition(b"\r\n")[0]
        head, _, body = response.partition(_END)
        if not (line.startswith(b"GET /v1/") and b"/restores" in line and body.count(b'"status"') > 1):
            return response
        page = json.loads(body)
        replaced = change(page)
        return with_body(head, json.dumps(page if replaced is None else replaced, separators=(",", ":")).encode())

    return lie


def with_body(head: bytes, body: bytes) -> bytes:
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", body])


@asynccontextmanager
async def relaying(target: Address, lie: Lie = truth) -> AsyncIterator[Address]:
    """The address of a relay to ``target``."""

    tasks: set[asyncio.Task[None] | None] = set()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        upstream_reader, upstream_writer = await asyncio.open_connection(*target)
        try:
            while (request := await _message(reader)).is_whole:
                upstream_writer.write(request.data)
                response = await _message(upstream_reader)
                relayed = lie(request.data, response.data) if response.is_whole else response.data
                writer.write(relayed)
                if not (relayed and response.is_whole):
                    return
            upstream_writer.write(request.data)
        except ConnectionError:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        finally:
            writer.close()
            upstream_writer.close()

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield Address(host, port)
    await asyncio.gather(*(task for task in tasks if task is not None))  # all clients have closed their connections


async def _message(reader: asyncio.StreamReader) -> Message:
    head = body = b""
    try:
        head = await reader.readuntil(_END)
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(lengths[0]) if lengths else 0)
    except asyncio.IncompleteReadError as failure:
        return Message(head + failure.partial, is_whole=False)
    return Message(head + body, is_whole=True)
