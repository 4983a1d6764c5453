"""Connections without a network: a server's protocols, each with a transport that keeps what is written to it."""

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
    """A request as it goes over the wire."""
    asked = f"{path}?{query}" if query else path
    lines = (f"{method} {asked} HTTP/{version}", "Host: localhost", f"Authorization: Bearer {TOKEN}", *headers)
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class Wire:
    """A transport that keeps what is written to it, each write apart."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _name: str) -> Any:
        return None

    def pause_reading(self) -> None:
        """Nothing is read from it."""

    def resume_reading(self) -> None:
        """The same."""


class Connection(NamedTuple):
    """One of a server's connections, and what it writes to."""

    protocol: Any
    wire: Wire


def on_connections(count: int, act: Callable[..., Awaitable[None]], log: Log | None = None) -> None:
    """Lets ``act`` have so many connections to one server."""
    settings = Settings(port=0, log_requests=LogRequests.NONE)

    async def run() -> None:
        with bind(settings) as bound:
            app = create_app(settings, log=log)
            with closing(app.state.emulator.store):
                config = make_server(app, bound).config
                config.load()
                made: Any = config.http_protocol_class
                connections = [
                    Connection(made(config=config, server_state=ServerState(), app_state={}), Wire())
                    for _ in range(count)
                ]
                for protocol, wire in connections:
                    protocol.connection_made(wire)
                await act(*connections)
                for protocol, _ in connections:
                    protocol.connection_lost(None)

    asyncio.run(run())
