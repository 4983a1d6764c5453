"""A GET that waits: it responds when something happens, and costs nothing until then."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Query, Request
from pydantic import AfterValidator

from mockserver.durations import Duration
from mockserver.errors import shutting_down
from mockserver.sandbox.watchers import Watchers
from mockserver.web.context import emulator_of
from mockserver.web.schemas import Responses, error_response

MAX_WAIT_MS = 30_000
PAUSE_FACTOR = 9
"""After a check that took some time, the next one waits for this many times as long: checks take a tenth at most."""

_T = TypeVar("_T")


def _not_too_long(wait: int) -> int:
    if wait > MAX_WAIT_MS:
        raise ValueError("must be at most PT30S")
    return wait


Wait = Annotated[
    Annotated[Duration, AfterValidator(_not_too_long)],
    Query(description="How long to wait at most: up to 30 seconds; ISO 8601 or seconds."),
]
BUSY: Responses = {503: error_response("Too many requests wait here already, or the server is shutting down.")}


async def wait_for(
    request: Request, watchers: Callable[[], Watchers], check: Callable[[], _T | None], wait_ms: int
) -> _T | None:
    """The first result of ``check`` that is not None, now or after a change; None after ``wait_ms``.

    Returns early if the client disconnects. Raises ApiError 503 if the server shuts down, or if too many wait here.
    """
    result = check()
    if result is not None or not wait_ms:
        return result
    emulator, loop = emulator_of(request), asyncio.get_running_loop()
    deadline = loop.time() + wait_ms / 1000
    disconnected = asyncio.ensure_future(request.receive())  # the body has been read: a disconnect comes next
    try:
        with watchers().watching():
            change = watchers().next_change()
            while result is None and not disconnected.done() and (remaining := deadline - loop.time()) > 0:
                await asyncio.wait((change, disconnected), timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
                if emulator.is_shutting_down:
                    raise shutting_down()
                change.cancel()
                change = watchers().next_change()  # before the check, so that no change during the pause is missed
                started = loop.time()
                result = check()
                await asyncio.sleep(PAUSE_FACTOR * (loop.time() - started) if result is None else 0)
            change.cancel()
    finally:
        disconnected.cancel()
    return result
