"""A GET that waits misses no change."""

import asyncio
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette.types import Message

from mockserver.control.waiting import wait_for
from mockserver.sandbox.records import RequestRecord
from mockserver.sandbox.watchers import Watchers
from mockserver.web.context import CONTEXT, RequestContext
from tests.support import PATIENCE_SECONDS

FOREVER_MS = 10**9


async def stays_connected() -> Message:
    return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


def test_a_change_during_the_pause_after_a_check_is_not_missed() -> None:
    async def waited() -> str | None:
        watchers = Watchers()
        loop = asyncio.get_running_loop()
        results = iter([None, None, "seen"])

        def check() -> str | None:
            loop.call_soon(watchers.notify)
            return next(results)

        emulator: Any = SimpleNamespace(is_shutting_down=False)
        record = RequestRecord(1, "GET", "/_mock", "", 0)
        request = Request({"type": "http", CONTEXT: RequestContext(emulator, record)}, stays_connected)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await wait_for(request, lambda: watchers, check, FOREVER_MS)

    assert asyncio.run(waited()) == "seen"
