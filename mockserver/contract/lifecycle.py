"""The life of a restore: which of the seven statuses it has at a given instant. Pure.

A timeline says when a restore is initiated, starts and ends, with which outcome, and when its abort is requested. All
instants are whole milliseconds since 1970-01-01T00:00:00Z; one that is None never comes.

Rule 1. A restore whose outcome is not-supported is not-supported at every instant.

Rule 2. Any other restore is scheduled until it starts, and then in-progress until it ends.

Rule 3. A restore ends only if both the instant of its end and its outcome are known. From then on the outcome is its
status. It may end without having started.

Rule 4. An abort requested before the end, or if there is no end, wins: the restore is aborting from the request on, and
aborted from the end on, whatever its outcome.

Rule 5. An abort requested at the end or later changes nothing.

Rule 6. A restore has an instant of completion only while it is completed: the instant of its end.

So a status only moves forward: scheduled, in-progress, then completed or failed; or aborting, then aborted.
"""

from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """The values of a restore's ``status`` in the vendor's documentation."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    ABORTING = "aborting"
    ABORTED = "aborted"
    FAILED = "failed"
    NOT_SUPPORTED = "not-supported"


class Outcome(StrEnum):
    """How a restore ends. Each has the name of the status that the restore then has."""

    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"
    NOT_SUPPORTED = "not-supported"


_NOT_SUPPORTED = Outcome.NOT_SUPPORTED  # looked up once: before Python 3.12 that takes a third of ``status_at``
_STATUS_OF = {outcome: Status(outcome) for outcome in Outcome}

_BEFORE_ALL = -(2**63)

FINAL_STATUSES = frozenset(_STATUS_OF.values())
"""The statuses that a restore never leaves."""


class Timeline(NamedTuple):
    """The instants of one restore, and its outcome."""

    initiated: int
    starts_at: int | None = None
    ends_at: int | None = None
    outcome: Outcome | None = None
    abort_requested_at: int | None = None


def status_at(timeline: Timeline, instant: int) -> Status:
    """The status that ``timeline`` has at ``instant``; defined for every timeline and every instant."""
    _, starts_at, ends_at, outcome, abort_requested_at = timeline
    if outcome is _NOT_SUPPORTED:
        return Status.NOT_SUPPORTED
    aborts = abort_requested_at is not None and (outcome is None or ends_at is None or abort_requested_at < ends_at)
    if outcome is not None and ends_at is not None and instant >= ends_at:
        return Status.ABORTED if aborts else _STATUS_OF[outcome]
    if aborts and abort_requested_at is not None and instant >= abort_requested_at:
        return Status.ABORTING
    return Status.IN_PROGRESS if starts_at is not None and instant >= starts_at else Status.SCHEDULED


def next_change(timeline: Timeline, instant: int) -> int | None:
    """The first instant after ``instant`` at which the status changes; None if it never does."""
    status = status_at(timeline, instant)
    if status in FINAL_STATUSES:
        return None
    instants = (timeline.starts_at, timeline.ends_at, timeline.abort_requested_at)
    later = sorted(when for when in instants if when is not None and when > instant)
    return next((when for when in later if status_at(timeline, when) is not status), None)


def final_since(timeline: Timeline) -> int | None:
    """The instant from which on the status is final, which lies before all others if it always is; None if never."""
    if timeline.outcome is _NOT_SUPPORTED:
        return _BEFORE_ALL
    return None if timeline.outcome is None else timeline.ends_at


def completed_at(timeline: Timeline, instant: int) -> int | None:
    """When the restore was completed; None unless it is completed at ``instant``."""
    return timeline.ends_at if status_at(timeline, instant) is Status.COMPLETED else None


def hold_at(status: Status, initiated: int, since: int) -> Timeline:
    """A timeline that has ``status`` from ``since`` on and never leaves it."""
    match status:
        case Status.SCHEDULED:
            return Timeline(initiated)
        case Status.IN_PROGRESS:
            return Timeline(initiated, starts_at=since)
        case Status.ABORTING:
            return Timeline(initiated, abort_requested_at=since)
        case _:
            return Timeline(initiated, ends_at=since, outcome=Outcome(status))


def plan_timeline(
    now: int,
    *,
    starts_after: int | None,
    ends_after: int | None,
    outcome: Outcome | None,
    abort_after: int | None,
    aborting_for: int,
) -> Timeline:
    """The timeline of a restore initiated at ``now``; the other instants are milliseconds after ``now``.

    What is None stays open, with two exceptions. A restore with only an end starts at once and is completed. One whose
    outcome is aborted is aborting for the last ``aborting_for`` milliseconds before its end, but not before its start.
    Raises ValueError if the instants and the outcome contradict each other.
    """
    if ends_after is None and abort_after is None and outcome not in (None, Outcome.NOT_SUPPORTED):
        raise ValueError(f'must have endsAfter if its outcome is "{outcome}"')
    if abort_after is not None and outcome not in (None, Outcome.ABORTED):
        raise ValueError(f'must have the outcome "aborted", or none, if it has abortAfter; got "{outcome}"')
    starts_at = 0 if starts_after is None and ends_after is not None else starts_after
    if ends_after is not None and (ends_after < (starts_at or 0) or ends_after < (abort_after or 0)):
        raise ValueError("must have an endsAfter that is not less than its startsAfter and abortAfter")
    if abort_after is not None:
        outcome = Outcome.ABORTED
    elif outcome is Outcome.ABORTED and ends_after is not None:
        abort_after = max(starts_at or 0, ends_after - aborting_for)
    return Timeline(
        initiated=now,
        starts_at=None if starts_at is None else now + starts_at,
        ends_at=None if ends_after is None else now + ends_after,
        outcome=(outcome or Outcome.COMPLETED) if ends_after is not None else outcome,
        abort_requested_at=None if abort_after is None else now + abort_after,
    )


def aborted(timeline: Timeline, requested_at: int, ends_at: int) -> Timeline:
    """The same timeline, aborted: aborting from ``requested_at`` on, aborted from ``ends_at`` on."""
    return timeline._replace(ends_at=ends_at, outcome=Outcome.ABORTED, abort_requested_at=requested_at)


def is_over(status: Status) -> bool:
    """Whether the restore has ended."""
    return status in FINAL_STATUSES
