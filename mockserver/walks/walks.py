"""Which walk a request belongs to. Pure.

A walk is one client's way through one list of restores: GET requests with one token that got a 200 or a 429, or
triggered a fault. A request belongs to the first of these that fits; a token's newest walk is tried first, except by
rule 2.

Rule 1: It repeats a walk's last request, which failed. It belongs to that walk, as a retry.
Rule 2: It follows a cursor that a walk was issued and has not followed. That walk continues, the longest-waiting one
if there are several; it is mixed if it requested two or more pages by number.
Rule 3: It follows a cursor that was already followed, even if it was issued again. That walk has looped.
Rule 4: It follows a cursor that no walk here was issued. A new walk starts there.
Rule 5: It requests the first page, by number or without one. A new walk starts.
Rule 6: It requests a later page by number. The newest walk continues; it is mixed if it followed cursors, and has
looped if it had that page. If there is no walk, a new one starts.

By every rule, a walk is also mixed if a request sends another page number beside its cursor than the walk began with.

Instants are unix milliseconds by the machine's clock, unless they are called project time.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from mockserver.contract.broken_pages import BrokenPaging, says_next
from mockserver.contract.lifecycle import Status

FIRST_PAGE = 1

_Target = str | int
"""What is requested: a cursor or a page number."""

_TIMER_MS = 20
"""How much shorter than it should be a wait may be, as timers and clocks are inexact."""


class EarlyRetry(NamedTuple):
    """A retry before the time that the failed response had named: the request's number, and how early it came."""

    number: int
    early_ms: int


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One request for a page of a backup's restores.

    ``number`` is the journal's, ``token`` a fingerprint, ``at`` the instant of arrival, and ``project_time`` the same
    by the project's clock. A ``cursor`` wins over the page number: ``page`` is then the one that it leads to, and
    ``page_beside_cursor`` the one that was sent with it. The request ``failed`` if its status was 429 or 5xx, or if a
    fault corrupted the response, which may have named a time to wait, ``wait_ms``. ``restores`` (ids),
    ``statuses`` and ``next_cursor`` are what was sent; no ``next_cursor`` means the last page, unless a fault broke the
    page, as ``broken`` says.
    """

    token: str
    addon_id: str
    backup_id: str
    at: int
    cursor: str | None
    page: int
    failed: bool
    restores: tuple[int, ...] = ()
    statuses: tuple[Status, ...] = ()
    next_cursor: str | None = None
    project_id: str = ""
    number: int = 0
    project_time: int = 0
    page_beside_cursor: int | None = None
    wait_ms: int | None = None
    broken: BrokenPaging | None = None

    @property
    def has_next(self) -> bool:
        """Whether the response said that there is a next page."""
        return says_next(self.broken, self.next_cursor)

    @property
    def first_page(self) -> int | None:
        """The page number that a walk begins with if this is its first request; None if it sent only a cursor."""
        return self.page if self.cursor is None else self.page_beside_cursor

    @property
    def target(self) -> _Target:
        """The cursor, else the page number; requests that differ only in ``per_page`` have the same target."""
        return self.page if self.cursor is None else self.cursor


def group_into_walks(requests: Iterable[ListRequest]) -> "list[Walk]":
    """The walks that requests, in the order of their responses, belong to, in the order of their beginning.

    Consecutive walks that request only the first page are merged into one (a poll).
    """
    return _merge_polls(unmerged_walks(requests))


def unmerged_walks(requests: Iterable[ListRequest]) -> "list[Walk]":
    """The same walks, of which a poll has one for each time that it requested the first page."""
    walks: list[Walk] = []
    lists: defaultdict[tuple[str, ...], _WalkList] = defaultdict(lambda: _WalkList(walks))
    for request in requests:
        lists[request.token, request.project_id, request.addon_id, request.backup_id].add(request)
    return walks


@dataclass(slots=True, eq=False)
class Walk:
    """The requests of one walk, in the order of their responses, and what the rules need to know of them."""

    walk_list: "_WalkList"
    number: int
    starts: list[ListRequest]
    requests: list[ListRequest] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)
    total: int = 0
    page_numbers: set[int] = field(default_factory=set)
    follows_cursors: bool = False
    issued_cursors: set[str] = field(default_factory=set)
    failures: dict[_Target, ListRequest] = field(default_factory=dict)
    retries: int = 0
    early_retries: list[EarlyRetry] = field(default_factory=list)
    mixed: bool = False
    other_pages: list[int] = field(default_factory=list)
    repeated_pages: list[int] = field(default_factory=list)

    def add(self, request: ListRequest) -> None:
        self.requests.append(request)
        if request.cursor is None:
            self.page_numbers.add(request.page)
        else:
            self.follows_cursors = True
            if request.page_beside_cursor not in (None, self.requests[0].first_page):
                self.other_pages.append(request.page_beside_cursor)
        failure = self.failures.pop(request.target, None)
        if failure is not None:
            self._add_retry(failure, request)
        if request.failed:
            self.failures[request.target] = request
        else:
            self.pages.add(request.page)
            self.repeated |= self.seen.intersection(request.restores)
            self.seen.update(request.restores)

    def merge(self, later: "Walk") -> None:
        self.starts += later.starts
        self.requests += later.requests
        self.repeated |= later.repeated | (self.seen & later.seen)
        self.seen |= later.seen
        self.retries += later.retries
        self.early_retries += later.early_retries

    def _add_retry(self, failure: ListRequest, retry: ListRequest) -> None:
        """A client waits by its own clock, so whichever of the two clocks moved further counts."""
        self.retries += 1
        waited = max(retry.at - failure.at, retry.project_time - failure.project_time)
        if failure.wait_ms is not None and waited + _TIMER_MS < failure.wait_ms:
            self.early_retries.append(EarlyRetry(retry.number, failure.wait_ms - waited))

    @property
    def since(self) -> int:
        """When its first request arrived; the responses to parallel requests may come in another order."""
        return min(request.at for request in self.requests)

    @property
    def uses_page_numbers(self) -> bool:
        return len(self.page_numbers) > 1

    @property
    def is_first_page_only(self) -> bool:
        return not self.follows_cursors and self.page_numbers == {FIRST_PAGE}

    @property
    def responses(self) -> list[ListRequest]:
        """The requests that succeeded."""
        return [request for request in self.requests if not request.failed]

    @property
    def end(self) -> int | None:
        """The lowest page whose response said that there is no next page."""
        return min((request.page for request in self.responses if not request.has_next), default=None)

    @property
    def unseen(self) -> int:
        return self.total - len(self.seen)

    @property
    def superseded(self) -> bool:
        """Whether the cursor that it was issued last was followed, later, by another walk."""
        last = self.requests[-1]
        return last.next_cursor is not None and self.walk_list.requested_at.get(last.next_cursor, -1) >= last.at


@dataclass(slots=True, eq=False)
class _WalkList:
    """The walks of one token over one list, and the six rules.

    All dictionaries are keyed by target. ``failing`` has the walk whose last request failed (there is at most one, by
    rule 1), ``waiting`` the walks that were issued a cursor and have not followed it, the longest-waiting first,
    ``followed`` the newest walk that followed a cursor, and ``requested_at`` the last request by any walk.
    """

    walks: list[Walk]
    newest: Walk | None = None
    failing: dict[_Target, Walk] = field(default_factory=dict)
    waiting: dict[_Target, deque[Walk]] = field(default_factory=dict)
    followed: dict[_Target, Walk] = field(default_factory=dict)
    requested_at: dict[_Target, int] = field(default_factory=dict)

    def add(self, request: ListRequest) -> None:
        walk = (
            self._repeats_failed_request(request)
            or self._follows_issued_cursor(request)
            or self._follows_cursor_again(request)
            or self._follows_unknown_cursor(request)
            or self._requests_first_page(request)
            or self._requests_later_page(request)
        )
        self._add_to(walk, request)

    def _repeats_failed_request(self, request: ListRequest) -> Walk | None:
        return self.failing.get(request.target)

    def _follows_issued_cursor(self, request: ListRequest) -> Walk | None:
        """A cursor counts as followed once a request for it succeeds: until then it may be requested again."""
        if not (queue := self.waiting.get(request.target)):
            return None
        walk = queue[0]
        walk.mixed |= walk.uses_page_numbers
        return walk

    def _follows_cursor_again(self, request: ListRequest) -> Walk | None:
        if walk := self.followed.get(request.target):
            walk.repeated_pages.append(request.page)
        return walk

    def _follows_unknown_cursor(self, request: ListRequest) -> Walk | None:
        if request.cursor is None:
            return None
        walk = self._start_walk(request)
        self._issue(walk, request.cursor)
        return walk

    def _requests_first_page(self, request: ListRequest) -> Walk | None:
        return self._start_walk(request) if request.page == FIRST_PAGE else None

    def _requests_later_page(self, request: ListRequest) -> Walk:
        """A page whose request failed may be requested again."""
        walk = self.newest or self._start_walk(request)
        walk.mixed |= walk.follows_cursors
        if request.page in walk.pages:
            walk.repeated_pages.append(request.page)
        return walk

    def _start_walk(self, request: ListRequest) -> Walk:
        self.newest = Walk(walk_list=self, number=len(self.walks), starts=[request])
        self.walks.append(self.newest)
        return self.newest

    def _issue(self, walk: Walk, cursor: str) -> None:
        if cursor not in walk.issued_cursors:
            walk.issued_cursors.add(cursor)
            self.waiting.setdefault(cursor, deque()).append(walk)

    def _add_to(self, walk: Walk, request: ListRequest) -> None:
        if walk.requests and walk.requests[-1].failed:
            del self.failing[walk.requests[-1].target]
        walk.add(request)
        self.requested_at[request.target] = request.at
        if request.failed:
            self.failing[request.target] = walk
            return
        if request.cursor is not None:
            if (queue := self.waiting[request.cursor]) and queue[0] is walk:
                queue.popleft()
            followers = (walk, self.followed.get(request.cursor, walk))
            self.followed[request.cursor] = max(followers, key=lambda follower: follower.number)
        if request.next_cursor is not None:
            self._issue(walk, request.next_cursor)


def _merge_polls(walks: list[Walk]) -> list[Walk]:
    merged: list[Walk] = []
    last: dict[_WalkList, Walk] = {}
    for walk in walks:
        before = last.get(walk.walk_list)
        if before and before.is_first_page_only and walk.is_first_page_only:
            before.merge(walk)
        else:
            merged.append(walk)
            last[walk.walk_list] = walk
    return merged
