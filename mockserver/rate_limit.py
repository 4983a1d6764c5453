"""The rate limit: 1000 requests per hour and token by default. Always counted, enforced only if a setting says so."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Annotated, NamedTuple

from pydantic import ConfigDict, Field

from mockserver.clock import Clock
from mockserver.errors import ApiError
from mockserver.strict import StrictModel

REQUESTS_PER_WINDOW = 1000
WINDOW_SECONDS = 3600

MAX_REQUESTS = 1_000_000_000
"""The largest limit that can be set."""

MAX_WINDOWS = 100_000
"""How many windows are kept. Beyond that the oldest is forgotten, and its token starts a new one."""

MAX_WINDOWS_OF_PROJECT = 1_000
"""The same for a project with a rate limit of its own."""

_MAX_REMOVED = 2
"""How many old windows a new one removes: more than one, so that ended windows do not pile up, and few, so that no
request has to remove them all."""


class RateLimitSetting(StrictModel):
    """A project's own rate limit."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[
        int | None,
        Field(ge=1, le=MAX_REQUESTS, strict=True, description="Requests per window; by default the server's."),
    ] = None
    windowSeconds: Annotated[int, Field(ge=1, le=MAX_REQUESTS, strict=True, description="The length of a window.")] = (
        WINDOW_SECONDS
    )
    enforced: Annotated[bool, Field(strict=True, description="Whether a request beyond the limit is a 429.")] = True


@dataclass(slots=True)
class _Window:
    started: float
    used: int = 0


class RateLimitState(NamedTuple):
    """A token's rate limit after a request; ``reset`` is the number of whole seconds until its window ends.

    ``exceeded`` if the limit is enforced and used up.
    """

    limit: int = REQUESTS_PER_WINDOW
    window_seconds: int = WINDOW_SECONDS
    remaining: int = REQUESTS_PER_WINDOW
    reset: int = WINDOW_SECONDS
    exceeded: bool = False


UNUSED = RateLimitState()
"""The state of a token that has made no request, at the default limit."""


@lru_cache(maxsize=256)
def token_key(token: str) -> bytes:
    """The key that replaces a token of any length: the first 16 bytes of its SHA-256."""
    return hashlib.sha256(token.encode()).digest()[:16]


class RateLimit:
    """Counts requests per token. A token's window starts with its first request and ends ``window_seconds`` later.

    ``unused`` is the state for requests that count for no token.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        limit: int = REQUESTS_PER_WINDOW,
        window_seconds: int = WINDOW_SECONDS,
        enforced: bool,
        capacity: int = MAX_WINDOWS,
    ) -> None:
        self._clock = clock
        self._capacity = capacity
        self._windows: OrderedDict[bytes, _Window] = OrderedDict()  # ordered by start, the oldest first
        self.limit = limit
        self.window_seconds = window_seconds
        self.enforced = enforced
        self.unused = RateLimitState(limit, window_seconds, limit, window_seconds)

    def for_project(self, setting: RateLimitSetting | None) -> "RateLimit":
        """The rate limit of a project with this setting: one of its own, or the server's if it has none."""
        if setting is None:
            return self
        return RateLimit(
            self._clock,
            limit=setting.limit or self.limit,
            window_seconds=setting.windowSeconds,
            enforced=setting.enforced,
            capacity=MAX_WINDOWS_OF_PROJECT,
        )

    def count(self, token: str) -> RateLimitState:
        """Counts one request of ``token`` and returns the state after it."""
        now = self._clock.monotonic()
        key = token_key(token)
        window = self._windows.get(key)
        if window is None or self._ended(window, now):
            window = self._start_window(key, now)
        window.used += 1
        remaining = self.limit - window.used
        reset = ceil(self.window_seconds - (now - window.started))
        exceeded = remaining < 0
        return RateLimitState(
            self.limit, self.window_seconds, 0 if exceeded else remaining, reset, exceeded and self.enforced
        )

    def forget(self, token: str | None) -> None:
        """Ends a token's window, as if it had made no request."""
        if token is not None:
            self._windows.pop(token_key(token), None)

    def forget_all(self) -> None:
        self._windows.clear()

    def _start_window(self, key: bytes, now: float) -> _Window:
        """Starts a window, and removes old ones."""
        self._windows.pop(key, None)
        for _ in range(_MAX_REMOVED):
            oldest = next(iter(self._windows.values()), None)
            if oldest and (self._ended(oldest, now) or len(self._windows) >= self._capacity):
                self._windows.popitem(last=False)
        window = self._windows[key] = _Window(now)
        return window

    def _ended(self, window: _Window, now: float) -> bool:
        return now - window.started >= self.window_seconds


def limit_error(state: RateLimitState) -> ApiError:
    """The 429 for a token whose rate limit is used up."""
    window = "an hour" if state.window_seconds == WINDOW_SECONDS else f"in {state.window_seconds} seconds"
    return ApiError(
        429,
        f"the rate limit of {state.limit} requests {window} is used up: it resets in {state.reset} seconds",
        headers={"Retry-After": str(state.reset)},
    )
