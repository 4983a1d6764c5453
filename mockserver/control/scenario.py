"""Exports a project, such as one that was changed by hand, as a scenario file."""

from fastapi import Request, Response

from mockserver.control.routing import CONFLICT, ProjectId, get_sandbox, project_router
from mockserver.errors import ApiError, UsageError
from mockserver.seeding.export import scenario_text
from mockserver.web.context import emulator_of

router = project_router()


@router.get(
    "/scenario",
    response_class=Response,
    responses=CONFLICT | {200: {"content": {"application/toml": {"schema": {"type": "string"}}}}},
    summary="Export a project as a scenario file",
)
async def export_scenario(request: Request, project_id: ProjectId) -> Response:
    sandbox = get_sandbox(request, project_id)
    try:
        text = scenario_text(emulator_of(request).store.connection, sandbox.id, sandbox.key, sandbox.clock.now())
    except UsageError as failure:
        raise ApiError(409, str(failure)) from None
    name = f'attachment; filename="{sandbox.id}.toml"'
    return Response(text, headers={"Content-Disposition": name}, media_type="application/toml")
