"""What restores do that clients start in a project: read it, set it, go back to the default."""

from fastapi import Request, Response

from mockserver.control.routing import ProjectId, get_sandbox, project_router
from mockserver.sandbox.plans import ProjectPlan, default_plan
from mockserver.web.context import emulator_of

router = project_router()


@router.get("/plan", summary="Read the plan of the next restore that a client starts")
async def get_plan(request: Request, project_id: ProjectId) -> ProjectPlan:
    settings = emulator_of(request).settings
    plan = get_sandbox(request, project_id).plan
    return plan or default_plan(settings.scheduled_for, settings.in_progress_for)


@router.put("/plan", summary="Set the plan of the next restores that clients start")
async def put_plan(request: Request, project_id: ProjectId, plan: ProjectPlan) -> ProjectPlan:
    sandbox = get_sandbox(request, project_id)
    emulator_of(request).sandboxes.set_plan(sandbox, plan)
    return plan


@router.delete("/plan", status_code=204, summary="Go back to the plan that the settings say")
async def delete_plan(request: Request, project_id: ProjectId) -> Response:
    emulator_of(request).sandboxes.set_plan(get_sandbox(request, project_id), None)
    return Response(status_code=204)
