"""Changes to the restores of a backup that is being served, by hand or by a fault."""

from collections.abc import Iterable

from mockserver.contract.lifecycle import Outcome, Timeline, is_over, status_at
from mockserver.errors import ApiError
from mockserver.faults.base import Mutation
from mockserver.instants import INSTANT_MAX
from mockserver.sandbox.journal import RequestRecord
from mockserver.sandbox.sandboxes import Sandbox
from mockserver.store import Store, changes, queries
from mockserver.store.queries import BackupKey, BackupPath

_BATCH = 10_000
"""How many of the newest restores a mutation looks at."""


def add(store: Store, backup: BackupKey, timelines: Iterable[Timeline]) -> list[tuple[int, Timeline]]:
    """Adds restores. A restore's id is its instant of initiation, moved to the next one that is free in its backup.

    Raises ApiError 400 if none is free before the end of time.
    """
    added: list[tuple[int, Timeline]] = []
    used_ids: set[int] = set()
    for timeline in timelines:
        number = timeline.initiated
        while number in used_ids or queries.restore(store.connection, backup.backup, number):
            number += 1
        if number > INSTANT_MAX:
            raise ApiError(400, "no id is left for a restore: the project's clock is at the end of time, 2106-02-07")
        used_ids.add(number)
        added.append((number, timeline._replace(initiated=number)))
    with store.writing() as session:
        changes.add_restores(session, backup, added)
    return added


def mutate(store: Store, sandbox: Sandbox, record: RequestRecord, mutation: Mutation) -> BackupPath:
    """Changes the backup that ``record`` listed: deletes and finishes the newest restores, and inserts new ones.

    New restores are in progress. Fewer are inserted if the end of time leaves no room for more. Returns the backup.
    """
    assert record.listing is not None  # noqa: S101 - a rule mutates after list-restores only, whose records have one
    path = BackupPath(record.listing.project_id, record.listing.addon_id, record.listing.backup_id)
    backup = queries.backup_key(store.connection, path)
    now = sandbox.clock.now()
    newest = queries.newest_restores(store.connection, backup.backup, limit=_BATCH)
    first = max(now, newest[0][0] + 1 if newest else 0)
    inserted = range(first, min(first + mutation.insert, INSTANT_MAX + 1))
    with store.writing() as session:
        for number, _ in newest[: mutation.delete]:
            changes.delete_restore(session, backup.backup, number)
        unfinished = [
            (number, timeline)
            for number, timeline in newest[mutation.delete :]
            if not is_over(status_at(timeline, now))
        ]
        for number, timeline in unfinished[: mutation.finish]:
            finished = Timeline(timeline.initiated, timeline.starts_at, now, Outcome.COMPLETED)
            changes.set_restore(session, backup.backup, number, finished)
        changes.add_restores(session, backup, ((number, Timeline(number, starts_at=now)) for number in inserted))
    return path
