"""The only reader of the machine's clocks."""

import time
from typing import Protocol


class Clock(Protocol):
    """What tells the time: instants for statuses and logs, and a stopwatch for rate limits and durations."""

    def now(self) -> int:
        """The present instant, in unix milliseconds, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes backwards; only differences mean anything."""
        ...


class MachineClock:
    """The machine's own clocks."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()
