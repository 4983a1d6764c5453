"""What happens on one connection if it ends early, or if its client does not read."""

import asyncio
import socket
from urllib.parse import urlsplit

from tests.connections import Connection, on_connection, request
from tests.contract.responses import received_from
from tests.support import PATIENCE_SECONDS, RunningServer, running_server

GARBAGE = b"no HTTP\r\n\r\n"


def test_malformed_http_gets_its_error_also_if_nothing_is_logged() -> None:
    async def act(connection: Connection) -> None:
        connection.protocol.data_received(GARBAGE)
        assert connection.wire.writes[0].startswith(b"HTTP/1.1 400 ")

    on_connection(act)


def test_a_connection_that_was_sent_an_error_is_closed_at_once_when_the_server_shuts_down() -> None:
    async def act(connection: Connection) -> None:
        connection.protocol.data_received(GARBAGE)
        assert not connection.wire.closed
        connection.protocol.shutdown()
        assert connection.wire.closed

    on_connection(act)


def test_a_connection_is_not_read_from_while_its_client_does_not_read() -> None:
    async def act(connection: Connection) -> None:
        protocol, wire = connection
        protocol.data_received(request())
        protocol.pause_writing()
        assert not wire.is_read
        protocol.resume_writing()
        assert wire.is_read
        while protocol.tasks:
            await asyncio.wait(protocol.tasks)
        assert b"".join(wire.writes).startswith(b"HTTP/1.1 200 OK")

    on_connection(act)


def test_a_large_body_that_no_route_reads_does_not_block_the_next_request(server: RunningServer) -> None:
    body = b" " * 200_000
    posted = b"POST /_mock/nope HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    received = received_from(server, posted + body + request("", "Connection: close"))
    assert received.startswith(b"HTTP/1.1 404 ")
    assert b"HTTP/1.1 200 OK" in received


def test_a_request_that_is_still_arriving_when_the_server_shuts_down_is_a_503() -> None:
    head = b"POST /_mock/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    with running_server() as server:
        where = urlsplit(server.url)
        connection = socket.create_connection((where.hostname, where.port), timeout=PATIENCE_SECONDS)
        connection.sendall(head)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 100 ")
    with connection:
        received = connection.recv(65_536)
    assert received.startswith(b"HTTP/1.1 503 ")
    assert b"the server is shutting down" in received
