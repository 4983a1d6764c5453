"""The journal: a record of each request and its response. In memory, lost with the process."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mockserver.contract.operations import OperationName
from mockserver.faults.base import ResponseEffects
from mockserver.rate_limit import UNUSED, RateLimitState, token_key
from mockserver.sandbox.fault_rules import ActiveRule
from mockserver.sandbox.pages import Listing
from mockserver.sandbox.watchers import Watchers
from mockserver.walks.walks import ListRequest

CAPACITY = 1000
"""How many records a journal holds."""

TARGET_MAX = 2048
"""How many characters of path and query a record holds."""

_RECORD_BYTES = 550
"""The memory that a record takes without its strings and its listing."""

_LISTING_BYTES = 200
"""The memory that a listing takes without its packed restores."""


@dataclass(slots=True, eq=False)
class RequestRecord:
    """One request, from its arrival to its response.

    ``path`` and ``query`` are percent-encoded, as received; ``cut`` if they are too long. ``arrived`` is in unix
    milliseconds by the machine's clock, ``project_time`` by the project's; ``duration_ms`` is by the monotonic clock.
    ``token`` is a fingerprint. ``rate_limit_state`` includes this request. ``message`` and ``error_id`` are those of an
    error response. ``status`` is 0 until there is a response. ``corrupted`` is true if the client does not get the
    complete response, because of a fault or a disconnect. ``effects`` are those still to be applied.
    """

    number: int
    method: str
    path: str
    query: str
    arrived: int
    cut: bool = False
    token: str | None = None
    rate_limit_state: RateLimitState = UNUSED
    operation: OperationName | None = None
    project_time: int | None = None
    listing: Listing | None = None
    status: int = 0
    duration_ms: float = 0.0
    message: str | None = None
    error_id: str | None = None
    ignored_parameters: tuple[str, ...] = ()
    corrupted: bool = False
    effects: ResponseEffects | None = None
    triggered_rules: tuple[ActiveRule, ...] = ()

    @property
    def request_id(self) -> str:
        """Names this request: the header ``x-request-id`` of its response."""
        return f"request-{self.number:06d}"

    def cut_target(self) -> None:
        """Cuts path and query to ``TARGET_MAX`` characters."""
        self.cut = True
        self.path = self.path[:TARGET_MAX]
        self.query = self.query[: TARGET_MAX - len(self.path)]

    def ignore(self, parameter: str) -> None:
        """Records the name of an unknown query parameter, if there is room for it."""
        if sum(map(len, self.ignored_parameters)) + len(parameter) <= TARGET_MAX:
            self.ignored_parameters += (parameter,)

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def size(self) -> int:
        """The bytes that it takes in memory, roughly, without its listing."""
        size = _RECORD_BYTES + len(self.path) + len(self.query) + len(self.message or "")
        for name in self.ignored_parameters:
            size += 60 + len(name)
        return size

    def as_list_request(self) -> ListRequest | None:
        """The request as a step of a walk; None if it belongs to no walk."""
        listing = self.listing
        if self.operation is not OperationName.LIST_RESTORES or self.method != "GET" or listing is None:
            return None
        if self.status != 200 and not self.corrupted:
            return None
        numbers, statuses = ((), ()) if self.corrupted else listing.restores()
        return ListRequest(
            number=self.number,
            token=self.token or "",
            project_id=listing.project_id,
            addon_id=listing.addon_id,
            backup_id=listing.backup_id,
            at=self.arrived,
            cursor=listing.cursor,
            page=listing.number,
            failed=self.corrupted,
            restores=numbers,
            statuses=statuses,
            next_cursor=None if self.corrupted else listing.next_cursor,
        )


class Journals:
    """Limits the journals of all projects to ``limit`` bytes in total.

    ``added`` counts the records of all of them, and ``watchers`` wait for a change of any project. At the limit, the
    journals of the projects with the least recent requests are emptied, one after another; then the
    journal being written to loses its oldest records.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in_use: OrderedDict[Journal, None] = OrderedDict()
        self.size = 0
        self.added = 0
        self.watchers = Watchers()

    def resize(self, journal: "Journal", by: int) -> None:
        """Adds ``by`` bytes for the journal that is being written to, and makes room for them."""
        self.size += by
        self.added += 1
        self._in_use[journal] = None
        self._in_use.move_to_end(journal)
        while self.size > self._limit and len(self._in_use) > 1:
            next(iter(self._in_use)).drop_all()
        while self.size > self._limit and len(journal) > 1:
            journal.drop_oldest()

    def release(self, journal: "Journal", size: int) -> None:
        """Subtracts ``size`` bytes that a journal no longer takes."""
        self.size -= size
        if not journal:
            self._in_use.pop(journal, None)


class Journal:
    """The latest requests of a project, in the order of their responses.

    ``dropped`` counts the records that it no longer holds; ``out_of_memory`` says whether some of them were dropped
    because all journals together reached their limit. ``revisions`` counts the records that changed after they were
    added. ``watchers`` wait for a change of the project.
    """

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._records: deque[RequestRecord] = deque()
        self.dropped = 0
        self.revisions = 0
        self.out_of_memory = False
        self.watchers = Watchers()

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[RequestRecord]:
        return iter(self._records)

    def add(self, record: RequestRecord) -> None:
        """Records a request whose response is about to be sent."""
        growth = record.size
        listing = record.listing
        if listing is not None:
            listing.records += 1
            if listing.records == 1:
                growth += _LISTING_BYTES + len(listing.packed)
        if len(self._records) == CAPACITY:
            growth -= self._drop()
        self._records.append(record)
        self._journals.resize(self, growth)
        if self.watchers.waiting or self._journals.watchers.waiting:
            self.notify()

    @property
    def version(self) -> tuple[int, int, int]:
        """Differs from every earlier one if the journal has changed since."""
        return self.dropped + len(self._records), self.dropped, self.revisions

    def revise(self) -> None:
        """Counts a record that has changed since it was added."""
        self.revisions += 1
        self.notify()

    def notify(self) -> None:
        """Wakes those who wait for a change of the project or of the server."""
        self.watchers.notify()
        self._journals.watchers.notify()

    def drop_oldest(self) -> None:
        """Drops the oldest record to free memory."""
        self.out_of_memory = True
        self._journals.release(self, self._drop())

    def drop_all(self) -> None:
        """Drops every record to free memory."""
        while self._records:
            self.drop_oldest()

    def clear(self) -> None:
        """Forgets every record, when the project is reset or deleted."""
        while self._records:
            self._journals.release(self, self._drop())
        self.dropped = 0

    def _drop(self) -> int:
        """Drops the oldest record; how many bytes that frees."""
        self.dropped += 1
        record = self._records.popleft()
        freed = record.size
        listing = record.listing
        if listing is not None:
            listing.records -= 1
            if not listing.records:
                freed += _LISTING_BYTES + len(listing.packed)
        return freed


@lru_cache(maxsize=256)
def fingerprint(token: str) -> str:
    """Identifies a token without revealing it."""
    return token_key(token).hex()[:12]
