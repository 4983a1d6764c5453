"""Operations that lead a client to an addon: list projects, and list the addons of one."""

from functools import partial

from fastapi import APIRouter, Response

from mockserver.api.operation import Operation, json_response, operation
from mockserver.api.paging import ordered_by_id, read_page, requested_page
from mockserver.api.parameters import PageQuery, ProjectId
from mockserver.contract import shapes
from mockserver.contract.identity import app_id
from mockserver.contract.operations import OperationName
from mockserver.contract.permissions import Permission
from mockserver.store import listings, queries
from mockserver.web.context import Context
from mockserver.web.schemas import response_schema

router = APIRouter(route_class=Operation)


@operation(
    router,
    "/projects",
    name=OperationName.LIST_PROJECTS,
    permission=Permission.READ_PROJECTS,
    summary="List projects",
    description="Lists the token's own project; for any other token, the projects that the server started with.",
    response=response_schema(shapes.ProjectList, "One page of the projects."),
    errors=(400, 401, 429),
)
async def list_projects(context: Context, *, query: PageQuery) -> Response:
    own = context.own
    page_request = requested_page(context, ("projects", own.id if own else ""), query)
    source = ordered_by_id(partial(listings.projects, context.emulator.store.connection, own.token if own else None))
    rows, pagination = read_page(context, page_request, source)
    projects = [shapes.Project(id=id_, name=name, description=description) for id_, name, description in rows]
    return json_response(shapes.ProjectList(data={"projects": projects}, pagination=pagination))


@operation(
    router,
    "/projects/{projectId}/addons",
    name=OperationName.LIST_ADDONS,
    permission=Permission.READ_ADDONS,
    summary="List addons",
    description="Lists the addons of one project.",
    response=response_schema(shapes.AddonList, "One page of the project's addons."),
)
async def list_addons(context: Context, *, project_id: ProjectId, query: PageQuery) -> Response:
    connection = context.emulator.store.connection
    page_request = requested_page(context, ("addons", project_id), query)
    context.visible_sandbox(project_id)
    key = queries.project_key(connection, project_id)
    rows, pagination = read_page(context, page_request, ordered_by_id(partial(listings.addons, connection, key)))
    addons = [
        shapes.Addon(
            id=id_,
            name=name,
            appId=app_id(project_id, id_),
            description=description,
            spec={"type": type_},
            status=shapes.AddonStatus(status),
        )
        for id_, name, description, type_, status in rows
    ]
    return json_response(shapes.AddonList(data={"addons": addons}, pagination=pagination))
