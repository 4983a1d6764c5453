"""What one server holds while it runs; two servers in one process share none of it."""

from dataclasses import dataclass, field
from itertools import count

from mockserver.clock import Clock
from mockserver.journal import Call
from mockserver.log import Log
from mockserver.rate_limit import RateLimit
from mockserver.sandboxes import Sandbox, Sandboxes
from mockserver.seeding.catalogue import Catalogue
from mockserver.settings import Settings
from mockserver.store import Store


@dataclass(slots=True)
class Emulator:
    """One server's settings, data, projects, clock and counters."""

    settings: Settings
    store: Store
    scenarios: Catalogue
    sandboxes: Sandboxes
    clock: Clock
    rate_limit: RateLimit
    log: Log
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def call(self, method: str, path: str, query: str) -> Call:
        """A call that arrives now; each has a number of its own."""
        return Call(next(self._numbers), method, path, query, self.clock.now())

    def is_good(self, token: str) -> bool:
        """Whether a token that is no project's own may call the API: any may, or one of those named at the start."""
        return not self.settings.token or token in self.settings.token

    def sandbox_at(self, path: str) -> Sandbox | None:
        """The project in an API path."""
        parts = path.split("/", 6)
        at = 4 if parts[2:3] == ["teams"] else 2
        if parts[at : at + 1] == ["projects"] and len(parts) > at + 1:
            return self.sandboxes.find(parts[at + 1])
        return None
