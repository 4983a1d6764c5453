"""The server's memory and descriptors over time, and whether they grew. Pure."""

from dataclasses import dataclass, field
from statistics import median

ALLOWED_GROWTH_MB = 32
"""How much the server's memory may grow from the end of the warm-up to the end of the run."""

_WARM_UP_SECONDS = 60
_WARM_UP_SHARE = 0.25
_STRETCH = 0.1
"""The first and the last value are medians over a tenth of the run: after the warm-up, and at the end."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The server's memory and descriptors at one moment."""

    seconds: float
    memory_mb: float
    descriptors: int


@dataclass
class Samples:
    """One run's samples, in order. ``before`` and ``after`` are the descriptors without any client."""

    before: int = 0
    after: int = 0
    peak_mb: float = 0.0
    series: list[Sample] = field(default_factory=list)

    @property
    def first_mb(self) -> float:
        """The memory after the warm-up: a minute, or a quarter of a run of less than four minutes."""
        total = self.series[-1].seconds
        warm = min(_WARM_UP_SECONDS, total * _WARM_UP_SHARE)
        return self._median(warm, warm + total * _STRETCH)

    @property
    def last_mb(self) -> float:
        total = self.series[-1].seconds
        return self._median(total * (1 - _STRETCH), total)

    @property
    def growth_mb(self) -> float:
        return self.last_mb - self.first_mb

    @property
    def peak_descriptors(self) -> int:
        return max(sample.descriptors for sample in self.series)

    def failures(self) -> list[str]:
        """Messages for what is wrong with them."""
        failures = []
        if self.growth_mb > ALLOWED_GROWTH_MB:
            failures.append(f"memory grew by {self.growth_mb:.0f} MB: at most {ALLOWED_GROWTH_MB} MB are allowed")
        if self.after > self.before:
            failures.append(f"{self.after - self.before} descriptors stayed open after all clients were gone")
        return failures

    def _median(self, since: float, until: float) -> float:
        within = [sample.memory_mb for sample in self.series if since <= sample.seconds <= until]
        return median(within or [self.series[-1].memory_mb])
