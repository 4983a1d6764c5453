"""Answers that are made in one turn of the event loop leave together, and none is lost where a connection ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import pytest
from uvicorn.server import ServerState

from mockserver.app import create_app
from mockserver.server import bind, make_server
from mockserver.settings import LogRequests, Settings
from tests.performance.test_one_way import Wire, request

Connection = tuple[Any, Wire]


def on_connections(count: int, act: Callable[..., Awaitable[None]]) -> None:
    """Lets ``act`` have so many connections to one server, each a protocol and what it writes to."""
    settings = Settings(port=0, log_requests=LogRequests.NONE)

    async def run() -> None:
        with bind(settings) as bound:
            app = create_app(settings)
            with closing(app.state.emulator.store):
                config = make_server(app, bound).config
                config.load()
                made: Any = config.http_protocol_class
                connections = [
                    (made(config=config, server_state=ServerState(), app_state={}), Wire()) for _ in range(count)
                ]
                for protocol, wire in connections:
                    protocol.connection_made(wire)
                await act(*connections)
                for protocol, _ in connections:
                    protocol.connection_lost(None)

    asyncio.run(run())


async def turn() -> None:
    """One turn of the event loop."""
    await asyncio.sleep(0)


def test_answers_that_are_made_in_one_turn_leave_together_in_the_next() -> None:
    async def act(*connections: Connection) -> None:
        for protocol, _ in connections:
            protocol.data_received(request())
        await turn()
        assert [wire.writes for _, wire in connections] == [[], [], []]
        await turn()
        assert [[write[:15] for write in wire.writes] for _, wire in connections] == [[b"HTTP/1.1 200 OK"]] * 3

    on_connections(3, act)


@pytest.mark.parametrize(
    "end",
    [
        lambda protocol: protocol.eof_received(),
        lambda protocol: protocol.shutdown(),
        lambda protocol: protocol.data_received(b"no HTTP\r\n\r\n"),
    ],
    ids=["the client has no more to say", "the server ends", "what follows is no HTTP"],
)
def test_an_answer_that_waits_is_sent_before_its_connection_ends(end: Callable[[Any], None]) -> None:
    async def act(connection: Connection) -> None:
        protocol, wire = connection
        protocol.data_received(request())
        await turn()
        assert not wire.writes
        end(protocol)
        assert wire.writes[0].startswith(b"HTTP/1.1 200 OK")
        await turn()
        assert sum(write.startswith(b"HTTP/1.1 200 OK") for write in wire.writes) == 1

    on_connections(1, act)


def test_nothing_is_sent_to_a_client_that_has_gone_and_others_get_theirs() -> None:
    async def act(gone: Connection, there: Connection) -> None:
        for protocol, _ in (gone, there):
            protocol.data_received(request())
        await turn()
        gone[1].close()
        await turn()
        assert not gone[1].writes
        assert len(there[1].writes) == 1

    on_connections(2, act)
