"""What happens on the server: its projects, the most recently used first. Counts nothing that has not changed."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field

from mockserver.contract.versions import Contract
from mockserver.control.clock import ClockReading, reading
from mockserver.control.routing import control_router
from mockserver.emulator import Emulator
from mockserver.instants import Timestamp, timestamp
from mockserver.sandbox.judged import judge
from mockserver.sandbox.sandbox import Sandbox
from mockserver.walks.verdicts import Verdict
from mockserver.web.context import emulator_of

router = control_router()

MAX_LISTED = 1000


class ProjectActivity(BaseModel):
    """What a project's clients did so far."""

    projectId: str
    scenario: str
    contract: Contract
    clock: ClockReading
    requests: Annotated[int, Field(description="How many requests it had, those that the journal dropped included.")]
    failed: Annotated[int, Field(description="How many of those in the journal got an error, or no whole response.")]
    worstVerdict: Annotated[Verdict | None, Field(description="Absent if there is no walk.")] = None
    faults: Annotated[int, Field(description="How many fault rules it has.")]
    lastRequestAt: Annotated[
        Timestamp | None, Field(description="When its last request arrived; absent if the journal is empty.")
    ] = None


class Activity(BaseModel):
    """Projects, the most recently used first."""

    projects: list[ProjectActivity]
    total: Annotated[int, Field(description="How many projects match, listed or not.")]


@router.get("/activity", summary="List the most recently used projects")
async def list_activity(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, description="How many to list at most.")] = 100,
    match: Annotated[str, Query(description="Only projects whose id contains this.")] = "",
) -> Activity:
    emulator = emulator_of(request)
    newest_first = reversed(list(emulator.sandboxes.all()))
    matching = [sandbox for sandbox in newest_first if match in sandbox.id]
    recent = sorted(matching, key=_last_request, reverse=True)
    return Activity(projects=[_activity(emulator, sandbox) for sandbox in recent[:limit]], total=len(matching))


def _last_request(sandbox: Sandbox) -> int:
    last = sandbox.journal.last
    return 0 if last is None else last.arrived


def _activity(emulator: Emulator, sandbox: Sandbox) -> ProjectActivity:
    judgement = judge(emulator.store.connection, sandbox)
    last = sandbox.journal.last
    return ProjectActivity(
        projectId=sandbox.id,
        scenario=sandbox.recipe.scenario,
        contract=sandbox.contract,
        clock=reading(sandbox.clock),
        requests=sandbox.journal.dropped + len(sandbox.journal),
        failed=judgement.failed,
        worstVerdict=judgement.worst,
        faults=len(sandbox.rules.active),
        lastRequestAt=None if last is None else timestamp(last.arrived),
    )
