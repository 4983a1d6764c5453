"""A project's clock: read it, set it, move it ahead."""

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from mockserver.clock import ClockMode, ClockSetting, ProjectClock
from mockserver.control.routing import ProjectId, get_sandbox, project_router
from mockserver.durations import Duration, format_duration
from mockserver.errors import InvalidFieldError
from mockserver.instants import TIMESTAMP_PATTERN, timestamp
from mockserver.strict import StrictModel
from mockserver.web.context import emulator_of

router = project_router()


class ClockReading(BaseModel):
    """A clock's mode and present instant."""

    mode: ClockMode
    now: Annotated[str, Field(pattern=TIMESTAMP_PATTERN, description="The project's present instant, in UTC.")]
    step: Annotated[str | None, Field(description="ISO 8601; only of a stepping clock.")] = None


class Advance(StrictModel):
    """How far to move a clock ahead."""

    by: Duration


def reading(clock: ProjectClock) -> ClockReading:
    step = format_duration(clock.state.step) if clock.state.mode is ClockMode.STEPPING else None
    return ClockReading(mode=clock.state.mode, now=timestamp(clock.now()), step=step)


@router.get("/clock", summary="Read a project's clock")
async def get_clock(request: Request, project_id: ProjectId) -> ClockReading:
    return reading(get_sandbox(request, project_id).clock)


@router.put("/clock", summary="Set a project's clock")
async def put_clock(request: Request, project_id: ProjectId, setting: ClockSetting) -> ClockReading:
    sandbox = get_sandbox(request, project_id)
    emulator_of(request).sandboxes.set_clock(sandbox, setting)
    return reading(sandbox.clock)


@router.post("/clock/advance", summary="Move a project's clock ahead")
async def advance_clock(request: Request, project_id: ProjectId, advance: Advance) -> ClockReading:
    sandbox = get_sandbox(request, project_id)
    try:
        emulator_of(request).sandboxes.advance_clock(sandbox, advance.by)
    except ValueError as failure:
        raise InvalidFieldError("by", str(failure)) from None
    return reading(sandbox.clock)
