"""Endpoints about the whole server: reset, health, readiness, fidelity."""

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, Field

from mockserver.contract.fidelity import AREAS, FIDELITY, Evidence
from mockserver.contract.versions import Contract
from mockserver.control.readings import Reading
from mockserver.control.routing import CONFLICT, control_router
from mockserver.version import version
from mockserver.web.context import emulator_of

router = control_router()


class Health(BaseModel):
    """The server is alive or ready."""

    status: str = "ok"
    version: str


class Reset(BaseModel):
    """The result of a reset."""

    projects: Annotated[list[str], Field(description="The ids of the remaining projects.")]


class FidelityRow(Reading):
    """One behaviour of the service, and how it is known."""

    id: Annotated[str, Field(description="Stays the same from release to release, such as `pages.cursor-wins`.")]
    area: Annotated[str, BeforeValidator(AREAS.__getitem__)]
    behaviour: str
    evidence: Evidence
    sources: Annotated[list[str], Field(description="Where the evidence comes from.")]
    check: Annotated[str | None, Field(description="How requests decide whether a server behaves like this.")] = None
    emulatorOnly: Annotated[
        str | None, Field(description="In place of `check`: why no request to the real service can decide it.")
    ] = None
    contract: Annotated[Contract | None, Field(description="Present if it belongs to one contract only.")] = None


class FidelityTable(Reading):
    """The behaviours that the emulator reproduces, with the evidence for each."""

    behaviours: list[FidelityRow]


@router.post("/reset", responses=CONFLICT, summary="Reset the server to its state at start")
async def reset_server(request: Request) -> Reset:
    emulator = emulator_of(request)
    emulator.sandboxes.reset_all()
    emulator.rate_limit.forget_all()
    return Reset(projects=[sandbox.id for sandbox in emulator.sandboxes.all()])


@router.get("/health", summary="Check that the server is alive")
async def get_health() -> Health:
    return Health(version=version())


@router.get("/ready", summary="Check that the server is ready: it responds only once its store is open and filled")
async def get_ready() -> Health:
    return Health(version=version())


@router.get("/fidelity", summary="List every behaviour, how it is known, and how to check it")
async def get_fidelity() -> FidelityTable:
    return FidelityTable(behaviours=FIDELITY)
