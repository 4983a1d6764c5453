"""Answers that are made in one turn of the event loop leave together, and none is lost where a connection ends."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.clock import MachineClock
from mockserver.journal import Call
from mockserver.log import Log
from mockserver.settings import LogFormat, LogRequests
from tests.connections import Connection, on_connections, request
from tests.support import EXAMPLE, PATIENCE_SECONDS

FAULTS = f"/_mock/projects/{EXAMPLE.project_id}/faults"


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
        gone.wire.close()
        await turn()
        assert not gone.wire.writes
        assert len(there.wire.writes) == 1

    on_connections(2, act)


DELAYED = b'{"fault": {"kind": "latency", "ms": 1}}'


@pytest.mark.parametrize(
    "requests",
    [
        [request()],
        [request(method="HEAD")],
        [request("page=0")],
        [request("", "Connection: close")],
        [b"no HTTP\r\n\r\n"],
        [request("", f"Content-Length: {len(DELAYED)}", method="POST", path=FAULTS) + DELAYED, request()],
    ],
    ids=["a page", "its head", "an error", "the connection's last", "no HTTP", "delayed by a fault"],
)
def test_an_answer_is_sent_before_it_is_logged(requests: list[bytes]) -> None:
    class Noting(Log):
        """Notes how many answers were sent when one is logged."""

        def request(self, call: Call) -> None:
            sent.append(b"".join(written).count(b"content-length: "))
            super().request(call)

    async def act(connection: Connection) -> None:
        connection.wire.writes = written
        async with asyncio.timeout(PATIENCE_SECONDS):
            for number, asked in enumerate(requests, 1):
                connection.protocol.data_received(asked)
                while len(sent) < number:
                    await turn()

    written: list[bytes] = []
    sent: list[int] = []
    log = Noting(LogRequests.ALL, LogFormat.TEXT, MachineClock(), io.StringIO())
    on_connections(1, act, log)
    log.writer.close()
    assert sent == list(range(1, len(requests) + 1))
