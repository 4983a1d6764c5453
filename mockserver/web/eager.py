"""Runs a request without a task until it waits for something: most never wait, and a task would cost a quarter."""

from collections.abc import Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any


def start(request: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None] | None:
    """Runs ``request`` until it waits; returns what is left of it, to be run by a task, or None if it has ended.

    Until it waits it is in no task, which asyncio.timeout needs: whoever uses that waits for a moment first.
    """
    try:
        awaited = request.send(None)
    except StopIteration:
        return None
    return _finish(request, awaited)


async def _finish(request: Coroutine[Any, Any, None], awaited: Any) -> None:
    """A coroutine, as from Python 3.12 on a task takes nothing else."""
    await _rest(request, awaited)


@coroutine
def _rest(request: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            result = yield awaited
        except BaseException as failure:  # noqa: BLE001 - whatever it is, it is the request's
            proceed = partial(request.throw, failure)
        else:
            proceed = partial(request.send, result)
        try:
            awaited = proceed()
        except StopIteration:
            return
