"""The record of one request and its response, and what a walk needs of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache

from mockserver.contract.operations import OperationName
from mockserver.faults.base import ResponseEffects
from mockserver.instants import unix_milliseconds
from mockserver.rate_limit import UNUSED, RateLimitState, token_key
from mockserver.sandbox.fault_rules import ActiveRule
from mockserver.sandbox.pages import Listing
from mockserver.walks.walks import ListRequest

TARGET_MAX = 2048
"""How many characters of path and query a record holds."""

_RATE_LIMITED = 429
_PAGE = re.compile(r"(?:^|&)page=(\d+)")

_RECORD_BYTES = 570
"""The memory that a record takes without its strings and its listing."""

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
    still to be applied. ``size`` is what it counts for in the journal.
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
    size: int = 0

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

    def measure(self) -> int:
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
        """How long the client was to wait, by the response; a date counts from the project's time of the request."""
        if self.retry_after is None:
            used_up = self.status == _RATE_LIMITED and self.rate_limit_state.remaining == 0
            return self.rate_limit_state.reset * 1000 if used_up else None
        try:
            if self.retry_after.isdecimal():
                return int(self.retry_after) * 1000
            return unix_milliseconds(parsedate_to_datetime(self.retry_after)) - self.time_in_project
        except (ValueError, TypeError):  # it is neither a number nor a date with a time zone
            return None


def sent_headers(headers: Iterable[tuple[bytes, bytes]]) -> SentHeaders:
    """The headers that tell who sent a request, and as a part of which trace."""
    sent = dict(headers)
    return _sent_headers(*[sent.get(name, b"")[:HEADER_MAX] for name in (b"accept", b"user-agent", b"traceparent")])


@lru_cache(maxsize=256)
def _sent_headers(*values: bytes) -> SentHeaders:
    accept, user_agent, traceparent = (value.decode("latin-1") or None for value in values)
    size = sum(_HEADER_BYTES + len(value) for value in values if value)
    return SentHeaders(accept, user_agent, traceparent, size)


@lru_cache(maxsize=256)
def fingerprint(token: str) -> str:
    """Identifies a token without revealing it."""
    return token_key(token).hex()[:12]
