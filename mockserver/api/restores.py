"""List addon backup restores, the operation that mockserver exists for; and list addon restores."""

from fastapi import APIRouter, Response

from mockserver.api.admission import check_admission
from mockserver.api.lookup import backup_path, sandbox_of_backup
from mockserver.api.operation import Operation, RenderedResponse, json_response, operation
from mockserver.api.paging import read_page, requested_page
from mockserver.api.parameters import AddonId, BackupId, PageQuery, ProjectId, SourcePageQuery
from mockserver.contract import shapes, wire
from mockserver.contract.broken_pages import ItemSource, PageFacts
from mockserver.contract.lifecycle import Timeline
from mockserver.contract.operations import OperationName
from mockserver.contract.pagination import Key, PageRequest
from mockserver.contract.permissions import Permission
from mockserver.contract.versions import Contract, public_id
from mockserver.sandbox.pages import RenderedPage, render_broken_page
from mockserver.sandbox.sandbox import Sandbox
from mockserver.store import object_ids, queries
from mockserver.store.queries import BackupPath
from mockserver.web.context import Context, RequestContext
from mockserver.web.schemas import response_schema

router = APIRouter(route_class=Operation)


@operation(
    router,
    "/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores",
    name=OperationName.LIST_RESTORES,
    permission=Permission.READ_ADDONS,
    summary="List addon backup restores",
    description="Lists the restores of one backup, newest first.",
    response=response_schema(shapes.RestoreList, "One page of the backup's restores."),
)
async def list_restores(
    context: Context, *, project_id: ProjectId, addon_id: AddonId, backup_id: BackupId, query: SourcePageQuery
) -> Response:
    emulator, record = context.emulator, context.record
    path = backup_path(context, project_id, addon_id, backup_id, query)
    page_request = requested_page(context, ("restores", *path), query, kinds=(int,))
    sandbox = sandbox_of_backup(context, project_id, addon_id, path)
    now = context.now_in(sandbox)
    rendered = emulator.pages.restores(sandbox.contract, path, page_request, now)
    record.listing = rendered.listing
    broken = check_admission(context, lambda: _facts(page_request, rendered))
    if broken is not None:
        rendered = render_broken_page(emulator.store.connection, sandbox.contract, path, page_request, now, broken)
        record.listing = rendered.listing
    _tick_clock(context, sandbox)
    return RenderedResponse(rendered.body)


@operation(
    router,
    "/projects/{projectId}/addons/{addonId}/restores",
    name=OperationName.LIST_ADDON_RESTORES,
    permission=Permission.READ_ADDONS,
    summary="List addon restores",
    description="Lists the restores of all backups of one addon, newest first.",
    response=response_schema(shapes.AddonRestoreList, "One page of the addon's restores."),
)
async def list_addon_restores(
    context: Context, *, project_id: ProjectId, addon_id: AddonId, query: PageQuery
) -> Response:
    connection = context.emulator.store.connection
    page_request = requested_page(context, ("addon-restores", project_id, addon_id), query, kinds=(int, str))
    sandbox = context.visible_sandbox(project_id)
    addon_key = queries.addon_key(connection, project_id, addon_id)

    def before(after: Key | None) -> tuple[int, int]:
        if after is None:
            return queries.NEWEST, 0
        number, backup_id = after
        last = queries.backup_key(connection, BackupPath(project_id, addon_id, str(backup_id)))
        return int(number), last.backup

    source: ItemSource[tuple[str, int, Timeline]] = ItemSource(
        read=lambda position, limit: queries.restores_of_addon(
            connection, addon_key, before=before(position.after), offset=position.offset, limit=limit
        ),
        key_of=lambda row: (row[1], row[0]),
        count=lambda after: queries.count_of_addon(connection, addon_key, before=before(after)),
    )
    rows, pagination = read_page(context, page_request, source)
    now = context.now_in(sandbox)
    own_ids: dict[tuple[str, int], str] = {}
    if rows and sandbox.contract is Contract.V2026:
        own_ids = object_ids.of_addon(connection, addon_key, oldest=rows[-1][1], newest=rows[0][1])
    restores = []
    for backup_id, number, timeline in rows:
        restore_id = public_id(sandbox.contract, number, own_ids.get((backup_id, number)))
        restore = wire.restore(sandbox.contract, restore_id, timeline, now)
        restores.append(shapes.AddonRestore(**restore, backupId=backup_id))
    _tick_clock(context, sandbox)
    return json_response(shapes.AddonRestoreList(data={"restores": restores}, pagination=pagination))


def _tick_clock(context: RequestContext, sandbox: Sandbox) -> None:
    """Moves a stepping clock ahead, unless a fault corrupts the response."""
    if not context.record.corrupted:
        context.emulator.sandboxes.tick_clock(sandbox)


def _facts(page_request: PageRequest, page: RenderedPage) -> PageFacts:
    listing = page.listing
    return PageFacts(page_request.number, page_request.per_page, listing.count, listing.next_cursor is not None)
