"""What is known of each call: what was asked, and what came of it. In memory, and gone with the process."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mockserver.contract.operations import OperationName
from mockserver.faults.base import ResponseEffects
from mockserver.rate_limit import UNUSED, RateLimitState
from mockserver.sandbox.fault_rules import ActiveRule
from mockserver.sandbox.pages import Listing
from mockserver.walks.walks import ListRequest

CAPACITY = 1000
"""How many calls of a project the journal keeps."""

TARGET_MAX = 2048
"""How many characters of a call's path and query are kept."""

_RECORD_BYTES = 540
"""What a record takes in memory beside its texts and its listing."""

_LISTING_BYTES = 200
"""What a listing takes beside its packed restores."""


@dataclass(slots=True, eq=False)
class RequestRecord:
    """One request, from its arrival to its response.

    ``path`` and ``query`` are as they came over the wire, still percent-encoded, and cut if they are long. ``arrived``
    is in unix milliseconds by the machine's clock, ``project_time`` by the project's; ``duration_ms`` is by the
    monotonic clock. ``token`` is a fingerprint. ``rate_limit_state`` counts this request. ``message`` says what was
    wrong with a request that ends in an error. ``status`` is 0 until there is a response. ``corrupted`` says that the
    client does not get the response, because of a fault or because it left. ``effects`` is None once it is sent.
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
    ignored_parameters: tuple[str, ...] = ()
    corrupted: bool = False
    effects: ResponseEffects | None = None
    triggered_rules: tuple[ActiveRule, ...] = ()

    @property
    def error_id(self) -> str:
        """Names the answer to this call, should it be an error."""
        return f"request-{self.number:06d}"

    def cut_target(self) -> None:
        """Keeps only the beginning of the path and the query."""
        self.cut = True
        self.path = self.path[:TARGET_MAX]
        self.query = self.query[: TARGET_MAX - len(self.path)]

    def ignore(self, parameter: str) -> None:
        """Keeps the name of a query parameter that the operation does not have, as long as there is room for it."""
        if sum(map(len, self.ignored_parameters)) + len(parameter) <= TARGET_MAX:
            self.ignored_parameters += (parameter,)

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def size(self) -> int:
        """The bytes that it takes in memory, roughly, without its listing."""
        texts = len(self.path) + len(self.query) + len(self.message or "")
        return _RECORD_BYTES + texts + sum(60 + len(name) for name in self.ignored_parameters)

    def as_list_request(self) -> ListRequest | None:
        """The call as a walk sees it; None where it is in no walk."""
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
    """The journals of all projects, which together take at most ``limit`` bytes.

    Beyond it the journal whose project was called least recently is dropped whole; the one that is being written to is
    the last to lose calls, its oldest first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in_use: OrderedDict[Journal, None] = OrderedDict()
        self.size = 0

    def resize(self, journal: "Journal", by: int) -> None:
        """Counts what a journal, now the one written to last, has grown by."""
        self.size += by
        self._in_use[journal] = None
        self._in_use.move_to_end(journal)
        while self.size > self._limit and len(self._in_use) > 1:
            next(iter(self._in_use)).drop_all()
        while self.size > self._limit and len(journal) > 1:
            journal.drop_oldest()

    def release(self, journal: "Journal", size: int) -> None:
        """Counts what a journal has shrunk by."""
        self.size -= size
        if not journal:
            self._in_use.pop(journal, None)


class Journal:
    """The last calls of a project, in the order of their answers.

    ``dropped`` is how many came before those, ``out_of_memory`` whether some of them were dropped because all journals
    together had reached their limit.
    """

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._calls: deque[RequestRecord] = deque()
        self.dropped = 0
        self.out_of_memory = False

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[RequestRecord]:
        return iter(self._calls)

    def add(self, record: RequestRecord) -> None:
        """Writes down a call whose answer is about to be sent."""
        if len(self._calls) == CAPACITY:
            self._drop()
        self._calls.append(record)
        size = record.size
        listing = record.listing
        if listing is not None:
            listing.records += 1
            if listing.records == 1:
                size += _LISTING_BYTES + len(listing.packed)
        self._journals.resize(self, size)

    def drop_oldest(self) -> None:
        """Drops the oldest call, as there is no memory left for it."""
        self.out_of_memory = True
        self._drop()

    def drop_all(self) -> None:
        """Drops every call, as there is no memory left for them."""
        while self._calls:
            self.drop_oldest()

    def clear(self) -> None:
        """Forgets every call: the project is reset or deleted."""
        while self._calls:
            self._drop()
        self.dropped = 0

    def _drop(self) -> None:
        self.dropped += 1
        record = self._calls.popleft()
        size = record.size
        listing = record.listing
        if listing is not None:
            listing.records -= 1
            if not listing.records:
                size += _LISTING_BYTES + len(listing.packed)
        self._journals.release(self, size)


@lru_cache(maxsize=256)
def fingerprint(token: str) -> str:
    """What is shown of a token: enough to tell it from others, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]
