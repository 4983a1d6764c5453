"""The life of a restore: from its timeline and an instant to one of the seven statuses. Pure.

Every instant is a whole number of milliseconds since 1970-01-01T00:00:00Z.
"""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Timeline:
    """When a restore is initiated, starts, ends and how, and when its abort was asked for.

    Each instant but the first may be open (``None``): the restore then stays where it is. An end needs
    both its instant and its outcome.
    """

    initiated: int
    starts: int | None = None
    ends: int | None = None
    outcome: Outcome | None = None
    abort_asked: int | None = None


def status_at(timeline: Timeline, instant: int) -> Status:
    """The status that ``timeline`` has at ``instant``; defined for every timeline and every instant.

    As the instant grows the status only moves forward: scheduled, in-progress, then completed or failed; or
    through aborting to aborted. A restore that is not supported is so from the start. An abort that was asked
    for before the end decides how the restore ends; one that comes later changes nothing.
    """
    if timeline.outcome is Outcome.NOT_SUPPORTED:
        return Status.NOT_SUPPORTED
    has_ended = timeline.outcome is not None and _reached(timeline.ends, instant)
    if _aborts(timeline) and (has_ended or _reached(timeline.abort_asked, instant)):
        return Status.ABORTED if has_ended else Status.ABORTING
    if has_ended:
        return Status.COMPLETED if timeline.outcome is Outcome.COMPLETED else Status.FAILED
    return Status.IN_PROGRESS if _reached(timeline.starts, instant) else Status.SCHEDULED


def completed_at(timeline: Timeline, instant: int) -> int | None:
    """When the restore was completed, if at ``instant`` it is; a restore that ended otherwise never was."""
    return timeline.ends if status_at(timeline, instant) is Status.COMPLETED else None


def _aborts(timeline: Timeline) -> bool:
    """Whether the restore's end, if it has one, is an abort."""
    if timeline.outcome is Outcome.ABORTED:
        return True
    if timeline.abort_asked is None:
        return False
    return timeline.ends is None or timeline.outcome is None or timeline.abort_asked < timeline.ends


def _reached(when: int | None, instant: int) -> bool:
    return when is not None and instant >= when
