"""The memory of a server does not grow beyond its bounds, however many requests it gets."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from fastapi import FastAPI
from starlette.types import Message, Scope

from mockserver.app import create_app
from mockserver.sandbox.journal import CAPACITY
from mockserver.settings import LogRequests, Settings
from tests.support import EXAMPLE, TOKEN, restores_path, traced_memory

REQUESTS = 2_000
ROUNDS = 3
COMMON = (b"per_page=1", b"per_page=2&page=2", b"per_page=3&page=4")
UNUSUAL = (b"unknown=1&per_page=1", b"page=%32", b"per_page=0")
"""These go through the framework; the last is an error."""

QUERIES = (*COMMON, *COMMON, *COMMON, *COMMON, *UNUSUAL)

ALLOWED_BYTES = 2 * REQUESTS
"""Allows for objects of the interpreter; one leaked object in twenty requests would exceed it."""


@pytest.fixture
def app() -> Iterator[FastAPI]:
    """An application that logs nothing, called without a server."""
    created = create_app(Settings(log_requests=LogRequests.NONE, scenario="many"))
    yield created
    created.state.emulator.close()


async def ask(app: FastAPI, query: bytes) -> int:
    """Sends one request; returns the status of the response."""
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    path = restores_path(EXAMPLE)
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    (status,) = statuses
    return status


def test_thousands_of_requests_leave_no_objects_except_those_of_the_journal(app: FastAPI) -> None:
    async def ask_often(times: int) -> set[int]:
        return {await ask(app, QUERIES[turn % len(QUERIES)]) for turn in range(times)}

    async def growth(memory: Callable[[], int]) -> int:
        assert await ask_often(2 * CAPACITY) == {200, 400}
        sizes = []
        for _ in range(ROUNDS + 1):
            gc.collect()
            sizes.append(memory())
            await ask_often(REQUESTS)
        return min(after - before for before, after in pairwise(sizes))  # a leak is in every round

    with traced_memory() as memory:
        grown = asyncio.run(growth(memory))
    assert grown < ALLOWED_BYTES


@pytest.mark.parametrize("queries", [[b"per_page=50"], [b"per_page=50&page=%d" % page for page in range(1, 21)]])
def test_the_size_of_the_journals_is_close_to_the_memory_that_they_take(app: FastAPI, queries: list[bytes]) -> None:
    emulator = app.state.emulator

    async def taken() -> int:
        for query in queries * 2:  # fills the caches
            await ask(app, query)
        emulator.sandboxes.find(EXAMPLE.project_id).journal.clear()
        gc.collect()
        with traced_memory() as memory:
            for turn in range(CAPACITY):
                await ask(app, queries[turn % len(queries)])
            gc.collect()
            return memory()

    size = asyncio.run(taken())
    counted = emulator.sandboxes.journals.size
    assert 0.8 * size < counted < 1.3 * size, (counted, size)
    assert size < CAPACITY * 1024
