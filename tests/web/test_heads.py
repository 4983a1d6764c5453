"""Heads that were sent before get the same responses, whether or not they are remembered."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.web.heads import CAPACITY, HEAD_MAX, RememberedHeads, head_of
from tests.connections import Connection, on_connection, request
from tests.support import restores_path

VARYING = re.compile(rb"request-\d{6}|(?<=ratelimit-remaining: )\d+|(?<=ratelimit-reset: )\d+")


def seen_scopes(connection: Connection) -> list[dict[str, Any]]:
    """Where the scopes of the requests that follow are put, as the application gets them."""
    scopes: list[dict[str, Any]] = []
    app = connection.protocol.app

    async def seeing(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(dict(scope))
        await app(scope, receive, send)

    connection.protocol.app = seeing
    return scopes


async def responses(connection: Connection, head: bytes, times: int = 3) -> list[bytes]:
    """The responses to a head that is sent several times, without what differs between any two."""
    received = []
    for _ in range(times):
        connection.wire.writes.clear()
        connection.protocol.data_received(head)
        while tasks := connection.protocol.tasks:
            await asyncio.wait(tasks)
        received.append(VARYING.sub(b"", b"".join(connection.wire.writes)))
    return received


SENT_AGAIN = {
    "a page": request(),
    "a page with a query": request("per_page=2&page=2"),
    "its head": request(method="HEAD"),
    "a bad parameter": request("page=0"),
    "an encoded slash": request(path=restores_path().replace("example-backup", "a%2Fb")),
    "a public route": request(path="/v1/"),
    "no token": b"GET /v1/projects HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "two tokens": request("", "Authorization: Bearer other"),
    "another method": request(method="DELETE"),
    "an empty body": request("", "Content-Length: 0", method="POST"),
    "an absolute target": request(path="http://localhost" + restores_path()),
    "a trace": request("", "traceparent: 00-a-b-01", "User-Agent: a-client"),
    "an offered upgrade": request("", "Connection: Upgrade", "Upgrade: h2c"),
    "an expectation": request("", "Expect: 100-continue"),
}


@pytest.mark.parametrize("head", SENT_AGAIN.values(), ids=SENT_AGAIN.keys())
def test_a_head_that_is_sent_again_reads_the_same_and_gets_the_same_response(head: bytes) -> None:
    async def act(connection: Connection) -> None:
        scopes = seen_scopes(connection)
        first, *others = await responses(connection, head)
        assert first.startswith(b"HTTP/1.1 ")
        assert others == [first, first]
        for scope in scopes:
            for name in [name for name in scope if name.startswith("mockserver.")]:
                del scope[name]
        assert len(scopes) == 3
        assert scopes[1:] == [scopes[0], scopes[0]]

    on_connection(act)


@pytest.mark.parametrize("head", [request("", "Connection: close"), request(version="1.0")], ids=["close", "HTTP/1.0"])
def test_a_connection_that_is_to_be_closed_is_closed_each_time(head: bytes) -> None:
    async def act(connection: Connection) -> None:
        for each in (connection, connection.another()):
            await responses(each, head, times=1)
            assert each.wire.closed

    on_connection(act)


def test_a_head_between_others_and_behind_one_that_waits_gets_its_own_response() -> None:
    async def act(connection: Connection) -> None:
        (page,) = await responses(connection, request(), times=1)
        (error,) = await responses(connection, request("page=0"), times=1)
        assert await responses(connection, request("page=0") + request() + request(), times=1) == [error + page + page]
        assert await responses(connection, request(), times=2) == [page, page]

    on_connection(act)


def test_each_request_has_headers_of_its_own() -> None:
    async def act(connection: Connection) -> None:
        scopes = seen_scopes(connection)
        await responses(connection, request(), times=2)
        scopes[1]["headers"].clear()
        await responses(connection, request(), times=1)
        assert scopes[2]["headers"] == scopes[0]["headers"] != []

    on_connection(act)


def scope_of(path: str, *, query: str = "", raw: bool = True) -> dict[str, Any]:
    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": []}
    others = {"asgi": {}, "http_version": "1.1", "scheme": "http", "root_path": "", "method": "GET"}
    return scope | others | ({"raw_path": path.encode()} if raw else {})


def remembered(heads: RememberedHeads, numbers: range, head: Callable[[int], bytes]) -> list[int]:
    return [number for number in numbers if heads.scope_of(head(number)) is not None]


@given(st.integers(0, 3 * CAPACITY))
def test_the_latest_heads_are_remembered(count: int) -> None:
    heads = RememberedHeads()
    for number in range(count):
        heads.remember(b"%d" % number, scope_of("/v1/") | {"mockserver.head": number})
    numbers = range(count)
    assert remembered(heads, numbers, lambda number: b"%d" % number) == list(numbers[-CAPACITY:])


def test_long_heads_are_not_remembered() -> None:
    heads = RememberedHeads()
    for length in (HEAD_MAX, HEAD_MAX + 1):
        heads.remember(bytes(length), scope_of("/v1/") | {"mockserver.head": None})
    assert heads.scope_of(bytes(HEAD_MAX)) is not None
    assert heads.scope_of(bytes(HEAD_MAX + 1)) is None


def test_a_scope_without_a_raw_path_is_not_decoded_again() -> None:
    assert head_of(scope_of("/v1/projects/a%2Fb")).project_id == "a%2Fb"
    assert head_of(scope_of("/v1/projects/a%2fb/x%20y")).path == "/v1/projects/a%2fb/x y"
    assert head_of(scope_of("/v1/projects/%2F", raw=False)).raw_path == "/v1/projects/%2F"
    assert head_of(scope_of("/v1/projects/a%20b", raw=False)).project_id == "a%20b"
