"""Those who wait for a change of a project or of the server. They cost nothing until there is a change."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from mockserver.errors import ApiError

MAX_WATCHERS = 100
"""How many requests may wait for one project, and how many for the server."""


class Watchers:
    """The requests that wait for a change. ``waiting`` is what each waits for next; test it before notifying."""

    __slots__ = ("_count", "waiting")

    def __init__(self) -> None:
        self.waiting: set[asyncio.Future[None]] = set()
        self._count = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Counts a request while it waits; raises ApiError 503 if too many do."""
        if self._count >= MAX_WATCHERS:
            raise ApiError(503, f"{MAX_WATCHERS} requests wait for a change here already: end one of them first")
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1

    def next_change(self) -> "asyncio.Future[None]":
        """Done at the next change."""
        change = asyncio.get_running_loop().create_future()
        self.waiting.add(change)
        change.add_done_callback(self.waiting.discard)
        return change

    def notify(self) -> None:
        """Wakes all that wait."""
        for change in list(self.waiting):
            if not change.done():
                change.set_result(None)
