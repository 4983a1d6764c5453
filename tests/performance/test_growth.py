"""A server that has answered many requests holds no more than one that has answered few."""

import asyncio
import gc
import sys

from starlette.types import ASGIApp, Message, Scope

from mockserver.app import create_app
from mockserver.journal import KEPT
from mockserver.settings import LogRequests, Settings
from tests.support import EXAMPLE, TOKEN, restores_path

REQUESTS = 20_000
COMMON = (b"per_page=1", b"per_page=2&page=2", b"per_page=3&page=4")
UNUSUAL = (b"unknown=1&per_page=1", b"page=%32", b"per_page=0")
"""These take the framework's way, the last of them to a refusal."""

QUERIES = (*COMMON, *COMMON, *COMMON, *COMMON, *UNUSUAL)

ALLOWED_BLOCKS = REQUESTS // 20
"""Room for what the interpreter keeps of its own: had one request in twenty left one object, it would not do."""


async def ask(app: ASGIApp, query: bytes) -> int:
    """Asks without a socket in between; the status."""
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


def test_20000_requests_leave_nothing_behind_but_what_the_journal_keeps() -> None:
    app = create_app(Settings(log_requests=LogRequests.NONE))

    async def ask_often(times: int) -> set[int]:
        return {await ask(app, QUERIES[turn % len(QUERIES)]) for turn in range(times)}

    async def grown() -> int:
        assert await ask_often(2 * KEPT) == {200, 400}
        gc.collect()
        before = sys.getallocatedblocks()
        await ask_often(REQUESTS)
        gc.collect()
        return sys.getallocatedblocks() - before

    try:
        assert asyncio.run(grown()) < ALLOWED_BLOCKS
    finally:
        app.state.emulator.store.close()
