"""List projects, and the addons of one: how a client finds its way to a backup."""

from typing import Any

from fastapi import APIRouter, Request, Response

from mockserver import wire
from mockserver.api.descriptions import described_by
from mockserver.api.operation import Operation, admit, json_answer, operation
from mockserver.api.paging import Asked, asked_for
from mockserver.api.parameters import CursorText, Page, PerPage, ProjectId
from mockserver.api.scope import emulator_of, own_sandbox, visible_sandbox
from mockserver.operations import OperationName
from mockserver.pagination import PER_PAGE_DEFAULT
from mockserver.permissions import Permission
from mockserver.store import listings, queries

router = APIRouter(route_class=Operation)


@operation(
    router,
    "/projects",
    name=OperationName.LIST_PROJECTS,
    permission=Permission.READ_PROJECTS,
    summary="List projects",
    description="Lists the one project that the token is of; for any other token, those that the server started with.",
    answer=described_by(wire.ProjectList, "One page of the projects."),
    errors=(400, 401, 403, 429),
)
async def list_projects(
    request: Request, *, per_page: PerPage = PER_PAGE_DEFAULT, page: Page = 1, cursor: CursorText = None
) -> Response:
    emulator = emulator_of(request)
    own = own_sandbox(request)
    asked, _ = asked_for(request, ("projects", own.id if own else ""), per_page, page, cursor)
    found = listings.projects(
        emulator.store.connection,
        own.token if own else None,
        after=after_id(asked),
        skipped=asked.skipped,
        most=asked.most,
    )
    admit(request)
    shown, pagination = asked.answered(found, id_of)
    projects = [wire.Project(id=id_, name=name, description=description) for id_, name, description in shown]
    return json_answer(wire.ProjectList(data={"projects": projects}, pagination=pagination))


@operation(
    router,
    "/projects/{projectId}/addons",
    name=OperationName.LIST_ADDONS,
    permission=Permission.READ_ADDONS,
    summary="List addons",
    description="Lists the addons of one project.",
    answer=described_by(wire.AddonList, "One page of the project's addons."),
)
async def list_addons(
    request: Request,
    *,
    project_id: ProjectId,
    per_page: PerPage = PER_PAGE_DEFAULT,
    page: Page = 1,
    cursor: CursorText = None,
) -> Response:
    connection = emulator_of(request).store.connection
    asked, _ = asked_for(request, ("addons", project_id), per_page, page, cursor)
    visible_sandbox(request, project_id)
    key = queries.project_key(connection, project_id)
    found = listings.addons(connection, key, after=after_id(asked), skipped=asked.skipped, most=asked.most)
    admit(request)
    shown, pagination = asked.answered(found, id_of)
    addons = [
        wire.Addon(
            id=id_,
            name=name,
            appId=f"/default-user/{project_id}/{id_}",
            description=description,
            spec={"type": type_},
            status=wire.AddonStatus(status),
        )
        for id_, name, description, type_, status in shown
    ]
    return json_answer(wire.AddonList(data={"addons": addons}, pagination=pagination))


def after_id(asked: Asked) -> str:
    """In a list by id, the id after which the page begins."""
    return listings.FIRST if asked.after is None else str(asked.after[0])


def id_of(row: Any) -> tuple[str]:
    """The key of an item in a list by id."""
    return (row[0],)
