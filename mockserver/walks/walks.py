"""Which walk a call belongs to: six rules, from what a client was told and what it asked next. Pure.

A walk belongs to one token and one list; here it is a trail of calls. Instants are unix milliseconds by the machine's
clock.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.contract.lifecycle import Status

FIRST_PAGE = 1

_Requested = str | int


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One GET of a backup's restores that was answered or that a fault struck, as a walk sees it.

    ``token`` is a fingerprint; ``at`` is when it was asked. A ``cursor`` wins over the page's number, and ``page`` is
    then the one that it leads to. It ``failed`` where it was answered with 429 or 5xx, or a fault spoilt the answer;
    ``restores`` (ids), their ``statuses`` and ``next_cursor`` are those sent, and ``None`` says that no page follows.
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

    @property
    def requested(self) -> _Requested:
        """What two calls have in common that ask the same: the cursor, else the page's number; not ``per_page``."""
        return self.page if self.cursor is None else self.cursor


def group_into_walks(requests: Iterable[ListRequest]) -> "list[Walk]":
    """The walks that ``requests``, in the order of their responses, belong to, in the order of their beginning.

    Consecutive walks that request only the first page are merged into one (a poll).
    """
    walks: list[Walk] = []
    lists: defaultdict[tuple[str, str, str], _WalkList] = defaultdict(lambda: _WalkList(walks))
    for request in requests:
        lists[request.token, request.addon_id, request.backup_id].add(request)
    return _merge_polls(walks)


@dataclass(slots=True, eq=False)
class Walk:
    """The calls of one walk, in the order in which they were answered, and what the rules ask of them."""

    walk_list: "_WalkList"
    number: int
    starts: list[int]
    requests: list[ListRequest] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    total: int = 0
    pages_by_number: set[int] = field(default_factory=set)
    follows_cursors: bool = False
    issued_cursors: set[str] = field(default_factory=set)
    unanswered: set[_Requested] = field(default_factory=set)
    retries: int = 0
    mixed: bool = False
    repeated: list[int] = field(default_factory=list)

    def add(self, request: ListRequest) -> None:
        self.requests.append(request)
        self.retries += request.requested in self.unanswered
        if request.cursor is None:
            self.pages_by_number.add(request.page)
        else:
            self.follows_cursors = True
        if request.failed:
            self.unanswered.add(request.requested)
        else:
            self.unanswered.discard(request.requested)
            self.pages.add(request.page)
            self.seen.update(request.restores)

    def merge(self, later: "Walk") -> None:
        self.starts += later.starts
        self.requests += later.requests
        self.seen |= later.seen
        self.retries += later.retries

    @property
    def since(self) -> int:
        """When it began: calls that are asked side by side may be answered in another order."""
        return min(request.at for request in self.requests)

    @property
    def uses_page_numbers(self) -> bool:
        return len(self.pages_by_number) > 1

    @property
    def is_first_page_only(self) -> bool:
        return not self.follows_cursors and self.pages_by_number == {FIRST_PAGE}

    @property
    def responses(self) -> list[ListRequest]:
        return [request for request in self.requests if not request.failed]

    @property
    def end(self) -> int | None:
        """The lowest page whose answer said that no page follows."""
        return min((request.page for request in self.responses if request.next_cursor is None), default=None)

    @property
    def unseen(self) -> int:
        return self.total - len(self.seen)

    @property
    def superseded(self) -> bool:
        """Whether another walk asked with the cursor that this one was handed last, after it was."""
        last = self.requests[-1]
        return last.next_cursor is not None and self.walk_list.requested_at.get(last.next_cursor, -1) >= last.at


@dataclass(slots=True, eq=False)
class _WalkList:
    """The walks of one token over one list, and the rules that say which of them a call belongs to.

    By what was asked: ``failing`` is the walk whose last call asked it and failed (rule 1 keeps it to one); ``waiting``
    are those that were handed the cursor and not answered with it, the longest-waiting first; ``followed`` is the
    newest that was answered with the cursor; ``requested_at`` is when anybody asked it last.
    """

    walks: list[Walk]
    newest: Walk | None = None
    failing: dict[_Requested, Walk] = field(default_factory=dict)
    waiting: dict[_Requested, deque[Walk]] = field(default_factory=dict)
    followed: dict[_Requested, Walk] = field(default_factory=dict)
    requested_at: dict[_Requested, int] = field(default_factory=dict)

    def add(self, request: ListRequest) -> None:
        walk = (
            self._repeats_failed_request(request)
            or self._follows_issued_cursor(request)
            or self._follows_cursor_again(request)
            or self._follows_unknown_cursor(request)
            or self._requests_first_page(request)
            or self._requests_later_page(request)
        )
        self._record(walk, request)

    def _repeats_failed_request(self, request: ListRequest) -> Walk | None:
        return self.failing.get(request.requested)

    def _follows_issued_cursor(self, request: ListRequest) -> Walk | None:
        """A cursor is followed once it is answered: where that failed, it may be asked again at any time."""
        if not (queue := self.waiting.get(request.requested)):
            return None
        walk = queue[0]
        walk.mixed |= walk.uses_page_numbers
        return walk

    def _follows_cursor_again(self, request: ListRequest) -> Walk | None:
        if walk := self.followed.get(request.requested):
            walk.repeated.append(request.page)
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
        """A page that failed may be asked again, here too."""
        walk = self.newest or self._start_walk(request)
        walk.mixed |= walk.follows_cursors
        if request.page in walk.pages:
            walk.repeated.append(request.page)
        return walk

    def _start_walk(self, request: ListRequest) -> Walk:
        self.newest = Walk(walk_list=self, number=len(self.walks), starts=[request.at])
        self.walks.append(self.newest)
        return self.newest

    def _issue(self, walk: Walk, cursor: str) -> None:
        if cursor not in walk.issued_cursors:
            walk.issued_cursors.add(cursor)
            self.waiting.setdefault(cursor, deque()).append(walk)

    def _record(self, walk: Walk, request: ListRequest) -> None:
        if walk.requests and walk.requests[-1].failed:
            del self.failing[walk.requests[-1].requested]
        walk.add(request)
        self.requested_at[request.requested] = request.at
        if request.failed:
            self.failing[request.requested] = walk
            return
        if request.cursor is not None:
            if (queue := self.waiting[request.cursor]) and queue[0] is walk:
                queue.popleft()
            self.followed[request.cursor] = max(
                walk, self.followed.get(request.cursor, walk), key=lambda each: each.number
            )
        if request.next_cursor is not None:
            self._issue(walk, request.next_cursor)


def _merge_polls(walks: list[Walk]) -> list[Walk]:
    """Of walks in a row of the first page alone, one."""
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
