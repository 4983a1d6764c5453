"""List addon backup restores, the operation that mockserver is made for; and list addon restores, its sister."""

from fastapi import APIRouter, Request, Response

from mockserver.api.operation import JsonAnswer, Operation, admit, contract_of, json_answer, operation
from mockserver.api.paging import requested_page
from mockserver.api.parameters import (
    AddonId,
    BackupId,
    CursorText,
    Page,
    PerPage,
    ProjectId,
    SourceAddonId,
    SourceProjectId,
)
from mockserver.contract import wire
from mockserver.contract.operations import OperationName
from mockserver.contract.pagination import PER_PAGE_DEFAULT
from mockserver.contract.permissions import Permission
from mockserver.contract.versions import Contract, shown_id
from mockserver.sandbox.sandboxes import Sandbox
from mockserver.store import queries
from mockserver.store.queries import BackupPath
from mockserver.web.schemas import described_by
from mockserver.web.scope import call_of, emulator_of, now_in, visible_sandbox

router = APIRouter(route_class=Operation)


@operation(
    router,
    "/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores",
    name=OperationName.LIST_RESTORES,
    permission=Permission.READ_ADDONS,
    summary="List addon backup restores",
    description="Lists the restores of one backup, newest first.",
    answer=described_by(wire.RestoreList, "One page of the backup's restores."),
)
async def list_restores(
    request: Request,
    *,
    project_id: ProjectId,
    addon_id: AddonId,
    backup_id: BackupId,
    per_page: PerPage = PER_PAGE_DEFAULT,
    page: Page = 1,
    cursor: CursorText = None,
    source_project_id: SourceProjectId = None,
    source_addon_id: SourceAddonId = None,
) -> Response:
    path = backup_path(request, project_id, addon_id, backup_id, source_project_id, source_addon_id)
    list_name = ("restores", path.project_id, path.addon_id, path.backup_id)
    page_request = requested_page(request, list_name, per_page, page, cursor, kinds=(int,))
    sandbox = sandbox_of_backup(request, project_id, addon_id, path)
    rendered = emulator_of(request).pages.restores(sandbox.contract, path, page_request, now_in(request, sandbox))
    call_of(request).listing = rendered.listing
    admit(request)
    note_listed(request, sandbox)
    return JsonAnswer(rendered.body)


@operation(
    router,
    "/projects/{projectId}/addons/{addonId}/restores",
    name=OperationName.LIST_ADDON_RESTORES,
    permission=Permission.READ_ADDONS,
    summary="List addon restores",
    description="Lists the restores of all backups of one addon, newest first.",
    answer=described_by(wire.AddonRestoreList, "One page of the addon's restores."),
)
async def list_addon_restores(
    request: Request,
    *,
    project_id: ProjectId,
    addon_id: AddonId,
    per_page: PerPage = PER_PAGE_DEFAULT,
    page: Page = 1,
    cursor: CursorText = None,
) -> Response:
    connection = emulator_of(request).store.connection
    list_name = ("addon-restores", project_id, addon_id)
    page_request = requested_page(request, list_name, per_page, page, cursor, kinds=(int, str))
    sandbox = visible_sandbox(request, project_id)
    addon_key = queries.addon_key(connection, project_id, addon_id)
    before = (queries.NEWEST, 0)
    if page_request.after is not None:
        number, backup_id = page_request.after
        last = queries.backup_key(connection, BackupPath(project_id, addon_id, str(backup_id)))
        before = (int(number), last.backup)
    rows = queries.restores_of_addon(
        connection, addon_key, before=before, offset=page_request.offset, limit=page_request.limit
    )
    admit(request)
    rows, next_cursor = page_request.paginate(rows, lambda row: (row[1], row[0]))
    now = now_in(request, sandbox)
    restores = [
        wire.AddonRestore(**wire.restore(shown_id(sandbox.contract, number), timeline, now), backupId=backup_id)
        for backup_id, number, timeline in rows
    ]
    note_listed(request, sandbox)
    pagination = wire.pagination(len(restores), next_cursor)
    return json_answer(wire.AddonRestoreList(data={"restores": restores}, pagination=pagination))


def backup_path(
    request: Request,
    project_id: str,
    addon_id: str,
    backup_id: str,
    source_project_id: str | None,
    source_addon_id: str | None,
) -> BackupPath:
    """The backup that a request names: under 2026 it may belong to another project or addon than the path's."""
    if contract_of(request) is Contract.OF_2024:
        return BackupPath(project_id, addon_id, backup_id)
    return BackupPath(source_project_id or project_id, source_addon_id or addon_id, backup_id)


def sandbox_of_backup(request: Request, project_id: str, addon_id: str, path: BackupPath) -> Sandbox:
    """The project of the backup that is meant; raises ApiError 404, also where the request's own path leads nowhere."""
    if (path.project_id, path.addon_id) != (project_id, addon_id):
        visible_sandbox(request, project_id)
        queries.addon_key(emulator_of(request).store.connection, project_id, addon_id)
    return visible_sandbox(request, path.project_id)


def note_listed(request: Request, sandbox: Sandbox) -> None:
    """A call that lists restores succeeds: a clock that steps, steps."""
    if not call_of(request).spoilt and sandbox.clock.tick():
        emulator_of(request).sandboxes.clock_ticked(sandbox)
