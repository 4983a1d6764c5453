"""The journal: a record of each request and its response. In memory, lost with the process."""

import re
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache

from mockserver.contract.operations import OperationName
from mockserver.faults.base import ResponseEffects
from mockserver.instants import unix_milliseconds
from mockserver.rate_limit import UNUSED, RateLimitState, token_key
from mockserver.sandbox.fault_rules import ActiveRule
from mockserver.sandbox.pages import Listing
from mockserver.sandbox.watchers import Watchers
from mockserver.walks.walks import ListRequest

CAPACITY = 1000
"""How many records a journal holds."""

TARGET_MAX = 2048
"""How many characters of path and query a record holds."""

_RATE_LIMITED = 429
_PAGE = re.compile(r"(?:^|&)page=(\d+)")

_RECORD_BYTES = 570
"""The memory that a record takes without its strings and its listing."""

_LISTING_BYTES = 200
"""The memory that a listing takes without its packed restores."""


HEADER_MAX = 256
"""How many characters of each header a record holds."""

_HEADER_BYTES = 60
"""The memory that a header takes without its characters."""


@dataclass(frozen=True, slots=True)
class SentHeaders:
    """The headers of a request that its record holds. Equal ones are mostly one object; ``size`` ignores that."""

    accept: str | None = None
    user_agent: str | None = None
    traceparent: str | None = None
    size: int = 0


NO_HEADERS = SentHeaders()


@dataclass(slots=True, eq=False)
class RequestRecord:
    """One request, from its arrival to its response.

    ``path`` and ``query`` are percent-encoded, as received; ``cut`` if they are too long. ``arrived`` is in unix
    milliseconds by the machine's clock, ``project_time`` by the project's; ``duration_ms`` is by the monotonic clock.
    ``token`` is a fingerprint. ``rate_limit_state`` includes this request. ``message``, ``error_id`` and
    ``retry_after``, a header, are those of an error response. ``status`` is 0 until there is a response. ``corrupted``
    is true if the client does not get the complete response, because of a fault or a disconnect. ``effects`` are those
    still to be applied.
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
    headers: SentHeaders = NO_HEADERS
    retry_after: str | None = None
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

    def keep_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Records the headers that tell who sent the request, and as a part of which trace."""
        sent = dict(headers)
        kept = [sent.get(name, b"")[:HEADER_MAX] for name in (b"accept", b"user-agent", b"traceparent")]
        self.headers = _sent_headers(*kept)

    def ignore(self, parameter: str) -> None:
        """Records the name of an unknown query parameter, if there is room for it."""
        if sum(map(len, self.ignored_parameters)) + len(parameter) <= TARGET_MAX:
            self.ignored_parameters += (parameter,)

    @property
    def time_in_project(self) -> int:
        """When it arrived, by the clock of its project if there is one."""
        return self.arrived if self.project_time is None else self.project_time

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def has_failed(self) -> bool:
        """Whether the client got an error, or no complete response."""
        return self.failed or self.corrupted or not self.status

    @property
    def size(self) -> int:
        """The bytes that it takes in memory, roughly, without its listing."""
        size = _RECORD_BYTES + len(self.path) + len(self.query) + len(self.message or "") + self.headers.size
        for name in self.ignored_parameters:
            size += 60 + len(name)
        return size

    def as_list_request(self) -> ListRequest | None:
        """The request as a step of a walk; None if it belongs to no walk."""
        listing = self.listing
        if self.operation is not OperationName.LIST_RESTORES or self.method != "GET" or listing is None:
            return None
        if self.status not in (200, _RATE_LIMITED) and not self.corrupted:
            return None
        failed = self.corrupted or self.status == _RATE_LIMITED
        numbers, statuses = ((), ()) if failed else listing.restores()
        return ListRequest(
            number=self.number,
            token=self.token or "",
            project_id=listing.project_id,
            addon_id=listing.addon_id,
            backup_id=listing.backup_id,
            at=self.arrived,
            cursor=listing.cursor,
            page=listing.number,
            failed=failed,
            restores=numbers,
            statuses=statuses,
            next_cursor=None if failed else listing.next_cursor,
            broken=None if failed else listing.broken,
            project_time=self.time_in_project,
            page_beside_cursor=self._page_beside_cursor() if listing.cursor is not None else None,
            wait_ms=self._wait_ms(),
        )

    def _page_beside_cursor(self) -> int | None:
        page = None if self.cut else _PAGE.search(self.query)
        return None if page is None else int(page[1])

    def _wait_ms(self) -> int | None:
        """For how long the response told the client to wait; a date counts from the project's time of the request."""
        if self.retry_after is None:
            used_up = self.status == _RATE_LIMITED and self.rate_limit_state.remaining == 0
            return self.rate_limit_state.reset * 1000 if used_up else None
        try:
            if self.retry_after.isdecimal():
                return int(self.retry_after) * 1000
            return unix_milliseconds(parsedate_to_datetime(self.retry_after)) - self.time_in_project
        except (ValueError, TypeError):  # it is neither a number nor a date with a time zone
            return None


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
    added. ``watchers`` wait for a change of the project. ``judgement`` is what ``judged.py`` remembers.
    """

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._records: deque[RequestRecord] = deque()
        self.dropped = 0
        self.revisions = 0
        self.out_of_memory = False
        self.watchers = Watchers()
        self.judgement: object = None

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

    @property
    def last(self) -> RequestRecord | None:
        """The newest record; None if there is none."""
        return self._records[-1] if self._records else None

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
        self.judgement = None
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
def _sent_headers(*values: bytes) -> SentHeaders:
    accept, user_agent, traceparent = (value.decode("latin-1") or None for value in values)
    size = sum(_HEADER_BYTES + len(value) for value in values if value)
    return SentHeaders(accept, user_agent, traceparent, size)


@lru_cache(maxsize=256)
def fingerprint(token: str) -> str:
    """Identifies a token without revealing it."""
    return token_key(token).hex()[:12]
