"""Changes to the restores of a backup that is being served, by hand or by a fault."""

from mockserver.contract.lifecycle import Outcome, Timeline, is_over, status_at
from mockserver.errors import ApiError
from mockserver.faults.base import Mutation
from mockserver.instants import INSTANT_MAX
from mockserver.sandbox.plans import ProjectPlan
from mockserver.sandbox.records import RequestRecord
from mockserver.sandbox.sandbox import Sandbox
from mockserver.store import Store, changes, queries
from mockserver.store.queries import BackupKey, BackupPath

_BATCH = 10_000
"""How many of the newest restores a mutation looks at."""


def free_id(store: Store, backup: BackupKey, initiated: int) -> int:
    """The id of a new restore: its instant of initiation, or the next one that is free in its backup.

    Raises ApiError 400 if none is free before the end of time.
    """
    number = initiated
    while queries.restore(store.connection, backup.backup, number):
        number += 1
    if number > INSTANT_MAX:
        raise ApiError(400, "no id is left for a restore: the project's clock is at the end of time, 2106-02-07")
    return number


def start(store: Store, sandbox: Sandbox, backup: BackupKey, plan: ProjectPlan, aborting_for: int) -> int:
    """Adds a restore that a client starts, and returns its id.

    It has the project's plan, or ``plan`` if the project has none. What the plan has after the end of time comes then.
    """
    now = sandbox.clock.now()
    number = free_id(store, backup, now)
    own = sandbox.plan
    timeline = (own or plan).timeline(now, aborting_for)
    instants = (timeline.starts_at, timeline.ends_at, timeline.abort_requested_at)
    starts_at, ends_at, requested_at = (None if instant is None else min(instant, INSTANT_MAX) for instant in instants)
    timeline = Timeline(number, starts_at, ends_at, timeline.outcome, requested_at)
    rest = own and own.after_one()

    def apply() -> None:
        sandbox.plan = rest
        sandbox.restores_changed()

    with store.writing(apply) as session:
        changes.add_restores(session, backup, [(number, timeline)])
        if rest is not own:
            changes.set_plan(session, sandbox.key, None if rest is None else rest.model_dump_json())
    return number


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
