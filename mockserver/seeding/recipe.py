"""All that it takes to make a project, and to make it again at a reset."""

from pydantic import BaseModel, ConfigDict

from mockserver.clock import ClockMode, ClockSetting
from mockserver.contract.permissions import ALL, Permission
from mockserver.contract.versions import Contract
from mockserver.seeding.scenario import ProjectPart


class Recipe(BaseModel):
    """One project of a scenario, with what was asked for it.

    ``position`` is where the project stands in its scenario, which its draws depend on.
    The same part, seed, place and starting clock give the same restores.
    """

    model_config = ConfigDict(frozen=True)

    scenario: str
    part: ProjectPart
    seed: int
    position: int = 0
    contract: Contract | None = None
    permissions: tuple[Permission, ...] = ALL
    clock: ClockSetting = ClockSetting(mode=ClockMode.REAL)
