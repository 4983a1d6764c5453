"""A page is the same however it is requested and sent: the fast way gives the same response as the framework."""

import asyncio
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest

from tests.connections import Connection, on_connection, request
from tests.support import PATIENCE_SECONDS, RunningServer


def heads_and_bodies(received: bytes, methods: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """The responses to requests of these methods, one after another."""
    responses = []
    for method in methods:
        head, _, received = received.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().splitlines() if line.startswith(b"content-length:")]
        size = 0 if method == "HEAD" else int(lengths[0])
        responses.append((head, received[:size]))
        received = received[size:]
    assert not received
    return responses


def until_closed(server: RunningServer, *sent: bytes) -> bytes:
    """Everything that a server sends on one connection; the last request makes it close the connection."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(b"".join(sent))
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def written_for(*requests: bytes) -> list[bytes]:
    """The writes of a connection for these requests."""
    written: list[bytes] = []

    async def act(connection: Connection) -> None:
        for sent in requests:
            connection.protocol.data_received(sent)
            while tasks := connection.protocol.tasks:
                await asyncio.wait(tasks)
        written.extend(connection.wire.writes)

    on_connection(act)
    return written


def test_head_and_body_of_a_page_are_sent_in_one_write() -> None:
    first, second = written_for(request(), request("per_page=7&page=2"))
    for write in (first, second):
        assert write.startswith(b"HTTP/1.1 200 OK\r\n")
        ((_, body),) = heads_and_bodies(write, ["GET"])
        assert body.startswith(b'{"data":{"restores":[')


def test_a_page_by_cursor_is_the_same_page_in_an_unusual_way(server: RunningServer) -> None:
    cursor = server.page().json()["pagination"]["cursor"]
    encoded = f"%{ord(cursor[0]):02X}{cursor[1:]}"
    usual, other = server.page(f"cursor={cursor}"), server.page(f"cursor={encoded}")
    assert usual.status_code == 200
    assert other.content == usual.content


def test_pipelined_requests_get_their_responses_in_order(server: RunningServer) -> None:
    numbers = [3, 1, 2, 3, 2, 1]
    requests = [request(f"page={number}") for number in numbers]
    received = until_closed(server, *requests, request("page=9", "Connection: close"))
    responses = heads_and_bodies(received, ["GET"] * (len(numbers) + 1))
    assert [body for _, body in responses] == [server.page(f"page={number}").content for number in [*numbers, 9]]


def test_pipelined_requests_that_take_different_ways_get_their_responses_in_order(server: RunningServer) -> None:
    requests = [
        request("page=2"),
        request("page=%32"),
        request("page=2", method="HEAD"),
        request(path="/v1/nothing"),
        request("page=2", "Connection: close"),
    ]
    responses = heads_and_bodies(until_closed(server, *requests), ["GET", "GET", "HEAD", "GET", "GET"])
    page = server.page("page=2").content
    assert [body for _, body in responses[:3]] == [page, page, b""]
    assert responses[3][0].startswith(b"HTTP/1.1 404 ")
    assert responses[4][1] == page


@pytest.mark.parametrize(
    "last",
    [request("", "Connection: close"), request(version="1.0")],
    ids=["Connection: close", "HTTP/1.0"],
)
def test_a_connection_that_is_not_kept_is_closed_after_the_response(server: RunningServer, last: bytes) -> None:
    ((head, body),) = heads_and_bodies(until_closed(server, last), ["GET"])
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in head.lower()
    assert body == server.page().content


def test_a_client_that_expects_100_continue_gets_its_response(server: RunningServer) -> None:
    expecting = request("", "Expect: 100-continue", "Content-Length: 0")
    received = until_closed(server, expecting, request("page=2", "Connection: close"))
    received = received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    responses = heads_and_bodies(received, ["GET", "GET"])
    assert [body for _, body in responses] == [server.page().content, server.page("page=2").content]


def test_an_unexpected_body_does_not_disturb_the_next_request(server: RunningServer) -> None:
    with_body = request("", "Content-Length: 5") + b"hello"
    received = until_closed(server, with_body, request("page=2", "Connection: close"))
    responses = heads_and_bodies(received, ["GET", "GET"])
    assert [body for _, body in responses] == [server.page().content, server.page("page=2").content]
