"""What one server holds while it runs; two servers in one process share none of it."""

import sys
from dataclasses import dataclass, field
from itertools import count

from mockserver.clock import Clock
from mockserver.errors import ApiError
from mockserver.log import Log
from mockserver.rate_limit import RateLimit
from mockserver.sandbox.pages import RememberedPages
from mockserver.sandbox.records import TARGET_MAX, RequestRecord
from mockserver.sandbox.sandboxes import Sandboxes
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
    pages: RememberedPages
    clock: Clock
    rate_limit: RateLimit
    log: Log
    is_shutting_down: bool = False
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def record(self, method: str, path: str, query: str) -> RequestRecord:
        """The record of a request that arrives now, with the next number."""
        record = RequestRecord(
            next(self._numbers), method, path, query, self.clock.now(), rate_limit_state=self.rate_limit.unused
        )
        if len(path) + len(query) > TARGET_MAX:
            record.cut_target()
        return record

    def shut_down(self) -> None:
        """Ends the requests that wait for a change; to be called before requests in flight are waited for."""
        self.is_shutting_down = True
        self.sandboxes.wake_watchers()

    def close(self) -> None:
        """Writes the clocks that have stepped, and closes the store; prints one line if they cannot be written."""
        if self.store.is_closed:
            return
        try:
            self.sandboxes.save_clocks()
        except ApiError as failure:
            print(f"mockserver: the last steps of clocks are lost: {failure}", file=sys.stderr)
        finally:
            self.store.close()

    def accepts(self, token: str) -> bool:
        """Whether a token that is no project's own may use the API: one of ``--token``, or any if there is none."""
        return not self.settings.token or token in self.settings.token
