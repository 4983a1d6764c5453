"""From a client's walks to verdicts: did it walk the list as one should? Pure.

``trails`` says which walk a call belongs to; here each walk gets the first of seven verdicts that fits. Instants are
unix milliseconds by the machine's clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import chain, count, pairwise

from mockserver.contract.lifecycle import Outcome, Status
from mockserver.walks.walks import FIRST_PAGE, ListCall, Trail, trails_of

__all__ = ["AtOrBehind", "ListCall", "Verdict", "Walk", "verdicts"]

AtOrBehind = Callable[[str, str, int], int]
"""Of an addon's id, a backup's and a restore's: how many restores the list holds now with that id or a lower one."""

_ENDED = tuple(Status(outcome) for outcome in Outcome)


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
    listed = cache(at_or_behind)  # as one walk after another over the same list asks the same
    return [_judged(trail, listed) for trail in trails_of(calls)]


def _judged(trail: Trail, at_or_behind: AtOrBehind) -> Walk:
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
        since=trail.since,
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


def _total(trail: Trail, at_or_behind: Callable[[int], int]) -> int:
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


def _between_pages(trail: Trail, at_or_behind: Callable[[int], int]) -> int:
    spans = sorted(((max(call.restores), min(call.restores)) for call in trail.answers if call.restores), reverse=True)
    between, reached = 0, spans[0][0]
    for newest, oldest in spans:
        if newest < reached:
            between += at_or_behind(reached - 1) - at_or_behind(newest)
        reached = min(reached, oldest)
    return between


# The verdicts, in their order: each explains itself where it fits


def _mixed(trail: Trail) -> str | None:
    if not trail.mixed:
        return None
    return "mixed page numbers and cursors, so that restores may come twice or never: keep to one of the two"


def _looped(trail: Trail) -> str | None:
    if not trail.repeated:
        return None
    calls = len(trail.repeated)
    times = "" if calls == 1 else f" ({calls} calls in all asked what was answered)"
    return f"asked again for page {trail.repeated[0]} after it was answered{times}: go on from the last answer"


def _overran(trail: Trail) -> str | None:
    """Pages asked side by side with the last one count too."""
    end = trail.end
    beyond = {call.page for call in trail.calls if end is not None and call.page > end}
    if not beyond:
        return None
    pages = _counted(len(beyond), "page")
    return f"asked for {pages} beyond page {end}, which said that there is no next: stop where hasNextPage is false"


def _poll(trail: Trail) -> str | None:
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


def _abandoned(trail: Trail) -> str | None:
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


def _skipped(trail: Trail) -> str | None:
    first, end = min(call.page for call in trail.calls), max(trail.pages)
    missing = end - first + 1 - len(trail.pages)
    if missing:
        page = next(page for page in count(first) if page not in trail.pages)
        which = f"page {page} was" if missing == 1 else f"{missing} pages, the first of them page {page}, were"
        return f"reached the end, but {which} never answered{_never_seen(trail)}"
    if trail.by_number and trail.unseen:
        return f"reached the end, but the list changed under the page numbers{_never_seen(trail)}; cursors do not skip"
    return None


def _complete(trail: Trail) -> str:
    start = "" if min(trail.pages) == FIRST_PAGE else f" from page {min(trail.pages)} on"
    restores = f"{len(trail.seen)} of {_counted(trail.total, 'restore')}"
    later = f"; the other {trail.unseen} came in behind it" if trail.unseen else ""
    retries = f", with {_counted(trail.retries, 'retry', 'retries')}" if trail.retries else ""
    return f"reached the end{start}: {restores} on {_counted(len(trail.pages), 'page')}{retries}{later}"


_RULES = (_mixed, _looped, _overran, _poll, _abandoned, _skipped, _complete)


def _shortest_interval(poll: Trail) -> int:
    """Milliseconds from one poll to the next; a retry is no poll of its own."""
    return min(later - earlier for earlier, later in pairwise(sorted(poll.starts)))


def _statuses_seen(poll: Trail) -> tuple[Status, ...]:
    seen: list[Status] = []
    for status in chain.from_iterable(answer.statuses for answer in poll.answers):
        if status not in seen:
            seen.append(status)
    return tuple(seen)


def _went_on_after_end(poll: Trail) -> bool:
    """Whether another poll was begun after an answer in which all had ended."""
    return any(_all_ended(call) for call in poll.calls[:-1])


def _all_ended(answer: ListCall) -> bool:
    return bool(answer.statuses) and all(status in _ENDED for status in answer.statuses)


def _never_seen(trail: Trail) -> str:
    was = "was" if trail.unseen == 1 else "were"
    return f": {trail.unseen} of {trail.total} restores {was} never seen" if trail.unseen else ""


def _counted(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
