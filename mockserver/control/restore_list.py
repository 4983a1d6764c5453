"""Lists the restores of a backup with their plans, as of any instant, and counts all of them by status."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from mockserver.contract.lifecycle import Outcome, Status, Timeline, completed_at, next_change, status_at
from mockserver.contract.versions import Contract, public_id
from mockserver.control.readings import InstantReading, Reading
from mockserver.control.restores import RESTORES_PATH
from mockserver.control.routing import AddonId, BackupId, ProjectId, find_backup, project_router
from mockserver.instants import Moment, unix_milliseconds
from mockserver.sandbox.sandbox import Sandbox
from mockserver.store import object_ids, queries, survey
from mockserver.store.queries import BackupPath
from mockserver.web.context import emulator_of

router = project_router()

MAX_LISTED = 1000
"""How many restores a response lists at most."""


class Plan(Reading):
    """The instants of a restore, by the project's clock; one that is absent never comes."""

    startsAt: InstantReading | None = None
    endsAt: InstantReading | None = None
    abortRequestedAt: InstantReading | None = None
    outcome: Annotated[Outcome | None, Field(description="How it ends; absent if it never does.")] = None


class PlannedRestoreReading(Reading):
    """A restore as of an instant, and its plan."""

    id: Annotated[int | str, Field(description="As the project's contract has it.")]
    objectId: Annotated[str, Field(description="The id under the contract of 2026.")]
    status: Status
    restoreTimestamp: InstantReading
    completedAt: InstantReading | None = None
    plan: Plan
    nextChangeAt: Annotated[InstantReading | None, Field(description="When its status changes next.")] = None


class BinReading(Reading):
    """The restores whose ids are instants from ``since`` until just before ``until``."""

    since: InstantReading
    until: InstantReading
    statuses: Annotated[dict[Status, int], Field(description="How many are in each status; only those that occur.")]


class RestoreListReading(Reading):
    """The restores of a backup as of one instant."""

    at: Annotated[InstantReading, Field(description="The instant, by the project's clock.")]
    restores: Annotated[list[PlannedRestoreReading], Field(description="Newest first.")]
    count: Annotated[int, Field(description="How many restores the backup has, listed or not.")]
    counts: Annotated[dict[Status, int], Field(description="How many of them are in each status.")]
    bins: Annotated[
        list[BinReading], Field(description=f"The same by time, in at most {survey.MAX_BINS} bins of equal width.")
    ]
    nextChangeAt: Annotated[
        InstantReading | None, Field(description="When the status of one of the backup's restores changes next.")
    ] = None


@router.get(RESTORES_PATH, summary="List the restores of a backup with their plans")
async def list_planned_restores(
    request: Request,
    project_id: ProjectId,
    addon_id: AddonId,
    backup_id: BackupId,
    at: Annotated[Moment | None, Query(description="As of this instant; by default the project's present one.")] = None,
    limit: Annotated[
        int,
        Query(
            ge=1,
            le=MAX_LISTED,
            description="How many restores to list at most: those nearest to the instant by their ids.",
        ),
    ] = 100,
) -> RestoreListReading:
    connection = emulator_of(request).store.connection
    sandbox, key = find_backup(request, BackupPath(project_id, addon_id, backup_id))
    instant = sandbox.clock.now() if at is None else unix_milliseconds(at)
    bins = survey.bins(connection, key.backup, instant)
    counts = {status: sum(one.statuses.get(status, 0) for one in bins) for status in Status}
    listed = queries.restores_around(connection, key.backup, instant, limit)
    numbers = [number for number, _ in listed]
    own_ids = object_ids.of_backup(
        connection, key.backup, oldest=min(numbers, default=0), newest=max(numbers, default=0)
    )
    return RestoreListReading(
        at=instant,
        restores=[_reading(sandbox, number, timeline, instant, own_ids.get(number)) for number, timeline in listed],
        count=sum(counts.values()),
        counts=counts,
        bins=bins,
        nextChangeAt=survey.next_change(connection, key.backup, instant),
    )


def _reading(
    sandbox: Sandbox, number: int, timeline: Timeline, instant: int, object_id: str | None
) -> PlannedRestoreReading:
    return PlannedRestoreReading(
        id=public_id(sandbox.contract, number, object_id),
        objectId=str(public_id(Contract.V2026, number, object_id)),
        status=status_at(timeline, instant),
        restoreTimestamp=timeline.initiated,
        completedAt=completed_at(timeline, instant),
        plan=timeline,
        nextChangeAt=next_change(timeline, instant),
    )
