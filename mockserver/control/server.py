"""The server as a whole: reset, health, readiness, fidelity."""

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from mockserver.contract.fidelity import FIDELITY, Evidence
from mockserver.control.routing import CONFLICT, control_router
from mockserver.version import version
from mockserver.web.scope import emulator_of

router = control_router()


class Health(BaseModel):
    """The server is alive, or ready."""

    status: str = "ok"
    version: str


class Reset(BaseModel):
    """What is there after a reset."""

    projects: Annotated[list[str], Field(description="The ids of the projects that there are now.")]


class FidelityRow(BaseModel):
    """One behaviour, and how it is known that the service behaves so."""

    area: str
    behaviour: str
    evidence: Evidence


class FidelityTable(BaseModel):
    """How faithful the emulator is, and how that is known."""

    behaviours: list[FidelityRow]


@router.post("/reset", responses=CONFLICT, summary="Take the whole server back to how it started")
async def reset_server(request: Request) -> Reset:
    emulator = emulator_of(request)
    emulator.sandboxes.reset_all()
    emulator.rate_limit.forget_all()
    return Reset(projects=[sandbox.id for sandbox in emulator.sandboxes.all()])


@router.get("/health", summary="Whether the server is alive")
async def get_health() -> Health:
    return Health(version=version())


@router.get("/ready", summary="Whether the server is ready: its store is open and filled before it answers at all")
async def get_ready() -> Health:
    return Health(version=version())


@router.get("/fidelity", summary="What is documented, observed or assumed")
async def get_fidelity() -> FidelityTable:
    return FidelityTable(
        behaviours=[FidelityRow(area=row.area, behaviour=row.behaviour, evidence=row.evidence) for row in FIDELITY]
    )
