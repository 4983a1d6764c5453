"""Which walk a call belongs to: six rules, from what a client was told and what it asked next. Pure.

A walk belongs to one token and one list; here it is a trail of calls. Instants are unix milliseconds by the machine's
clock.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.contract.lifecycle import Status

FIRST_PAGE = 1

_Asked = str | int


@dataclass(frozen=True, slots=True)
class ListCall:
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
    def asked(self) -> _Asked:
        """What two calls have in common that ask the same: the cursor, else the page's number; not ``per_page``."""
        return self.page if self.cursor is None else self.cursor


def trails_of(calls: Iterable[ListCall]) -> "list[Trail]":
    """The trails that ``calls``, in the order in which they were answered, make up, in the order in which they began.

    Of trails in a row of the first page alone there is one.
    """
    trails: list[Trail] = []
    lists: defaultdict[tuple[str, str, str], _List] = defaultdict(lambda: _List(trails))
    for call in calls:
        lists[call.token, call.addon_id, call.backup_id].take(call)
    return _polls_joined(trails)


@dataclass(slots=True, eq=False)
class Trail:
    """The calls of one walk, in the order in which they were answered, and what the rules ask of them."""

    home: "_List"
    number: int
    starts: list[int]
    calls: list[ListCall] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    total: int = 0
    asked_by_number: set[int] = field(default_factory=set)
    follows_cursors: bool = False
    handed: set[str] = field(default_factory=set)
    unanswered: set[_Asked] = field(default_factory=set)
    retries: int = 0
    mixed: bool = False
    repeated: list[int] = field(default_factory=list)

    def add(self, call: ListCall) -> None:
        self.calls.append(call)
        self.retries += call.asked in self.unanswered
        if call.cursor is None:
            self.asked_by_number.add(call.page)
        else:
            self.follows_cursors = True
        if call.failed:
            self.unanswered.add(call.asked)
        else:
            self.unanswered.discard(call.asked)
            self.pages.add(call.page)
            self.seen.update(call.restores)

    def join(self, later: "Trail") -> None:
        self.starts += later.starts
        self.calls += later.calls
        self.seen |= later.seen
        self.retries += later.retries

    @property
    def since(self) -> int:
        """When it began: calls that are asked side by side may be answered in another order."""
        return min(call.at for call in self.calls)

    @property
    def by_number(self) -> bool:
        return len(self.asked_by_number) > 1

    @property
    def first_page_alone(self) -> bool:
        return not self.follows_cursors and self.asked_by_number == {FIRST_PAGE}

    @property
    def answers(self) -> list[ListCall]:
        return [call for call in self.calls if not call.failed]

    @property
    def end(self) -> int | None:
        """The lowest page whose answer said that no page follows."""
        return min((call.page for call in self.answers if call.next_cursor is None), default=None)

    @property
    def unseen(self) -> int:
        return self.total - len(self.seen)

    @property
    def overtaken(self) -> bool:
        """Whether another walk asked with the cursor that this one was handed last, after it was."""
        last = self.calls[-1]
        return last.next_cursor is not None and self.home.asked_at.get(last.next_cursor, -1) >= last.at


@dataclass(slots=True, eq=False)
class _List:
    """The walks of one token over one list, and the rules that say which of them a call belongs to.

    By what was asked: ``failing`` is the walk whose last call asked it and failed (rule 1 keeps it to one); ``waiting``
    are those that were handed the cursor and not answered with it, the longest-waiting first; ``followed`` is the
    newest that was answered with the cursor; ``asked_at`` is when anybody asked it last.
    """

    trails: list[Trail]
    newest: Trail | None = None
    failing: dict[_Asked, Trail] = field(default_factory=dict)
    waiting: dict[_Asked, deque[Trail]] = field(default_factory=dict)
    followed: dict[_Asked, Trail] = field(default_factory=dict)
    asked_at: dict[_Asked, int] = field(default_factory=dict)

    def take(self, call: ListCall) -> None:
        trail = (
            self._asks_again_what_failed(call)
            or self._follows_a_cursor(call)
            or self._follows_a_cursor_again(call)
            or self._follows_a_cursor_from_elsewhere(call)
            or self._asks_the_first_page(call)
            or self._asks_a_later_page(call)
        )
        self._note(trail, call)

    def _asks_again_what_failed(self, call: ListCall) -> Trail | None:
        return self.failing.get(call.asked)

    def _follows_a_cursor(self, call: ListCall) -> Trail | None:
        """A cursor is followed once it is answered: where that failed, it may be asked again at any time."""
        if not (queue := self.waiting.get(call.asked)):
            return None
        trail = queue[0]
        trail.mixed |= trail.by_number
        return trail

    def _follows_a_cursor_again(self, call: ListCall) -> Trail | None:
        if trail := self.followed.get(call.asked):
            trail.repeated.append(call.page)
        return trail

    def _follows_a_cursor_from_elsewhere(self, call: ListCall) -> Trail | None:
        if call.cursor is None:
            return None
        trail = self._begun(call)
        self._hand(trail, call.cursor)
        return trail

    def _asks_the_first_page(self, call: ListCall) -> Trail | None:
        return self._begun(call) if call.page == FIRST_PAGE else None

    def _asks_a_later_page(self, call: ListCall) -> Trail:
        """A page that failed may be asked again, here too."""
        trail = self.newest or self._begun(call)
        trail.mixed |= trail.follows_cursors
        if call.page in trail.pages:
            trail.repeated.append(call.page)
        return trail

    def _begun(self, call: ListCall) -> Trail:
        self.newest = Trail(home=self, number=len(self.trails), starts=[call.at])
        self.trails.append(self.newest)
        return self.newest

    def _hand(self, trail: Trail, cursor: str) -> None:
        if cursor not in trail.handed:
            trail.handed.add(cursor)
            self.waiting.setdefault(cursor, deque()).append(trail)

    def _note(self, trail: Trail, call: ListCall) -> None:
        if trail.calls and trail.calls[-1].failed:
            del self.failing[trail.calls[-1].asked]
        trail.add(call)
        self.asked_at[call.asked] = call.at
        if call.failed:
            self.failing[call.asked] = trail
            return
        if call.cursor is not None:
            if (queue := self.waiting[call.cursor]) and queue[0] is trail:
                queue.popleft()
            self.followed[call.cursor] = max(trail, self.followed.get(call.cursor, trail), key=lambda each: each.number)
        if call.next_cursor is not None:
            self._hand(trail, call.next_cursor)


def _polls_joined(trails: list[Trail]) -> list[Trail]:
    """Of walks in a row of the first page alone, one."""
    joined: list[Trail] = []
    last: dict[_List, Trail] = {}
    for trail in trails:
        before = last.get(trail.home)
        if before and before.first_page_alone and trail.first_page_alone:
            before.join(trail)
        else:
            joined.append(trail)
            last[trail.home] = trail
    return joined
