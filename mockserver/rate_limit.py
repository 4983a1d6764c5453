"""The rate limit: 1000 requests an hour for each token, counted always and enforced only where asked."""

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from mockserver.clock import Clock
from mockserver.errors import ApiError

REQUESTS_A_WINDOW = 1000
WINDOW_SECONDS = 3600

_WINDOWS_KEPT = 10_000
"""With more tokens than this, those whose window has ended are forgotten."""


@dataclass(slots=True)
class _Window:
    began: float
    used: int = 0

    def ended(self, now: float) -> bool:
        return now - self.began >= WINDOW_SECONDS


class Standing(NamedTuple):
    """How a token stands after a request: ``reset`` is in whole seconds until its window ends."""

    remaining: int
    reset: int
    exceeded: bool


UNCOUNTED = Standing(remaining=REQUESTS_A_WINDOW, reset=WINDOW_SECONDS, exceeded=False)
"""How a request stands that counts for no token: its window has not begun."""


class RateLimit:
    """Counts requests. A token's window begins with its first request and ends an hour later."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self.enforced = enforced

    def count(self, token: str) -> Standing:
        """Counts one request of ``token`` and tells how it stands."""
        now = self._clock.monotonic()
        window = self._windows.get(token)
        if window is None or window.ended(now):
            window = self._windows[token] = _Window(now)
            if len(self._windows) > _WINDOWS_KEPT:
                self._forget_ended(now)
        window.used += 1
        return Standing(
            remaining=max(0, REQUESTS_A_WINDOW - window.used),
            reset=ceil(WINDOW_SECONDS - (now - window.began)),
            exceeded=window.used > REQUESTS_A_WINDOW,
        )

    def forget(self, token: str | None) -> None:
        """Ends a token's window, as if it had never called."""
        if token is not None:
            self._windows.pop(token, None)

    def forget_all(self) -> None:
        """Ends every window."""
        self._windows.clear()

    def _forget_ended(self, now: float) -> None:
        self._windows = {token: window for token, window in self._windows.items() if not window.ended(now)}


def limit_error(reset: int) -> ApiError:
    """What a client is told whose requests are used up; its next hour begins in ``reset`` seconds."""
    return ApiError(
        429,
        f"the rate limit of {REQUESTS_A_WINDOW} requests an hour is used up: "
        f"the token's next hour begins in {reset} seconds",
        details={"resetSeconds": reset},
        headers={"Retry-After": str(reset)},
    )
