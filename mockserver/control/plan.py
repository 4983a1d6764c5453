"""What restores do that clients start in a project: read it, set it, go back to the default."""

from fastapi import Request, Response

from mockserver.control.routing import NOT_FOUND, ProjectId, control_router, get_sandbox
from mockserver.sandbox.plans import ProjectPlan, default_plan
from mockserver.web.context import emulator_of

router = control_router()

_PATH = "/projects/{projectId}/plan"


@router.get(
    _PATH,
    responses=NOT_FOUND,
    response_model_exclude_none=True,
    summary="Read the plan of the next restore that a client starts",
)
async def get_plan(request: Request, project_id: ProjectId) -> ProjectPlan:
    settings = emulator_of(request).settings
    plan = get_sandbox(request, project_id).plan
    return plan or default_plan(settings.scheduled_for, settings.in_progress_for)


@router.put(
    _PATH,
    responses=NOT_FOUND,
    response_model_exclude_none=True,
    summary="Set the plan of the next restores that clients start",
)
async def put_plan(request: Request, project_id: ProjectId, plan: ProjectPlan) -> ProjectPlan:
    sandbox = get_sandbox(request, project_id)
    emulator_of(request).sandboxes.set_plan(sandbox, plan)
    return plan


@router.delete(_PATH, status_code=204, responses=NOT_FOUND, summary="Go back to the plan that the settings say")
async def delete_plan(request: Request, project_id: ProjectId) -> Response:
    emulator_of(request).sandboxes.set_plan(get_sandbox(request, project_id), None)
    return Response(status_code=204)
