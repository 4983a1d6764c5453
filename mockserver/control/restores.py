"""Changes the restores of a backup by hand: add one, force one to a status, remove one."""

from typing import Annotated, Any

from fastapi import Body, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mockserver.contract import shapes, wire
from mockserver.contract.lifecycle import Status, Timeline, hold_at
from mockserver.contract.versions import number_of, public_id
from mockserver.control.routing import NOT_FOUND, AddonId, BackupId, ProjectId, control_router, find_backup
from mockserver.errors import ApiError, InvalidFieldError
from mockserver.instants import INSTANT_MAX
from mockserver.messages import quoted
from mockserver.sandbox import restores
from mockserver.sandbox.sandboxes import Sandbox
from mockserver.seeding.scenario import PlannedRestore
from mockserver.store import changes, queries
from mockserver.store.queries import BackupPath
from mockserver.web.scope import emulator_of

router = control_router()

RestoreId = Annotated[str, Path(alias="restoreId", description="The restore's id, as listed.")]

RESTORES_PATH = "/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores"


class ForcedStatus(BaseModel):
    """The status to hold a restore in."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[
        Status, Field(description="The restore has it from now on, by the project's clock, and keeps it.")
    ]


@router.post(
    RESTORES_PATH,
    status_code=201,
    response_model=shapes.Restore,
    responses=NOT_FOUND,
    summary="Add a restore to a backup",
)
async def add_restore(
    request: Request,
    project_id: ProjectId,
    addon_id: AddonId,
    backup_id: BackupId,
    plan: Annotated[PlannedRestore, Body()] = PlannedRestore(),  # noqa: B008 - frozen
) -> Any:
    emulator = emulator_of(request)
    sandbox, key = find_backup(request, BackupPath(project_id, addon_id, backup_id))
    timeline = plan.timeline(sandbox.clock.now(), emulator.settings.aborting_for)
    for location, instant in (
        ("startsAfter", timeline.starts_at),
        ("endsAfter", timeline.ends_at),
        ("abortAfter", timeline.abort_requested_at),
    ):
        if instant is not None and instant > INSTANT_MAX:
            raise InvalidFieldError(location, "would be after 2106-02-07, the last supported date")
    ((number, timeline),) = restores.add(emulator.store, key, [timeline])
    sandbox.restores_changed()
    return _rendered(sandbox, number, timeline)


@router.patch(
    f"{RESTORES_PATH}/{{restoreId}}",
    response_model=shapes.Restore,
    responses=NOT_FOUND,
    summary="Force a restore to a status",
)
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
    with emulator_of(request).store.writing() as session:
        changes.set_restore(session, key, number, timeline)
    sandbox.restores_changed()
    return _rendered(sandbox, number, timeline)


@router.delete(f"{RESTORES_PATH}/{{restoreId}}", status_code=204, responses=NOT_FOUND, summary="Remove a restore")
async def remove_restore(
    request: Request, project_id: ProjectId, addon_id: AddonId, backup_id: BackupId, restore_id: RestoreId
) -> Response:
    sandbox, key, number, _ = _find_restore(request, BackupPath(project_id, addon_id, backup_id), restore_id)
    with emulator_of(request).store.writing() as session:
        changes.delete_restore(session, key, number)
    sandbox.restores_changed()
    return Response(status_code=204)


def _find_restore(request: Request, path: BackupPath, restore_id: str) -> tuple[Sandbox, int, int, Timeline]:
    sandbox, key = find_backup(request, path)
    number = number_of(sandbox.contract, restore_id)
    timeline = None if number is None else queries.restore(emulator_of(request).store.connection, key.backup, number)
    if number is None or timeline is None:
        raise ApiError(404, f'no restore {quoted(restore_id)} of backup "{path.backup_id}"')
    return sandbox, key.backup, number, timeline


def _rendered(sandbox: Sandbox, number: int, timeline: Timeline) -> shapes.Restore:
    return wire.restore(sandbox.contract, public_id(sandbox.contract, number), timeline, sandbox.clock.now())
