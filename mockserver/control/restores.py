"""Changes the restores of a backup by hand: add one, force one to a status, remove one."""

from typing import Annotated, Any

from fastapi import Body, Path, Request, Response
from pydantic import Field

from mockserver.contract import shapes, wire
from mockserver.contract.lifecycle import Status, Timeline, hold_at
from mockserver.contract.versions import Contract, second_of
from mockserver.control.routing import CONFLICT, AddonId, BackupId, ProjectId, find_backup, project_router
from mockserver.errors import ApiError, InvalidFieldError
from mockserver.messages import quoted
from mockserver.sandbox import restores
from mockserver.sandbox.sandbox import Sandbox
from mockserver.seeding.object_ids import PER_SECOND
from mockserver.seeding.parts import RowError
from mockserver.seeding.scenario import AnyRestore, PlannedRow, RestoreRow
from mockserver.store import changes, object_ids, queries
from mockserver.store.queries import BackupPath
from mockserver.strict import StrictModel
from mockserver.web.context import emulator_of

router = project_router()

RestoreId = Annotated[str, Path(alias="restoreId", description="The restore's id, as listed.")]

RESTORES_PATH = "/addons/{addonId}/backups/{backupId}/restores"


class ForcedStatus(StrictModel):
    """The status to hold a restore in."""

    status: Annotated[
        Status, Field(description="The restore has it from now on, by the project's clock, and keeps it.")
    ]


@router.post(
    RESTORES_PATH,
    status_code=201,
    response_model=shapes.Restore,
    responses=CONFLICT,
    summary="Add a restore to a backup",
)
async def add_restore(
    request: Request,
    project_id: ProjectId,
    addon_id: AddonId,
    backup_id: BackupId,
    row: Annotated[AnyRestore, Body()] = PlannedRow(),  # noqa: B008 - frozen
) -> Any:
    emulator = emulator_of(request)
    sandbox, key = find_backup(request, BackupPath(project_id, addon_id, backup_id))
    try:
        timeline = _timeline(row, sandbox.clock.now(), emulator.settings.aborting_for)
    except RowError as failure:
        raise InvalidFieldError(failure.field, failure.problem) from None
    if row.objectId is not None and object_ids.find_restore(
        emulator.store.connection, Contract.V2026, key.backup, row.objectId
    ):
        raise _in_use(row.objectId)
    number = row.id
    if number is None:
        first = timeline.initiated if row.objectId is None else second_of(row.objectId)
        number = restores.free_id(emulator.store, key, first)
        if row.objectId is not None and number >= first + PER_SECOND:
            raise ApiError(409, f"the backup has {PER_SECOND:,} restores of that second: choose an ObjectId of another")
        if row.restoreTimestamp is None:
            timeline = timeline._replace(initiated=number)
    elif queries.restore(emulator.store.connection, key.backup, number):
        raise _in_use(number)
    with emulator.store.writing(sandbox.restores_changed) as session:
        changes.add_restores(session, key, [(number, timeline)])
        if row.objectId is not None:
            object_ids.add(session, key.backup, {number: row.objectId})
    return _rendered(request, sandbox, key.backup, number, timeline)


@router.patch(f"{RESTORES_PATH}/{{restoreId}}", response_model=shapes.Restore, summary="Force a restore to a status")
async def force_restore(
    request: Request,
    project_id: ProjectId,
    addon_id: AddonId,
    backup_id: BackupId,
    restore_id: RestoreId,
    forced: ForcedStatus,
) -> Any:
    path = BackupPath(project_id, addon_id, backup_id)
    sandbox, key, number, timeline = _find_restore(request, path, restore_id)
    timeline = hold_at(forced.status, timeline.initiated, since=sandbox.clock.now())
    with emulator_of(request).store.writing(sandbox.restores_changed) as session:
        changes.set_restore(session, key, number, timeline)
    return _rendered(request, sandbox, key, number, timeline)


@router.delete(f"{RESTORES_PATH}/{{restoreId}}", status_code=204, summary="Remove a restore")
async def remove_restore(
    request: Request, project_id: ProjectId, addon_id: AddonId, backup_id: BackupId, restore_id: RestoreId
) -> Response:
    sandbox, key, number, _ = _find_restore(request, BackupPath(project_id, addon_id, backup_id), restore_id)
    with emulator_of(request).store.writing(sandbox.restores_changed) as session:
        changes.delete_restore(session, key, number)
    return Response(status_code=204)


def _in_use(restore_id: int | str) -> ApiError:
    return ApiError(409, f'the backup has a restore with the id "{restore_id}": choose another id, or leave it out')


def _timeline(row: AnyRestore, now: int, aborting_for: int) -> Timeline:
    """The timeline of a new restore; raises RowError if its row does not fit the project's present instant."""
    if not isinstance(row, RestoreRow):
        return row.timeline_at(now, aborting_for)
    ends_at = row.ends_at(now)
    return hold_at(row.status, row.initiated(now), since=now if ends_at is None else ends_at)


def _find_restore(request: Request, path: BackupPath, restore_id: str) -> tuple[Sandbox, int, int, Timeline]:
    sandbox, key = find_backup(request, path)
    restore = object_ids.find_restore(emulator_of(request).store.connection, sandbox.contract, key.backup, restore_id)
    if restore is None:
        raise ApiError(404, f'no restore {quoted(restore_id)} of backup "{path.backup_id}"')
    number, timeline = restore
    return sandbox, key.backup, number, timeline


def _rendered(request: Request, sandbox: Sandbox, backup: int, number: int, timeline: Timeline) -> shapes.Restore:
    connection = emulator_of(request).store.connection
    restore_id = object_ids.public_id_of(connection, sandbox.contract, backup, number)
    return wire.restore(sandbox.contract, restore_id, timeline, sandbox.clock.now())
