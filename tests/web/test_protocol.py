"""A response is sent before it is logged."""

import asyncio
import io

import pytest

from mockserver.clock import MachineClock
from mockserver.log import Log
from mockserver.sandbox.records import RequestRecord
from mockserver.settings import LogFormat, LogRequests
from tests.connections import Connection, on_connection, request
from tests.support import EXAMPLE, PATIENCE_SECONDS

FAULTS = f"/_mock/projects/{EXAMPLE.project_id}/faults"
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

        def request(self, record: RequestRecord) -> None:
            sent.append(b"".join(written).count(b"content-length: "))
            super().request(record)
            logged.set()

    async def act(connection: Connection) -> None:
        connection.wire.writes = written
        async with asyncio.timeout(PATIENCE_SECONDS):
            for number, received in enumerate(requests, 1):
                connection.protocol.data_received(received)
                await asyncio.sleep(0)
                while len(sent) < number:
                    await logged.wait()
                    logged.clear()

    written: list[bytes] = []
    sent: list[int] = []
    logged = asyncio.Event()
    log = Noting(LogRequests.ALL, LogFormat.TEXT, MachineClock(), io.StringIO())
    on_connection(act, log)
    log.writer.close()
    assert sent == list(range(1, len(requests) + 1))


def test_a_body_that_arrives_with_the_end_of_its_head_is_taken() -> None:
    head = request("", "Content-Length: 2", method="POST", path="/_mock/projects")

    async def act(connection: Connection) -> None:
        connection.protocol.data_received(head[:-1])
        connection.protocol.data_received(head[-1:] + b"{}")
        await asyncio.wait(connection.protocol.tasks)
        assert connection.wire.writes[0].startswith(b"HTTP/1.1 201 ")

    on_connection(act)


def test_an_idle_connection_is_closed() -> None:
    async def act(connection: Connection) -> None:
        connection.protocol.config.timeout_keep_alive = 0
        other = connection.another()
        other.protocol.data_received(request())
        assert not other.wire.closed
        async with asyncio.timeout(PATIENCE_SECONDS):
            await other.wire.ended.wait()

    on_connection(act)
