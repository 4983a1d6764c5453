"""From a client's walks to verdicts: did it walk the list as one should? Pure.

``walks`` says which walk a call belongs to; here each walk gets the first of seven verdicts that fits. Instants are
unix milliseconds by the machine's clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import chain, count, pairwise

from mockserver.contract.lifecycle import Outcome, Status
from mockserver.walks.walks import FIRST_PAGE, ListRequest, Walk, group_into_walks

__all__ = ["CountFrom", "JudgedWalk", "ListRequest", "Verdict", "verdicts"]

CountFrom = Callable[[str, str, int], int]
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
class JudgedWalk:
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
    polled_after_end: bool | None = None


def verdicts(requests: Iterable[ListRequest], count_from: CountFrom) -> list[JudgedWalk]:
    """The walks of ``requests``, which are in the order of their responses: judged, in the order of their beginning."""
    listed = cache(count_from)  # as one walk after another over the same list asks the same
    return [_judged(walk, listed) for walk in group_into_walks(requests)]


def _judged(walk: Walk, count_from: CountFrom) -> JudgedWalk:
    first = walk.requests[0]
    walk.total = _total(walk, lambda restore: count_from(first.addon_id, first.backup_id, restore))
    results = zip(Verdict, (rule(walk) for rule in _RULES), strict=True)
    verdict, explanation = next((verdict, explanation) for verdict, explanation in results if explanation)
    judged = JudgedWalk(
        token=first.token,
        addon_id=first.addon_id,
        backup_id=first.backup_id,
        verdict=verdict,
        pages=len(walk.pages),
        restores_seen=len(walk.seen),
        restores_total=walk.total,
        retries=walk.retries,
        since=walk.since,
        until=max(request.at for request in walk.requests),
        explanation=explanation,
    )
    if verdict is not Verdict.POLL:
        return judged
    return replace(
        judged,
        polls=len(walk.starts),
        shortest_interval_ms=_shortest_interval(walk),
        statuses_seen=_statuses_seen(walk),
        polled_after_end=_polled_after_end(walk),
    )


def _total(walk: Walk, count_from: Callable[[int], int]) -> int:
    """The restores at or behind the walk's foremost one: in the list now, or seen before they were deleted.

    A restore that is deleted while a client asks page by page draws the next one over the boundary, past the client:
    then as many are listed as were seen, and one of them was not. So a walk by number is looked at between its pages.
    """
    if not walk.seen:
        return 0
    unseen = count_from(min(walk.seen) - 1)
    if walk.uses_page_numbers:
        unseen += _between_pages(walk, count_from)
    return max(count_from(max(walk.seen)), len(walk.seen) + unseen)


def _between_pages(walk: Walk, count_from: Callable[[int], int]) -> int:
    spans = sorted(
        ((max(request.restores), min(request.restores)) for request in walk.responses if request.restores), reverse=True
    )
    between, reached = 0, spans[0][0]
    for newest, oldest in spans:
        if newest < reached:
            between += count_from(reached - 1) - count_from(newest)
        reached = min(reached, oldest)
    return between


# The verdicts, in their order: each explains itself where it fits


def _mixed(walk: Walk) -> str | None:
    if not walk.mixed:
        return None
    return "mixed page numbers and cursors, so that restores may come twice or never: keep to one of the two"


def _looped(walk: Walk) -> str | None:
    if not walk.repeated:
        return None
    requests = len(walk.repeated)
    times = "" if requests == 1 else f" ({requests} calls in all asked what was answered)"
    return f"asked again for page {walk.repeated[0]} after it was answered{times}: go on from the last answer"


def _overran(walk: Walk) -> str | None:
    """Pages asked side by side with the last one count too."""
    end = walk.end
    beyond = {request.page for request in walk.requests if end is not None and request.page > end}
    if not beyond:
        return None
    pages = _counted(len(beyond), "page")
    return f"asked for {pages} beyond page {end}, which said that there is no next: stop where hasNextPage is false"


def _poll(walk: Walk) -> str | None:
    if len(walk.starts) == 1:
        return None
    saw = ", ".join(_statuses_seen(walk)) or "no restores"
    if _polled_after_end(walk):
        end = "went on after all had ended, where it could have stopped"
    else:
        end = "stopped when all had ended" if _all_ended(walk.responses[-1]) else "did not see all of them end"
    more = "" if walk.end else "; a next page was never asked for: its cursor leads there"
    apart = f"{_shortest_interval(walk)} ms apart at the closest"
    return f"asked for the first page {len(walk.starts)} times, {apart}; saw {saw}; {end}{more}"


def _abandoned(walk: Walk) -> str | None:
    if walk.end is not None:
        return None
    if not walk.pages:
        requests = "its only call" if len(walk.requests) == 1 else f"all {len(walk.requests)} calls"
        return f"was never answered, as {requests} failed: ask again after a 429 or 5xx"
    failed = next((request for request in walk.requests if request.requested in walk.unanswered), None)
    if failed:
        return f"gave up on page {failed.page}, which failed{_never_seen(walk)}; ask for it again"
    stopped = f"stopped after page {max(walk.pages)} although there was a next page{_never_seen(walk)}"
    if walk.superseded:
        return (
            f"{stopped}; another walk asked for that: do not start over after a failure, and give each client a token"
        )
    return f"{stopped}; go on while hasNextPage is true"


def _skipped(walk: Walk) -> str | None:
    first, end = min(request.page for request in walk.requests), max(walk.pages)
    missing = end - first + 1 - len(walk.pages)
    if missing:
        page = next(page for page in count(first) if page not in walk.pages)
        which = f"page {page} was" if missing == 1 else f"{missing} pages, the first of them page {page}, were"
        return f"reached the end, but {which} never answered{_never_seen(walk)}"
    if walk.uses_page_numbers and walk.unseen:
        return f"reached the end, but the list changed under the page numbers{_never_seen(walk)}; cursors do not skip"
    return None


def _complete(walk: Walk) -> str:
    start = "" if min(walk.pages) == FIRST_PAGE else f" from page {min(walk.pages)} on"
    restores = f"{len(walk.seen)} of {_counted(walk.total, 'restore')}"
    later = f"; the other {walk.unseen} came in behind it" if walk.unseen else ""
    retries = f", with {_counted(walk.retries, 'retry', 'retries')}" if walk.retries else ""
    return f"reached the end{start}: {restores} on {_counted(len(walk.pages), 'page')}{retries}{later}"


_RULES = (_mixed, _looped, _overran, _poll, _abandoned, _skipped, _complete)


def _shortest_interval(poll: Walk) -> int:
    """Milliseconds from one poll to the next; a retry is no poll of its own."""
    return min(later - earlier for earlier, later in pairwise(sorted(poll.starts)))


def _statuses_seen(poll: Walk) -> tuple[Status, ...]:
    seen: list[Status] = []
    for status in chain.from_iterable(response.statuses for response in poll.responses):
        if status not in seen:
            seen.append(status)
    return tuple(seen)


def _polled_after_end(poll: Walk) -> bool:
    """Whether another poll was begun after an answer in which all had ended."""
    return any(_all_ended(request) for request in poll.requests[:-1])


def _all_ended(response: ListRequest) -> bool:
    return bool(response.statuses) and all(status in _ENDED for status in response.statuses)


def _never_seen(walk: Walk) -> str:
    was = "was" if walk.unseen == 1 else "were"
    return f": {walk.unseen} of {walk.total} restores {was} never seen" if walk.unseen else ""


def _counted(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
