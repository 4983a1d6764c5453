"""From what a client was told and what it asked next to a verdict: did it walk the list as one should? Pure.

A walk belongs to one token and one list. Six rules say which walk a call belongs to; then each walk gets the first of
seven verdicts that fits. Instants are unix milliseconds by the machine's clock.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from itertools import chain, count, pairwise

from mockserver.lifecycle import Outcome, Status

AtOrBehind = Callable[[str, str, int], int]
"""Of an addon's id, a backup's and a restore's: how many restores the list holds now with that id or a lower one."""

_Asked = str | int
_FIRST_PAGE = 1
_ENDED = tuple(Status(outcome) for outcome in Outcome)


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


class Verdict(StrEnum):
    """What a walk comes to. The first that fits is told."""

    MIXED = "mixed"
    LOOPED = "looped"
    OVERRAN = "overran"
    POLL = "poll"
    ABANDONED = "abandoned"
    SKIPPED = "skipped"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Walk:
    """The verdict on one walk at the time of asking.

    ``pages`` are distinct pages answered, ``restores_seen`` distinct restores sent. ``restores_total`` counts the
    restores in the list now that are at or behind the walk's foremost one, and those that it saw before they were
    deleted; 0 where it was sent none. ``retries`` are calls that asked again what had failed. The last four belong to
    a poll; ``statuses_seen`` are in the order in which they first showed.
    """

    token: str
    addon_id: str
    backup_id: str
    verdict: Verdict
    pages: int
    restores_seen: int
    restores_total: int
    retries: int
    since: int
    until: int
    explanation: str
    polls: int | None = None
    shortest_interval_ms: int | None = None
    statuses_seen: tuple[Status, ...] | None = None
    went_on_after_end: bool | None = None


def verdicts(calls: Iterable[ListCall], at_or_behind: AtOrBehind) -> list[Walk]:
    """The walks that ``calls``, in the order in which they were answered, make up, in the order in which they began."""
    trails: list[_Trail] = []
    lists: defaultdict[tuple[str, str, str], _List] = defaultdict(lambda: _List(trails))
    for call in calls:
        lists[call.token, call.addon_id, call.backup_id].take(call)
    listed = cache(at_or_behind)  # as one walk after another over the same list asks the same
    return [_judged(trail, listed) for trail in _polls_joined(trails)]


@dataclass(slots=True, eq=False)
class _Trail:
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

    def join(self, later: "_Trail") -> None:
        self.starts += later.starts
        self.calls += later.calls
        self.seen |= later.seen
        self.retries += later.retries

    @property
    def by_number(self) -> bool:
        return len(self.asked_by_number) > 1

    @property
    def first_page_alone(self) -> bool:
        return not self.follows_cursors and self.asked_by_number == {_FIRST_PAGE}

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

    trails: list[_Trail]
    newest: _Trail | None = None
    failing: dict[_Asked, _Trail] = field(default_factory=dict)
    waiting: dict[_Asked, deque[_Trail]] = field(default_factory=dict)
    followed: dict[_Asked, _Trail] = field(default_factory=dict)
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

    def _asks_again_what_failed(self, call: ListCall) -> _Trail | None:
        return self.failing.get(call.asked)

    def _follows_a_cursor(self, call: ListCall) -> _Trail | None:
        """A cursor is followed once it is answered: where that failed, it may be asked again at any time."""
        if not (queue := self.waiting.get(call.asked)):
            return None
        trail = queue[0]
        trail.mixed |= trail.by_number
        return trail

    def _follows_a_cursor_again(self, call: ListCall) -> _Trail | None:
        if trail := self.followed.get(call.asked):
            trail.repeated.append(call.page)
        return trail

    def _follows_a_cursor_from_elsewhere(self, call: ListCall) -> _Trail | None:
        if call.cursor is None:
            return None
        trail = self._begun(call)
        self._hand(trail, call.cursor)
        return trail

    def _asks_the_first_page(self, call: ListCall) -> _Trail | None:
        return self._begun(call) if call.page == _FIRST_PAGE else None

    def _asks_a_later_page(self, call: ListCall) -> _Trail:
        """A page that failed may be asked again, here too."""
        trail = self.newest or self._begun(call)
        trail.mixed |= trail.follows_cursors
        if call.page in trail.pages:
            trail.repeated.append(call.page)
        return trail

    def _begun(self, call: ListCall) -> _Trail:
        self.newest = _Trail(home=self, number=len(self.trails), starts=[call.at])
        self.trails.append(self.newest)
        return self.newest

    def _hand(self, trail: _Trail, cursor: str) -> None:
        if cursor not in trail.handed:
            trail.handed.add(cursor)
            self.waiting.setdefault(cursor, deque()).append(trail)

    def _note(self, trail: _Trail, call: ListCall) -> None:
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


def _polls_joined(trails: list[_Trail]) -> list[_Trail]:
    """Of walks in a row of the first page alone, one."""
    joined: list[_Trail] = []
    last: dict[_List, _Trail] = {}
    for trail in trails:
        before = last.get(trail.home)
        if before and before.first_page_alone and trail.first_page_alone:
            before.join(trail)
        else:
            joined.append(trail)
            last[trail.home] = trail
    return joined


def _judged(trail: _Trail, at_or_behind: AtOrBehind) -> Walk:
    first = trail.calls[0]
    trail.total = _total(trail, lambda restore: at_or_behind(first.addon_id, first.backup_id, restore))
    told = zip(Verdict, (rule(trail) for rule in _RULES), strict=True)
    verdict, explanation = next((verdict, explanation) for verdict, explanation in told if explanation)
    walk = Walk(
        token=first.token,
        addon_id=first.addon_id,
        backup_id=first.backup_id,
        verdict=verdict,
        pages=len(trail.pages),
        restores_seen=len(trail.seen),
        restores_total=trail.total,
        retries=trail.retries,
        since=min(call.at for call in trail.calls),
        until=max(call.at for call in trail.calls),
        explanation=explanation,
    )
    if verdict is not Verdict.POLL:
        return walk
    return replace(
        walk,
        polls=len(trail.starts),
        shortest_interval_ms=_shortest_interval(trail),
        statuses_seen=_statuses_seen(trail),
        went_on_after_end=_went_on_after_end(trail),
    )


def _total(trail: _Trail, at_or_behind: Callable[[int], int]) -> int:
    """The restores at or behind the walk's foremost one: in the list now, or seen before they were deleted.

    A restore that is deleted while a client asks page by page draws the next one over the boundary, past the client:
    then as many are listed as were seen, and one of them was not. So a walk by number is looked at between its pages.
    """
    if not trail.seen:
        return 0
    unseen = at_or_behind(min(trail.seen) - 1)
    if trail.by_number:
        unseen += _between_pages(trail, at_or_behind)
    return max(at_or_behind(max(trail.seen)), len(trail.seen) + unseen)


def _between_pages(trail: _Trail, at_or_behind: Callable[[int], int]) -> int:
    spans = sorted(((max(call.restores), min(call.restores)) for call in trail.answers if call.restores), reverse=True)
    between, reached = 0, spans[0][0]
    for newest, oldest in spans:
        if newest < reached:
            between += at_or_behind(reached - 1) - at_or_behind(newest)
        reached = min(reached, oldest)
    return between


# The verdicts, in their order: each explains itself where it fits


def _mixed(trail: _Trail) -> str | None:
    if not trail.mixed:
        return None
    return "mixed page numbers and cursors, so that restores may come twice or never: keep to one of the two"


def _looped(trail: _Trail) -> str | None:
    if not trail.repeated:
        return None
    calls = len(trail.repeated)
    times = "" if calls == 1 else f" ({calls} calls in all asked what was answered)"
    return f"asked again for page {trail.repeated[0]} after it was answered{times}: go on from the last answer"


def _overran(trail: _Trail) -> str | None:
    """Pages asked side by side with the last one count too."""
    end = trail.end
    beyond = {call.page for call in trail.calls if end is not None and call.page > end}
    if not beyond:
        return None
    pages = _counted(len(beyond), "page")
    return f"asked for {pages} beyond page {end}, which said that there is no next: stop where hasNextPage is false"


def _poll(trail: _Trail) -> str | None:
    if len(trail.starts) == 1:
        return None
    saw = ", ".join(_statuses_seen(trail)) or "no restores"
    if _went_on_after_end(trail):
        end = "went on after all had ended, where it could have stopped"
    else:
        end = "stopped when all had ended" if _all_ended(trail.answers[-1]) else "did not see all of them end"
    more = "" if trail.end else "; a next page was never asked for: its cursor leads there"
    apart = f"{_shortest_interval(trail)} ms apart at the closest"
    return f"asked for the first page {len(trail.starts)} times, {apart}; saw {saw}; {end}{more}"


def _abandoned(trail: _Trail) -> str | None:
    if trail.end is not None:
        return None
    if not trail.pages:
        calls = "its only call" if len(trail.calls) == 1 else f"all {len(trail.calls)} calls"
        return f"was never answered, as {calls} failed: ask again after a 429 or 5xx"
    failed = next((call for call in trail.calls if call.asked in trail.unanswered), None)
    if failed:
        return f"gave up on page {failed.page}, which failed{_never_seen(trail)}; ask for it again"
    stopped = f"stopped after page {max(trail.pages)} although there was a next page{_never_seen(trail)}"
    if trail.overtaken:
        return (
            f"{stopped}; another walk asked for that: do not start over after a failure, and give each client a token"
        )
    return f"{stopped}; go on while hasNextPage is true"


def _skipped(trail: _Trail) -> str | None:
    first, end = min(call.page for call in trail.calls), max(trail.pages)
    missing = end - first + 1 - len(trail.pages)
    if missing:
        page = next(page for page in count(first) if page not in trail.pages)
        which = f"page {page} was" if missing == 1 else f"{missing} pages, the first of them page {page}, were"
        return f"reached the end, but {which} never answered{_never_seen(trail)}"
    if trail.by_number and trail.unseen:
        return f"reached the end, but the list changed under the page numbers{_never_seen(trail)}; cursors do not skip"
    return None


def _complete(trail: _Trail) -> str:
    start = "" if min(trail.pages) == _FIRST_PAGE else f" from page {min(trail.pages)} on"
    restores = f"{len(trail.seen)} of {_counted(trail.total, 'restore')}"
    later = f"; the other {trail.unseen} came in behind it" if trail.unseen else ""
    retries = f", with {_counted(trail.retries, 'retry', 'retries')}" if trail.retries else ""
    return f"reached the end{start}: {restores} on {_counted(len(trail.pages), 'page')}{retries}{later}"


_RULES = (_mixed, _looped, _overran, _poll, _abandoned, _skipped, _complete)


def _shortest_interval(poll: _Trail) -> int:
    """Milliseconds from one poll to the next; a retry is no poll of its own."""
    return min(later - earlier for earlier, later in pairwise(sorted(poll.starts)))


def _statuses_seen(poll: _Trail) -> tuple[Status, ...]:
    seen: list[Status] = []
    for status in chain.from_iterable(answer.statuses for answer in poll.answers):
        if status not in seen:
            seen.append(status)
    return tuple(seen)


def _went_on_after_end(poll: _Trail) -> bool:
    """Whether another poll was begun after an answer in which all had ended."""
    return any(_all_ended(call) for call in poll.calls[:-1])


def _all_ended(answer: ListCall) -> bool:
    return bool(answer.statuses) and all(status in _ENDED for status in answer.statuses)


def _never_seen(trail: _Trail) -> str:
    was = "was" if trail.unseen == 1 else "were"
    return f": {trail.unseen} of {trail.total} restores {was} never seen" if trail.unseen else ""


def _counted(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
