"""Operations on the backups of an addon: list them, get one, restore one, abort a restore."""

from functools import partial
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict

from mockserver.api.admission import check_admission
from mockserver.api.lookup import backup_path, sandbox_of_backup
from mockserver.api.operation import Operation, json_response, operation
from mockserver.api.paging import ordered_by_id, read_page, requested_page
from mockserver.api.parameters import AddonId, BackupId, PageQuery, ProjectId, SourceQuery
from mockserver.contract import shapes, wire
from mockserver.contract.lifecycle import Status, aborted, is_over, status_at
from mockserver.contract.operations import OperationName
from mockserver.contract.permissions import Permission
from mockserver.contract.versions import public_id
from mockserver.errors import ApiError
from mockserver.instants import INSTANT_MAX, timestamp
from mockserver.messages import quoted
from mockserver.sandbox import restores
from mockserver.sandbox.plans import default_plan
from mockserver.store import changes, listings, object_ids, queries
from mockserver.store.queries import BackupPath
from mockserver.web.context import Context
from mockserver.web.schemas import response_schema

router = APIRouter(route_class=Operation)

_BACKUP = "/projects/{projectId}/addons/{addonId}/backups/{backupId}"


class AbortedRestore(BaseModel):
    """Which restore to abort."""

    model_config = ConfigDict(extra="forbid")

    restoreId: str


@operation(
    router,
    "/projects/{projectId}/addons/{addonId}/backups",
    name=OperationName.LIST_BACKUPS,
    permission=Permission.READ_ADDONS,
    summary="List addon backups",
    description="Lists the backups of one addon.",
    response=response_schema(shapes.BackupList, "One page of the addon's backups."),
)
async def list_backups(context: Context, *, project_id: ProjectId, addon_id: AddonId, query: PageQuery) -> Response:
    connection = context.emulator.store.connection
    page_request = requested_page(context, ("backups", project_id, addon_id), query)
    context.visible_sandbox(project_id)
    key = queries.addon_key(connection, project_id, addon_id)
    rows, pagination = read_page(context, page_request, ordered_by_id(partial(listings.backups, connection, key)))
    return json_response(shapes.BackupList(data={"backups": [_backup(row) for row in rows]}, pagination=pagination))


@operation(
    router,
    _BACKUP,
    name=OperationName.GET_BACKUP,
    permission=Permission.READ_ADDONS,
    summary="Get addon backup",
    description="Gets one backup, with its newest restore.",
    response=response_schema(shapes.BackupResponse, "The backup."),
    errors=(401, 404, 429),
)
async def get_backup(context: Context, *, project_id: ProjectId, addon_id: AddonId, backup_id: BackupId) -> Response:
    connection = context.emulator.store.connection
    sandbox = context.visible_sandbox(project_id)
    path = BackupPath(project_id, addon_id, backup_id)
    key = queries.backup_key(connection, path)
    check_admission(context)
    backup = cast(shapes.BackupWithLastRestore, _backup(listings.backup(connection, key.backup)))
    newest = queries.newest_restores(connection, key.backup, limit=1)
    if newest:
        backup["lastRestore"] = wire.last_restore(newest[0][1], context.now_in(sandbox))
    return json_response(shapes.BackupResponse(data=backup))


@operation(
    router,
    f"{_BACKUP}/restore",
    name=OperationName.RESTORE_BACKUP,
    permission=Permission.UPDATE_ADDONS,
    method="POST",
    summary="Restore addon backup",
    description="Starts a restore of one backup; its status then changes with the project's clock.",
    response=response_schema(shapes.StartedRestoreResponse, "The restore's id."),
)
async def restore_backup(
    context: Context, *, project_id: ProjectId, addon_id: AddonId, backup_id: BackupId, source: SourceQuery
) -> Response:
    emulator = context.emulator
    path = backup_path(context, project_id, addon_id, backup_id, source)
    sandbox = sandbox_of_backup(context, project_id, addon_id, path)
    key = queries.backup_key(emulator.store.connection, path)
    check_admission(context)
    settings = emulator.settings
    plan = default_plan(settings.scheduled_for, settings.in_progress_for)
    number = restores.start(emulator.store, sandbox, key, plan, settings.aborting_for)
    started = shapes.StartedRestore(restoreId=str(public_id(sandbox.contract, number)))
    return json_response(shapes.StartedRestoreResponse(data=started))


@operation(
    router,
    f"{_BACKUP}/abort-restore",
    name=OperationName.ABORT_RESTORE,
    permission=Permission.UPDATE_ADDONS,
    method="POST",
    summary="Abort backup restore",
    description="Aborts a restore that has not ended: it is aborting for a while, then aborted.",
    response=response_schema(shapes.EmptyResponse, "The restore is aborting."),
    errors=(400, 401, 404, 409, 429),
)
async def abort_restore(
    context: Context,
    *,
    project_id: ProjectId,
    addon_id: AddonId,
    backup_id: BackupId,
    body: Annotated[AbortedRestore, Body()],
    source: SourceQuery,
) -> Response:
    emulator = context.emulator
    path = backup_path(context, project_id, addon_id, backup_id, source)
    sandbox = sandbox_of_backup(context, project_id, addon_id, path)
    key = queries.backup_key(emulator.store.connection, path)
    restore = object_ids.find_restore(emulator.store.connection, sandbox.contract, key.backup, body.restoreId)
    if restore is None:
        raise ApiError(404, f'no restore {quoted(body.restoreId)} of backup "{path.backup_id}"')
    number, timeline = restore
    now = sandbox.clock.now()
    status = status_at(timeline, now)
    if is_over(status):
        raise ApiError(409, f'restore "{body.restoreId}" has already ended: it is {status}')
    check_admission(context)
    if status is not Status.ABORTING:
        ends_at = min(now + emulator.settings.aborting_for, INSTANT_MAX)
        with emulator.store.writing(sandbox.restores_changed) as session:
            changes.set_restore(session, key.backup, number, aborted(timeline, now, ends_at))
    return json_response(shapes.EmptyResponse(data={}))


def _backup(row: Any) -> shapes.Backup:
    id_, name, uid, source, size, created, completed = row
    return shapes.Backup(
        id=id_,
        name=name,
        uid=uid,
        status=Status.COMPLETED,
        createdAt=timestamp(created),
        completedAt=timestamp(completed),
        config={"source": {"type": source}, "size": str(size)},
    )
