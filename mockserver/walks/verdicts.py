"""Judges walks: did the client walk the list as it should? Pure.

Each walk gets the first verdict that fits, in the order of ``Verdict``. Instants are unix milliseconds by the machine's
clock.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import chain, count, pairwise

from mockserver.contract.lifecycle import FINAL_STATUSES, Status
from mockserver.walks import broken_lists
from mockserver.walks.walks import FIRST_PAGE, EarlyRetry, ListRequest, Walk, group_into_walks

_CLOCKS_MS = 50
"""By how much the two clocks must differ for an explanation to tell the project's as well."""

CountFrom = Callable[[str, str, str, int], int]
"""From the ids of a project, an addon, a backup and a restore to how many restores the list holds now with that id or a
lower one."""


class Verdict(StrEnum):
    """What a walk amounts to."""

    MIXED = "mixed"
    LOOPED = "looped"
    OVERRAN = "overran"
    POLL = "poll"
    ABANDONED = "abandoned"
    SKIPPED = "skipped"
    REPEATED = "repeated"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class JudgedWalk:
    """The verdict on one walk, at the time of judging.

    ``requests`` are the journal's numbers of its requests. ``pages`` counts distinct pages received, ``restores_seen``
    distinct restores, ``restores_sent`` every restore as often as it was sent, and ``restores_repeated`` those that
    were sent more than once. ``restores_total`` counts the restores now in the list from the walk's first one on, and
    those that it saw before they were deleted; it is 0 if it received none. ``retries`` counts repeated requests that
    had failed. The last five belong to a poll; ``statuses_seen`` are in the order in which they first appeared.
    """

    requests: tuple[int, ...]
    token: str
    addon_id: str
    backup_id: str
    verdict: Verdict
    pages: int
    restores_seen: int
    restores_sent: int
    restores_repeated: int
    restores_total: int
    retries: int
    early_retries: tuple[EarlyRetry, ...]
    since: int
    until: int
    explanation: str
    polls: int | None = None
    shortest_interval_ms: int | None = None
    shortest_project_interval_ms: int | None = None
    statuses_seen: tuple[Status, ...] | None = None
    polled_after_end: bool | None = None


def verdicts(requests: Iterable[ListRequest], count_from: CountFrom) -> list[JudgedWalk]:
    """The judged walks of requests, which are in the order of their responses; in the order of their beginning."""
    cached_count = cache(count_from)  # walks over the same list ask for the same counts
    return [_judge(walk, cached_count) for walk in group_into_walks(requests)]


def _judge(walk: Walk, count_from: CountFrom) -> JudgedWalk:
    first = walk.requests[0]
    path = (first.project_id, first.addon_id, first.backup_id)
    walk.total = _total(walk, lambda restore: count_from(*path, restore))
    explanations = zip(Verdict, (rule(walk) for rule in _RULES), strict=True)
    verdict, explanation = next((verdict, explanation) for verdict, explanation in explanations if explanation)
    judged = JudgedWalk(
        requests=tuple(request.number for request in walk.requests),
        token=first.token,
        addon_id=first.addon_id,
        backup_id=first.backup_id,
        verdict=verdict,
        pages=len(walk.pages),
        restores_seen=len(walk.seen),
        restores_sent=sum(len(response.restores) for response in walk.responses),
        restores_repeated=len(walk.repeated),
        restores_total=walk.total,
        retries=walk.retries,
        early_retries=tuple(walk.early_retries),
        since=walk.since,
        until=max(request.at for request in walk.requests),
        explanation=explanation + _early(walk),
    )
    if verdict is not Verdict.POLL:
        return judged
    interval, in_project = shortest_intervals(walk.starts)
    return replace(
        judged,
        polls=len(walk.starts),
        shortest_interval_ms=interval,
        shortest_project_interval_ms=in_project,
        statuses_seen=_statuses_seen(walk),
        polled_after_end=_polled_after_end(walk),
    )


def _total(walk: Walk, count_from: Callable[[int], int]) -> int:
    """The restores from the walk's first one on: those in the list now, and those seen before they were deleted.

    If a restore is deleted while a client requests numbered pages, the next one moves to the page before, past the
    client. The list then holds as many restores as the client saw, but one of them is unseen. So for a walk by number
    the gaps between its pages are counted.
    """
    if not walk.seen:
        return 0
    unseen = count_from(min(walk.seen) - 1)
    if walk.uses_page_numbers:
        unseen += _between_pages(walk, count_from)
    return max(count_from(max(walk.seen)), len(walk.seen) + unseen)


def _between_pages(walk: Walk, count_from: Callable[[int], int]) -> int:
    pages = [(max(response.restores), min(response.restores)) for response in walk.responses if response.restores]
    between, reached = 0, max(pages)[0]
    for newest, oldest in sorted(pages, reverse=True):
        if newest < reached:
            between += count_from(reached - 1) - count_from(newest)
        reached = min(reached, oldest)
    return between


# One rule for each verdict, in their order: each gives the explanation if the verdict fits


def _mixed(walk: Walk) -> str | None:
    if walk.mixed:
        return "mixed page numbers and cursors, so that restores may come twice or never: use one of the two"
    if walk.other_pages:
        began, other = walk.requests[0].first_page, walk.other_pages[0]
        start = "began with only a cursor" if began is None else f"began with page {began}"
        return f"sent page={other} beside a cursor although it {start}: the cursor wins, so send only that"
    return None


def _looped(walk: Walk) -> str | None:
    if not walk.repeated_pages:
        return None
    requests = len(walk.repeated_pages)
    if explanation := broken_lists.looped(walk):
        return explanation
    times = "" if requests == 1 else f" ({requests} requests repeated a page)"
    return f"requested page {walk.repeated_pages[0]} again after it succeeded{times}: continue from the last response"


def _overran(walk: Walk) -> str | None:
    """Pages requested in parallel with the last one count too."""
    end = walk.end
    beyond = {request.page for request in walk.requests if end is not None and request.page > end}
    if not beyond:
        return None
    if explanation := broken_lists.overran(walk):
        return explanation
    pages = _counted(len(beyond), "page")
    return f"requested {pages} beyond page {end}, whose hasNextPage was false: stop there"


def _poll(walk: Walk) -> str | None:
    if len(walk.starts) == 1:
        return None
    statuses = ", ".join(_statuses_seen(walk)) or "no restores"
    if _polled_after_end(walk):
        end = "continued after all had ended, although it could have stopped"
    else:
        end = "stopped when all had ended" if _all_ended(walk.responses[-1]) else "did not see all of them end"
    more = "" if walk.end else "; it never requested the next page, to which the cursor leads"
    return f"requested the first page {len(walk.starts)} times, {_apart(walk.starts)}; saw {statuses}; {end}{more}"


def _abandoned(walk: Walk) -> str | None:
    if walk.end is not None:
        return None
    if not walk.pages:
        requests = "its only request" if len(walk.requests) == 1 else f"all {len(walk.requests)} requests"
        return f"received no page: {requests} failed; retry after a 429 or 5xx"
    failed = next((request for request in walk.requests if request.target in walk.failures), None)
    if failed:
        return f"gave up on page {failed.page}, which failed{_never_seen(walk)}; retry after a 429 or 5xx"
    stopped = f"stopped after page {max(walk.pages)} although hasNextPage was true{_never_seen(walk)}"
    if rest := broken_lists.stopped(walk):
        return f"{stopped}; {rest}"
    if walk.superseded:
        return (
            f"{stopped}; another walk requested the next page: do not start over after a failure, and give each client "
            "a token of its own"
        )
    return stopped


def _skipped(walk: Walk) -> str | None:
    first, end = min(request.page for request in walk.requests), max(walk.pages)
    missing = end - first + 1 - len(walk.pages)
    if missing:
        page = next(page for page in count(first) if page not in walk.pages)
        which = f"page {page} was" if missing == 1 else f"{missing} pages, the first of them page {page}, were"
        return f"reached the end, but {which} never received{_never_seen(walk)}"
    if walk.uses_page_numbers and walk.unseen:
        return f"reached the end, but the list changed under the page numbers{_never_seen(walk)}; cursors do not skip"
    return None


def _repeated(walk: Walk) -> str | None:
    """Unless a fault breaks pages, only page numbers can repeat restores: a cursor is a position in the list."""
    if not walk.repeated:
        return None
    twice = f"{_counted(len(walk.repeated), 'restore')} came twice"
    if rest := broken_lists.repeated(walk):
        return f"reached the end, but {twice} {rest}"
    return f"reached the end, but {twice} because the list or per_page changed under the page numbers: follow cursors"


def _complete(walk: Walk) -> str:
    start = "" if min(walk.pages) == FIRST_PAGE else f" from page {min(walk.pages)} on"
    restores = f"{len(walk.seen)} of {_counted(walk.total, 'restore')}"
    later = f"; {_counted(walk.unseen, 'more was', 'more were')} added behind it" if walk.unseen else ""
    retries = f", with {_counted(walk.retries, 'retry', 'retries')}" if walk.retries else ""
    return f"reached the end{start}: {restores} on {_counted(len(walk.pages), 'page')}{retries}{later}"


_RULES = (_mixed, _looped, _overran, _poll, _abandoned, _skipped, _repeated, _complete)


def shortest_intervals(requests: Sequence[ListRequest]) -> tuple[int, int]:
    """Milliseconds from one of two or more requests to the next, by the machine's clock and by the project's."""
    return _shortest(request.at for request in requests), _shortest(request.project_time for request in requests)


def _shortest(instants: Iterable[int]) -> int:
    return min(later - earlier for earlier, later in pairwise(sorted(instants)))


def _apart(requests: Sequence[ListRequest]) -> str:
    """The two clocks of a project in real time are read one after the other, so they may differ a little."""
    interval, in_project = shortest_intervals(requests)
    virtual = "" if abs(in_project - interval) < _CLOCKS_MS else f" ({in_project} ms by the project's clock)"
    return f"{interval} ms apart{virtual} at the closest"


def _early(walk: Walk) -> str:
    if not walk.early_retries:
        return ""
    by = max(retry.early_ms for retry in walk.early_retries) / 1000
    retries = _counted(len(walk.early_retries), "retry", "retries")
    upto = "up to " if len(walk.early_retries) > 1 else ""
    came = f"{retries} came {upto}{by:g} s too early"
    return f"; {came}: wait as long as the response says (Retry-After, x-ratelimit-reset)"


def _statuses_seen(poll: Walk) -> tuple[Status, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(response.statuses for response in poll.responses)))


def _polled_after_end(poll: Walk) -> bool:
    """Whether another poll began after a response in which all restores had ended."""
    return any(_all_ended(request) for request in poll.requests[:-1])


def _all_ended(response: ListRequest) -> bool:
    return bool(response.statuses) and FINAL_STATUSES.issuperset(response.statuses)


def _never_seen(walk: Walk) -> str:
    was = "was" if walk.unseen == 1 else "were"
    return f"; {walk.unseen} of {walk.total} restores {was} never seen" if walk.unseen else ""


def _counted(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
