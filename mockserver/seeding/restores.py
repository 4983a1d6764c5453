"""Generates restores: a faker provider with the same results in every release of faker and of Python.

It uses only the seeded ``random.random()``, the one method whose results Python promises to keep. The results of
faker's own providers change from release to release.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from faker.generator import Generator
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
"""The statuses of restores that have not ended. They get the newest ids."""

_OUTCOMES = {Status(outcome): outcome for outcome in Outcome}
"""The outcomes of restores by their final statuses."""

_ROWS_SINCE = 1_704_067_200_000
"""2024-01-01T00:00:00Z: when the oldest row without an instant is initiated."""

_BACKUPS_SINCE = 1_701_388_800_000
"""2023-12-01T00:00:00Z: the earliest instant at which a backup is created."""


class RestoreProvider(BaseProvider):
    """Generates backups, and restores as ids with timelines, the oldest first."""

    def generated_restores(self, requested: GeneratedRestores) -> Iterator[tuple[int, Timeline]]:
        """Yields ``requested.count`` restores, with statuses in the requested proportions.

        Holds none of them in memory.
        """
        since, until = unix_milliseconds(requested.since), unix_milliseconds(requested.until)
        shares = apportion(requested.count, requested.outcomes)
        unfinished = {status: number for status, number in shares.items() if status in _OPEN}
        ended = {status: number for status, number in shares.items() if status not in _OPEN}
        number_ended = sum(ended.values())
        end = since
        for position in range(requested.count):
            # one restore at a random instant in each of `count` equal intervals, so that ids are unique
            start, end = end, since + (until - since) * (position + 1) // requested.count
            if position < number_ended:
                status = self._draw(ended, number_ended - position)
            else:
                status = self._draw(unfinished, requested.count - position)
            initiated = start + self._below(end - start)
            yield initiated, self._timeline_for(status, initiated)

    def restore_rows(self, rows: tuple[AnyRestore, ...], now: int) -> list[tuple[int, Timeline]]:
        """The restores listed in a scenario, whose first row is the newest; an id in use moves on to the next free one.

        ``now`` is the project's present instant. Planned restores are initiated then unless their rows say otherwise.
        """
        used_ids = {row.id for row in rows if row.id is not None}
        restores = []
        for position, row in enumerate(reversed(rows)):
            if isinstance(row, RestoreRow):
                restores.append(self._held_row(row, position, used_ids, now))
            else:
                restores.append(_numbered(row, row.timeline_at(now), used_ids))
        return sorted(restores, key=lambda restore: restore[0])

    def backup(self) -> dict[str, str | int]:
        """The uid, the size (bytes) and the instants (unix milliseconds) of a backup from before the first restores."""
        created = _BACKUPS_SINCE + self._below(20 * DAY)
        return {
            "uid": str(UUID(int=sum(self._below(2**32) << shift for shift in (0, 32, 64, 96)), version=4)),
            "size": MEBIBYTE + self._below(1024 * MEBIBYTE),
            "created": created,
            "completed": created + 10 * SECOND + self._below(10 * MINUTE),
        }

    def _held_row(self, row: RestoreRow, position: int, used_ids: set[int], now: int) -> tuple[int, Timeline]:
        initiated = row.initiated(_ROWS_SINCE + position * 60 * MINUTE)
        number, (initiated, *_) = _numbered(row, Timeline(initiated), used_ids)
        timeline = _end_by(now, self._timeline_for(row.status, initiated))
        ends_at = row.ends_at(now)
        if ends_at is not None:
            timeline = timeline._replace(starts_at=min(initiated, ends_at), ends_at=ends_at)
        return number, timeline

    def _timeline_for(self, status: Status, initiated: int) -> Timeline:
        """A timeline with random instants that ends in ``status``, or stays in it."""
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

    def _draw(self, counts: dict[Status, int], size: int) -> Status:
        """Takes a random status out of ``counts``, whose sum is ``size``."""
        pick = self._below(size)
        for status, number in counts.items():
            if pick < number:
                counts[status] = number - 1
                return status
            pick -= number
        raise AssertionError("size is more than the sum")  # pragma: no cover

    def _below(self, limit: int) -> int:
        """A random integer from 0 to ``limit`` - 1."""
        return int(self.generator.random.random() * limit)


def seeded_provider(seed: str | int) -> RestoreProvider:
    """A provider that generates the same for the same seed."""
    generator = Generator()
    generator.seed_instance(seed)
    return RestoreProvider(generator)


def apportion(count: int, proportions: Mapping[Status, int]) -> dict[Status, int]:
    """Divides ``count`` in ``proportions``, into integers that add up to it; the largest remainders are rounded up."""
    total = sum(proportions.values())
    shares = {status: count * weight // total for status, weight in proportions.items()}
    by_remainder = sorted(proportions, key=lambda status: count * proportions[status] % total, reverse=True)
    for status in by_remainder[: count - sum(shares.values())]:
        shares[status] += 1
    return shares


def _end_by(now: int, timeline: Timeline) -> Timeline:
    """The same timeline with no instant after ``now``, so that the restore has its last status already."""
    instants = (timeline.starts_at, timeline.ends_at, timeline.abort_requested_at)
    starts_at, ends_at, requested_at = (None if instant is None else min(instant, now) for instant in instants)
    return timeline._replace(starts_at=starts_at, ends_at=ends_at, abort_requested_at=requested_at)


def _numbered(row: AnyRestore, timeline: Timeline, used_ids: set[int]) -> tuple[int, Timeline]:
    """A row's id, and its timeline; without an id and an instant, the restore is initiated at the id that it gets."""
    number = _free(timeline.initiated, used_ids) if row.id is None else row.id
    return number, timeline if row.restoreTimestamp is not None else timeline._replace(initiated=number)


def _free(restore_id: int, used_ids: set[int]) -> int:
    """The first id from ``restore_id`` on that is not in ``used_ids``; adds it to them."""
    while restore_id in used_ids:
        restore_id += 1
    if restore_id > INSTANT_MAX:
        raise UsageError(
            f"too many restores at the last possible instant, {timestamp(INSTANT_MAX)}: give some an earlier instant"
        )
    used_ids.add(restore_id)
    return restore_id
