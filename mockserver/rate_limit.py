"""The rate limit: 1000 requests per hour and token. Always counted, enforced only if a setting says so."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from mockserver.clock import Clock
from mockserver.errors import ApiError

REQUESTS_PER_WINDOW = 1000
WINDOW_SECONDS = 3600

MAX_WINDOWS = 100_000
"""How many windows are kept. Beyond that the oldest is forgotten, and its token starts a new one."""

_MAX_REMOVED = 2
"""How many old windows a new one removes: more than one, so that ended windows do not pile up, and few, so that no
request has to remove them all."""


@dataclass(slots=True)
class _Window:
    started: float
    used: int = 0

    def ended(self, now: float) -> bool:
        return now - self.started >= WINDOW_SECONDS


class RateLimitState(NamedTuple):
    """A token's rate limit after a request; ``reset`` is the number of whole seconds until its window ends."""

    remaining: int
    reset: int
    exceeded: bool


UNUSED = RateLimitState(remaining=REQUESTS_PER_WINDOW, reset=WINDOW_SECONDS, exceeded=False)
"""The state for requests that count for no token."""


@lru_cache(maxsize=256)
def token_key(token: str) -> bytes:
    """The key that replaces a token of any length: the first 16 bytes of its SHA-256."""
    return hashlib.sha256(token.encode()).digest()[:16]


class RateLimit:
    """Counts requests per token. A token's window starts with its first request and ends an hour later."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._windows: OrderedDict[bytes, _Window] = OrderedDict()  # ordered by start, the oldest first
        self.enforced = enforced

    def count(self, token: str) -> RateLimitState:
        """Counts one request of ``token`` and returns the state after it."""
        now = self._clock.monotonic()
        key = token_key(token)
        window = self._windows.get(key)
        if window is None or window.ended(now):
            window = self._start_window(key, now)
        window.used += 1
        return RateLimitState(
            remaining=max(0, REQUESTS_PER_WINDOW - window.used),
            reset=ceil(WINDOW_SECONDS - (now - window.started)),
            exceeded=window.used > REQUESTS_PER_WINDOW,
        )

    def forget(self, token: str | None) -> None:
        """Ends a token's window, as if it had made no request."""
        if token is not None:
            self._windows.pop(token_key(token), None)

    def forget_all(self) -> None:
        """Ends every window."""
        self._windows.clear()

    def _start_window(self, key: bytes, now: float) -> _Window:
        """Starts a window, and removes old ones."""
        self._windows.pop(key, None)
        for _ in range(_MAX_REMOVED):
            oldest = next(iter(self._windows.values()), None)
            if oldest and (oldest.ended(now) or len(self._windows) >= MAX_WINDOWS):
                self._windows.popitem(last=False)
        window = self._windows[key] = _Window(now)
        return window


def limit_error(reset: int) -> ApiError:
    """The 429 for a token whose next window starts in ``reset`` seconds."""
    return ApiError(
        429,
        f"the rate limit of {REQUESTS_PER_WINDOW} requests an hour is used up: it resets in {reset} seconds",
        details={"resetSeconds": reset},
        headers={"Retry-After": str(reset)},
    )
