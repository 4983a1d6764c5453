"""A project's fault rules: add, list, read, delete."""

from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import BaseModel, Field

from mockserver.control.routing import ProjectId, get_sandbox, project_router
from mockserver.errors import ApiError
from mockserver.instants import INSTANT_MAX, TIMESTAMP_PATTERN, timestamp
from mockserver.messages import quoted
from mockserver.sandbox.fault_rules import ActiveRule, Rule
from mockserver.sandbox.sandbox import Sandbox
from mockserver.web.context import emulator_of

router = project_router()

FaultId = Annotated[str, Path(alias="faultId", description="The rule's id.")]


class RuleReading(Rule):
    """A rule, its id, how often it triggered, and until when it holds."""

    id: Annotated[str, Field(description="The rule's id, unique in its project.")]
    triggered: Annotated[int, Field(description="How often it has triggered.")]
    holdsUntil: Annotated[
        str | None,
        Field(pattern=TIMESTAMP_PATTERN, description="Only while it holds: until when, on the project's clock."),
    ] = None


class RuleReadings(BaseModel):
    """A project's rules, in the order of creation."""

    faults: list[RuleReading]


def readings(sandbox: Sandbox) -> list[RuleReading]:
    return [_reading(active, sandbox) for active in sandbox.rules.active]


@router.post("/faults", status_code=201, summary="Add a fault rule")
async def add_fault(request: Request, project_id: ProjectId, rule: Rule) -> RuleReading:
    sandbox = get_sandbox(request, project_id)
    return _reading(emulator_of(request).sandboxes.add_rule(sandbox, rule), sandbox)


@router.get("/faults", summary="List a project's fault rules")
async def list_faults(request: Request, project_id: ProjectId) -> RuleReadings:
    return RuleReadings(faults=readings(get_sandbox(request, project_id)))


@router.delete("/faults", status_code=204, summary="Delete all fault rules of a project")
async def delete_faults(request: Request, project_id: ProjectId) -> Response:
    sandbox = get_sandbox(request, project_id)
    emulator_of(request).sandboxes.remove_rules(sandbox, sandbox.rules.active)
    return Response(status_code=204)


@router.get("/faults/{faultId}", summary="Read a fault rule")
async def get_fault(request: Request, project_id: ProjectId, fault_id: FaultId) -> RuleReading:
    sandbox = get_sandbox(request, project_id)
    return _reading(_find_rule(sandbox, fault_id), sandbox)


@router.delete("/faults/{faultId}", status_code=204, summary="Delete a fault rule")
async def delete_fault(request: Request, project_id: ProjectId, fault_id: FaultId) -> Response:
    sandbox = get_sandbox(request, project_id)
    emulator_of(request).sandboxes.remove_rules(sandbox, [_find_rule(sandbox, fault_id)])
    return Response(status_code=204)


def _find_rule(sandbox: Sandbox, fault_id: str) -> ActiveRule:
    active = sandbox.rules.find(fault_id)
    if active is None:
        raise ApiError(404, f"no fault {quoted(fault_id)} in project {quoted(sandbox.id)}")
    return active


def _reading(active: ActiveRule, sandbox: Sandbox) -> RuleReading:
    holds = sandbox.clock.now() in active.held
    return RuleReading.model_construct(
        **{name: getattr(active.rule, name) for name in Rule.model_fields},
        id=active.id,
        triggered=active.triggered,
        holdsUntil=timestamp(min(active.held.stop, INSTANT_MAX)) if holds else None,
    )
