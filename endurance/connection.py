"""An HTTP/1.1 connection that distinguishes how a response ends: complete, truncated, closed, or reset."""

import asyncio
import time
from contextlib import suppress
from time import monotonic
from typing import NamedTuple

from endurance.model.lives import Window
from endurance.model.messages import Request, Response

PATIENCE_SECONDS = 60
_PIECES = 3
IDLE_SECONDS = 3.0
"""A connection that is idle for longer is not used again, because the server may be about to close it."""


class Address(NamedTuple):
    """Where the server listens."""

    host: str
    port: int


class LostError(Exception):
    """The connection ended before the first byte of a response."""

    def __init__(self, what: str, *, is_reset: bool = False) -> None:
        self.is_reset = is_reset
        super().__init__(what)


def machine_now() -> int:
    """The present instant of the machine's clock, in unix milliseconds."""
    return time.time_ns() // 1_000_000


class Connection:
    """One connection, opened when needed, and again after it has ended. One request at a time."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._last_used = 0.0

    async def request(self, request: Request, *, pause: float = 0.0) -> Response:
        """Sends a request, with a ``pause`` in seconds between its pieces, and reads the response.

        The body may be truncated. Raises LostError if there is no response, or none in time.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._request(request, pause)
        except TimeoutError:
            self.close()
            raise LostError(f"no response within {PATIENCE_SECONDS} seconds") from None
        except OSError as failure:
            self.close()
            raise LostError(str(failure), is_reset=isinstance(failure, ConnectionResetError)) from None
        except asyncio.IncompleteReadError:
            self.close()
            raise LostError("the connection was closed without a response") from None

    async def send(self, data: bytes) -> asyncio.StreamReader:
        """Sends these bytes, and returns the stream of the response; raises OSError."""
        reader, writer = await self._open()
        writer.write(data)
        await writer.drain()
        return reader

    def close(self) -> None:
        """Closes it, if it is open."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connects unless it is connected."""
        if self._streams is not None:
            reader, _ = self._streams
            if reader.at_eof() or reader.exception() or monotonic() - self._last_used > IDLE_SECONDS:
                self.close()
        self._streams = self._streams or await asyncio.open_connection(*self._address)
        self._last_used = monotonic()
        return self._streams

    async def _request(self, request: Request, pause: float) -> Response:
        await self._open()
        data = request.to_bytes()
        earliest, began = machine_now(), monotonic()
        for _ in range(_PIECES if pause else 0):
            size = len(data) // _PIECES
            await self.send(data[:size])
            await asyncio.sleep(pause)
            data = data[size:]
        reader = await self.send(data)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status_line, *lines = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        promised = int(headers.get("content-length", 0))
        body = await _body(reader, promised)
        if headers.get("connection") == "close" or len(body) < promised:
            self.close()
        self._last_used = monotonic()
        window = Window(earliest, machine_now())
        return Response(int(status_line.split()[1]), headers, body, promised, window, self._last_used - began)


async def _body(reader: asyncio.StreamReader, promised: int) -> bytes:
    """The body, or the part of it that arrives."""
    pieces = []
    with suppress(ConnectionError):
        while promised and (piece := await reader.read(promised)):
            pieces.append(piece)
            promised -= len(piece)
    return b"".join(pieces)
