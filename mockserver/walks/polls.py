"""What clients that wait for one restore requested, and what they saw of it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mockserver.contract.lifecycle import FINAL_STATUSES, Status
from mockserver.walks.verdicts import shortest_intervals
from mockserver.walks.walks import ListRequest, unmerged_walks

_Poller = tuple[str, ...]
"""A token and a list."""


@dataclass(frozen=True, slots=True)
class Polls:
    """The responses that held one restore.

    ``statuses_seen`` are in the order of the responses, consecutive equal ones only once. The intervals are the
    shortest ones, in milliseconds, between two of the requests with one token, by the machine's clock and by the
    project's; None if no token had two responses. ``polled_after_end`` counts the list requests, whatever their
    responses, with a token that had had a response in which the restore had ended.
    """

    responses: int
    statuses_seen: tuple[Status, ...]
    shortest_interval_ms: int | None
    shortest_project_interval_ms: int | None
    polled_after_end: int


def polls_of(restore: int, requests: Iterable[ListRequest]) -> Polls:
    """The polls of the restore with that number, among requests that are in the order of their responses."""
    requests = list(requests)
    statuses: list[Status] = []
    polls: defaultdict[_Poller, list[ListRequest]] = defaultdict(list)
    ends: dict[_Poller, ListRequest] = {}
    for request in requests:
        if restore in request.restores:
            status = request.statuses[request.restores.index(restore)]
            if statuses[-1:] != [status]:
                statuses.append(status)
            polls[_poller(request)].append(request)
            if status in FINAL_STATUSES:
                ends.setdefault(_poller(request), request)
    intervals = [shortest_intervals(each) for each in polls.values() if len(each) > 1]
    return Polls(
        responses=sum(map(len, polls.values())),
        statuses_seen=tuple(statuses),
        shortest_interval_ms=min((interval for interval, _ in intervals), default=None),
        shortest_project_interval_ms=min((in_project for _, in_project in intervals), default=None),
        polled_after_end=sum(_polled_after(end, requests) for end in ends.values()),
    )


def _polled_after(end: ListRequest, requests: Sequence[ListRequest]) -> int:
    """How many requests came after that one, without those for the other pages of the same walk."""
    own = [request for request in requests if _poller(request) == _poller(end)]
    (walk,) = (walk for walk in unmerged_walks(own) if any(request is end for request in walk.requests))
    rest_of_walk = {id(request) for request in walk.requests if request.target != end.target}
    later = own[next(at for at, request in enumerate(own) if request is end) + 1 :]
    return sum(id(request) not in rest_of_walk for request in later)


def _poller(request: ListRequest) -> _Poller:
    return request.token, request.project_id, request.addon_id, request.backup_id
