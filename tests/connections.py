"""A connection without a network: a server's protocol, with a transport that records what is written to it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any, NamedTuple

from uvicorn.server import ServerState

from mockserver.app import create_app
from mockserver.log import Log
from mockserver.settings import LogRequests, Settings
from mockserver.web.server import bind, make_server
from tests.support import TOKEN, restores_path

PATH = restores_path()


def request(query: str = "", *headers: str, method: str = "GET", version: str = "1.1", path: str = PATH) -> bytes:
    """The bytes of a request."""
    target = f"{path}?{query}" if query else path
    lines = (f"{method} {target} HTTP/{version}", "Host: localhost", f"Authorization: Bearer {TOKEN}", *headers)
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class Wire:
    """A transport that records each write separately."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False
        self.ended = asyncio.Event()
        self.is_read = True

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True
        self.ended.set()

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _name: str) -> Any:
        return None

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


class Connection(NamedTuple):
    """A server's protocol, and the transport that it writes to."""

    protocol: Any
    wire: Wire

    def another(self) -> "Connection":
        """Another connection to the same server."""
        protocol = type(self.protocol)(config=self.protocol.config, server_state=ServerState(), app_state={})
        wire = Wire()
        protocol.connection_made(wire)
        return Connection(protocol, wire)


def on_connection(act: Callable[[Connection], Awaitable[None]], log: Log | None = None) -> None:
    """Runs ``act`` with a connection to a new application."""
    settings = Settings(port=0, log_requests=LogRequests.NONE)

    async def run() -> None:
        with bind(settings) as bound:
            app = create_app(settings, log=log)
            with closing(app.state.emulator.store):
                config = make_server(app, bound).config
                config.load()
                protocol_class: Any = config.http_protocol_class
                protocol = protocol_class(config=config, server_state=ServerState(), app_state={})
                wire = Wire()
                protocol.connection_made(wire)
                await act(Connection(protocol, wire))
                protocol.connection_lost(None)

    asyncio.run(run())
