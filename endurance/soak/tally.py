"""The counts of a soak: requests, faults, wrong responses, the slowest response."""

from collections import Counter
from dataclasses import dataclass, field

from endurance.model.messages import Request
from endurance.report import WrongResponse


@dataclass
class Tally:
    """The counts of one run, over all clients."""

    requests: int = 0
    slowest_ms: float = 0.0
    slowest_request: str = ""
    faults: Counter[str] = field(default_factory=Counter)
    connections: Counter[str] = field(default_factory=Counter)
    wrong: list[WrongResponse] = field(default_factory=list)
    inconclusive: int = 0

    def took(self, seconds: float, request: Request) -> None:
        """Records the time of a response that no fault delayed."""
        if seconds * 1000 > self.slowest_ms:
            self.slowest_ms, self.slowest_request = seconds * 1000, str(request)
