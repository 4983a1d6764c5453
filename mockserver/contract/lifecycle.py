"""The life of a restore: from its timeline and an instant to one of the seven statuses. Pure.

Every instant is a whole number of milliseconds since 1970-01-01T00:00:00Z.
"""

from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """What the vendor's page allows a restore's ``status`` to be."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    ABORTING = "aborting"
    ABORTED = "aborted"
    FAILED = "failed"
    NOT_SUPPORTED = "not-supported"


class Outcome(StrEnum):
    """How a restore ends."""

    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"
    NOT_SUPPORTED = "not-supported"


class Timeline(NamedTuple):
    """When a restore is initiated, starts, ends and how, and when its abort was asked for.

    Each instant but the first may be open (``None``): the restore then stays where it is. An end needs
    both its instant and its outcome.
    """

    initiated: int
    starts_at: int | None = None
    ends_at: int | None = None
    outcome: Outcome | None = None
    abort_requested_at: int | None = None


def status_at(timeline: Timeline, instant: int) -> Status:
    """The status that ``timeline`` has at ``instant``; defined for every timeline and every instant.

    As the instant grows the status only moves forward: scheduled, in-progress, then completed or failed; or
    through aborting to aborted. A restore that is not supported is so from the start. An abort that was asked
    for before the end decides how the restore ends; one that comes later changes nothing.
    """
    _, starts_at, ends_at, outcome, abort_requested_at = timeline
    if outcome is Outcome.NOT_SUPPORTED:
        return Status.NOT_SUPPORTED
    has_ended = outcome is not None and ends_at is not None and instant >= ends_at
    if (outcome is Outcome.ABORTED or abort_requested_at is not None) and _aborts(timeline):
        if has_ended:
            return Status.ABORTED
        if abort_requested_at is not None and instant >= abort_requested_at:
            return Status.ABORTING
    if has_ended:
        return Status.COMPLETED if outcome is Outcome.COMPLETED else Status.FAILED
    return Status.IN_PROGRESS if starts_at is not None and instant >= starts_at else Status.SCHEDULED


def next_change(timeline: Timeline, instant: int) -> int | None:
    """The first instant after ``instant`` at which the status is another; None if it never changes again."""
    status = status_at(timeline, instant)
    if status in FINAL_STATUSES:
        return None
    instants = (timeline.starts_at, timeline.ends_at, timeline.abort_requested_at)
    later = sorted(when for when in instants if when is not None and when > instant)
    return next((when for when in later if status_at(timeline, when) is not status), None)


def completed_at(timeline: Timeline, instant: int) -> int | None:
    """When the restore was completed, if at ``instant`` it is; a restore that ended otherwise never was."""
    return timeline.ends_at if status_at(timeline, instant) is Status.COMPLETED else None


def _aborts(timeline: Timeline) -> bool:
    """Whether the restore's end, if it has one, is an abort."""
    if timeline.outcome is Outcome.ABORTED:
        return True
    if timeline.abort_requested_at is None:
        return False
    return timeline.ends_at is None or timeline.outcome is None or timeline.abort_requested_at < timeline.ends_at


def hold_at(status: Status, initiated: int, since: int) -> Timeline:
    """A timeline that has ``status`` from ``since`` on, for ever."""
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
    """A restore that is initiated at ``now`` and whose instants are counted from then, in milliseconds.

    What is left out stays open, but for this: a restore with nothing but an end starts at once and is completed; one
    that is to end aborted is aborting for its last ``aborting_for`` milliseconds, from its start at the
    earliest. Raises ValueError for what cannot be.
    """
    if ends_after is None and abort_after is None and outcome not in (None, Outcome.NOT_SUPPORTED):
        raise ValueError(f'must have endsAfter where the outcome is "{outcome}"')
    if abort_after is not None and outcome not in (None, Outcome.ABORTED):
        raise ValueError(f'must have the outcome "aborted", or none, where it has abortAfter; it has "{outcome}"')
    starts_at = 0 if starts_after is None and ends_after is not None else starts_after
    if ends_after is not None and (ends_after < (starts_at or 0) or ends_after < (abort_after or 0)):
        raise ValueError("must not end before it starts, nor before its abort is asked for")
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
    """The same restore, its abort asked for at ``requested_at`` and over at ``ends_at``."""
    return timeline._replace(ends_at=ends_at, outcome=Outcome.ABORTED, abort_requested_at=requested_at)


def is_over(status: Status) -> bool:
    """Whether a restore of that status has ended: no clock moves it any more."""
    return status in FINAL_STATUSES


FINAL_STATUSES = frozenset({Status.COMPLETED, Status.FAILED, Status.ABORTED, Status.NOT_SUPPORTED})
"""Those of restores that have ended."""


def _reached(when: int | None, instant: int) -> bool:
    return when is not None and instant >= when
