"""Makes restores: a faker provider whose draws are the same with every release of faker and of Python.

It draws from its instance's seeded ``random.random()`` alone, the one method that Python promises to keep. What faker's
stock providers draw changes from release to release.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from faker.providers import BaseProvider

from mockserver.contract.lifecycle import Outcome, Status, Timeline
from mockserver.errors import UsageError
from mockserver.instants import INSTANT_MAX, timestamp, unix_milliseconds
from mockserver.seeding.scenario import AnyRestore, GeneratedRestores, RestoreRow

SECOND = 1000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
MEBIBYTE = 1024 * 1024

_OPEN = (Status.SCHEDULED, Status.IN_PROGRESS, Status.ABORTING)
"""The statuses of restores that have not ended; where some have, these are the newest."""

_OUTCOMES = {Status(outcome): outcome for outcome in Outcome}
"""How a restore of such a status ended; the others have not."""

_ROWS_SINCE = 1_704_067_200_000
"""2024-01-01T00:00:00Z: where the first of the rows without any instant of their own is initiated."""


_BACKUPS_SINCE = 1_701_388_800_000
"""2023-12-01T00:00:00Z: from here on, in that month, backups are made."""


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A backup's data: ``size`` in bytes, instants in unix milliseconds."""

    uid: str
    size: int
    created: int
    completed: int


class RestoreProvider(BaseProvider):
    """Adds restores and backups to a faker generator; restores come as ids with timelines, oldest first."""

    def generated_restores(self, requested: GeneratedRestores) -> Iterator[tuple[int, Timeline]]:
        """``requested.count`` restores; as many of each status as the proportions say, to the nearest whole number.

        Holds none of them: a million take no more memory than one.
        """
        since, until = unix_milliseconds(requested.since), unix_milliseconds(requested.until)
        shares = apportioned(requested.count, requested.outcomes)
        open_ended = {status: number for status, number in shares.items() if status in _OPEN}
        ended = {status: number for status, number in shares.items() if status not in _OPEN}
        number_ended = sum(ended.values())
        end = since
        for position in range(requested.count):
            # one restore in each of `count` equal stretches, somewhere within it: strictly rising, so ids are unique
            start, end = end, since + (until - since) * (position + 1) // requested.count
            if position < number_ended:
                status = self._drawn(ended, number_ended - position)
            else:
                status = self._drawn(open_ended, requested.count - position)
            initiated = start + self._below(end - start)
            yield initiated, self._timeline_for(status, initiated)

    def restore_rows(self, rows: tuple[AnyRestore, ...], now: int) -> list[tuple[int, Timeline]]:
        """The restores that a person wrote, the file's first one newest; an id that is taken moves on to a free one.

        Those that are planned are counted from ``now``, the project's.
        """
        used_ids = {row.id for row in rows if isinstance(row, RestoreRow) and row.id is not None}
        made = []
        for position, row in enumerate(reversed(rows)):
            if isinstance(row, RestoreRow):
                made.append(self._held_row(row, position, used_ids, now))
            else:
                number = _free(now, used_ids)
                made.append((number, row.timeline(now)._replace(initiated=number)))
        return sorted(made, key=lambda restore: restore[0])

    def backup(self) -> MadeBackup:
        """What is known of a backup: made before the first restores, in a few minutes."""
        created = _BACKUPS_SINCE + self._below(20 * DAY)
        return MadeBackup(
            uid=str(UUID(int=sum(self._below(2**32) << shift for shift in (0, 32, 64, 96)), version=4)),
            size=MEBIBYTE + self._below(1024 * MEBIBYTE),
            created=created,
            completed=created + 10 * SECOND + self._below(10 * MINUTE),
        )

    def _held_row(self, row: RestoreRow, position: int, used_ids: set[int], now: int) -> tuple[int, Timeline]:
        initiated = _initiated(row, position)
        number = row.id
        if number is None:
            number = _free(initiated, used_ids)
            if row.restoreTimestamp is None:
                initiated = number
        timeline = _by(now, self._timeline_for(row.status, initiated))
        if row.completedAt:
            ends_at = unix_milliseconds(row.completedAt)
            if ends_at > now:
                raise UsageError(
                    f"a restore that is completed at {timestamp(ends_at)} is not so yet at the project's now, "
                    f"{timestamp(now)}: give it an earlier completedAt, or the clock a later start"
                )
            timeline = timeline._replace(starts_at=min(initiated, ends_at), ends_at=ends_at)
        return number, timeline

    def _timeline_for(self, status: Status, initiated: int) -> Timeline:
        """A life that ended in ``status``, or is held in it, with its instants drawn."""
        starts_at = initiated + SECOND + self._below(9 * SECOND)
        ends_at = starts_at + 30 * SECOND + self._below(15 * MINUTE)
        outcome = _OUTCOMES.get(status)
        if outcome is Outcome.ABORTED:
            return Timeline(initiated, starts_at, ends_at, outcome, abort_requested_at=ends_at - 10 * SECOND)
        if outcome:
            return Timeline(initiated, starts_at, ends_at, outcome)
        if status is Status.ABORTING:
            return Timeline(initiated, starts_at, abort_requested_at=ends_at)
        return Timeline(initiated, starts_at if status is Status.IN_PROGRESS else None)

    def _drawn(self, urn: dict[Status, int], size: int) -> Status:
        """One status out of an urn that holds ``size``, without putting it back."""
        pick = self._below(size)
        for status, number in urn.items():
            if pick < number:
                urn[status] = number - 1
                return status
            pick -= number
        raise AssertionError("the urn holds fewer than its size")  # pragma: no cover

    def _below(self, limit: int) -> int:
        """A whole number from 0 up to, and without, ``limit``."""
        return int(self.generator.random.random() * limit)


def apportioned(count: int, proportions: Mapping[Status, int]) -> dict[Status, int]:
    """``count`` shared out by ``proportions``: whole numbers that add up to it, the largest remainders rounded up."""
    total = sum(proportions.values())
    shares = {status: count * weight // total for status, weight in proportions.items()}
    by_remainder = sorted(proportions, key=lambda status: count * proportions[status] % total, reverse=True)
    for status in by_remainder[: count - sum(shares.values())]:
        shares[status] += 1
    return shares


def _by(now: int, timeline: Timeline) -> Timeline:
    """The same, with nothing left to happen after ``now``, so that the restore is held where it is meant to be."""
    instants = (timeline.starts_at, timeline.ends_at, timeline.abort_requested_at)
    starts_at, ends_at, requested_at = (None if instant is None else min(instant, now) for instant in instants)
    return timeline._replace(starts_at=starts_at, ends_at=ends_at, abort_requested_at=requested_at)


def _initiated(row: RestoreRow, position: int) -> int:
    if row.restoreTimestamp is not None:
        return unix_milliseconds(row.restoreTimestamp)
    if row.id is not None:
        return row.id
    return _ROWS_SINCE + position * 60 * MINUTE


def _free(restore_id: int, used_ids: set[int]) -> int:
    """The first id from this one on that is not in ``used_ids``; it is taken then."""
    while restore_id in used_ids:
        restore_id += 1
    if restore_id > INSTANT_MAX:
        raise UsageError(
            f"too many restores at the end of time, {timestamp(INSTANT_MAX)}: give some an earlier instant"
        )
    used_ids.add(restore_id)
    return restore_id
