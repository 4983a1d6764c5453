"""The rate limit: 1000 requests an hour for each token, counted always and enforced only where asked."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from mockserver.clock import Clock
from mockserver.errors import ApiError

REQUESTS_PER_WINDOW = 1000
WINDOW_SECONDS = 3600

MAX_WINDOWS = 100_000
"""With more tokens than this in an hour, the oldest window is forgotten: its token starts again at none used."""

_MAX_REMOVED = 2
"""How many old windows one new window removes: more than one, so that ended ones become fewer, and no request pays for
all of them."""


@dataclass(slots=True)
class _Window:
    began: float
    used: int = 0

    def ended(self, now: float) -> bool:
        return now - self.began >= WINDOW_SECONDS


class RateLimitState(NamedTuple):
    """How a token stands after a request: ``reset`` is in whole seconds until its window ends."""

    remaining: int
    reset: int
    exceeded: bool


UNUSED = RateLimitState(remaining=REQUESTS_PER_WINDOW, reset=WINDOW_SECONDS, exceeded=False)
"""How a request stands that counts for no token: its window has not begun."""


def token_key(token: str) -> bytes:
    """What is kept of a token: the first 16 bytes of its SHA-256, however long it is."""
    return hashlib.sha256(token.encode()).digest()[:16]


class RateLimit:
    """Counts requests. A token's window begins with its first request and ends an hour later."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._windows: OrderedDict[bytes, _Window] = OrderedDict()  # by start, the oldest first
        self.enforced = enforced

    def count(self, token: str) -> RateLimitState:
        """Counts one request of ``token`` and tells how it stands."""
        now = self._clock.monotonic()
        key = token_key(token)
        window = self._windows.get(key)
        if window is None or window.ended(now):
            window = self._start_window(key, now)
        window.used += 1
        return RateLimitState(
            remaining=max(0, REQUESTS_PER_WINDOW - window.used),
            reset=ceil(WINDOW_SECONDS - (now - window.began)),
            exceeded=window.used > REQUESTS_PER_WINDOW,
        )

    def forget(self, token: str | None) -> None:
        """Ends a token's window, as if it had never called."""
        if token is not None:
            self._windows.pop(token_key(token), None)

    def forget_all(self) -> None:
        """Ends every window."""
        self._windows.clear()

    def _start_window(self, key: bytes, now: float) -> _Window:
        """Starts a window behind all others, and makes room at the old end."""
        self._windows.pop(key, None)
        for _ in range(_MAX_REMOVED):
            oldest = next(iter(self._windows.values()), None)
            if oldest and (oldest.ended(now) or len(self._windows) >= MAX_WINDOWS):
                self._windows.popitem(last=False)
        window = self._windows[key] = _Window(now)
        return window


def limit_error(reset: int) -> ApiError:
    """What a client is told whose requests are used up; its next hour begins in ``reset`` seconds."""
    return ApiError(
        429,
        f"the rate limit of {REQUESTS_PER_WINDOW} requests an hour is used up: "
        f"the token's next hour begins in {reset} seconds",
        details={"resetSeconds": reset},
        headers={"Retry-After": str(reset)},
    )
