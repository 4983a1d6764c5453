"""List addon backup restores: the operation that mockserver is made for."""

from typing import Annotated

from annotated_types import Interval
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, WithJsonSchema

from mockserver import wire
from mockserver.api.operation import Operation, admit, emulator_of, operation
from mockserver.errors import ApiError
from mockserver.pagination import (
    PAGE_MAX,
    PER_PAGE_DEFAULT,
    PER_PAGE_MAX,
    Cursor,
    decode_cursor,
    encode_cursor,
    parse_page,
    parse_per_page,
)
from mockserver.store import queries

router = APIRouter(route_class=Operation)

ProjectId = Annotated[str, Path(alias="projectId", description="The project's id.")]
AddonId = Annotated[str, Path(alias="addonId", description="The addon's id.")]
BackupId = Annotated[str, Path(alias="backupId", description="The backup's id.")]
PerPage = Annotated[
    int,
    Interval(ge=1, le=PER_PAGE_MAX),
    BeforeValidator(parse_per_page),
    Query(description="How many results a page holds at most."),
]
Page = Annotated[
    int,
    Interval(ge=1, le=PAGE_MAX),
    BeforeValidator(parse_page),
    Query(description="Which page to answer with; past the end is a page without results."),
]
CursorText = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "minLength": 1}),
    Query(description="The cursor that the page before handed out; wins over `page` where both are sent."),
]


@operation(
    router,
    "/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores",
    name="list-addon-backup-restores",
    summary="List addon backup restores",
    description="Lists the restores of one backup, newest first. Needs the permission "
    "Project > Addons > General > Read.",
    answer={"model": wire.RestoreList, "description": "One page of the backup's restores."},
    errors=(400, 401, 403, 404, 429),
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
) -> Response:
    emulator = emulator_of(request)
    list_name = ("restores", project_id, addon_id, backup_id)
    position = decode_cursor(list_name, cursor) if cursor is not None else None
    if position:
        before, page, skipped = int(position.after[0]), position.page, 0
    else:
        before, skipped = queries.NEWEST, (page - 1) * per_page
    path = queries.BackupPath(project_id, addon_id, backup_id)
    # one more than the page holds tells whether another page follows
    found = queries.restores(emulator.store.connection, path, before=before, skipped=skipped, most=per_page + 1)
    if not found and (gap := queries.missing(emulator.store.connection, path)):
        raise ApiError(404, f"no {gap}")
    admit(request)
    shown = found[:per_page]
    cursor_after = None
    if len(found) > per_page:
        cursor_after = encode_cursor(list_name, Cursor(after=(shown[-1][0],), page=page + 1))
    now = emulator.clock.now()
    body = wire.RestoreList(
        data={"restores": [wire.restore(restore_id, timeline, now) for restore_id, timeline in shown]},
        pagination=wire.pagination(len(shown), cursor_after),
    )
    return Response(wire.to_bytes(body), media_type="application/json")
