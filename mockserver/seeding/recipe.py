"""A recipe: everything needed to create a project, and to create it again at a reset."""

from pydantic import BaseModel, ConfigDict

from mockserver.clock import ClockMode, ClockSetting
from mockserver.contract.permissions import ALL, Permission
from mockserver.contract.versions import Contract
from mockserver.instants import timestamp_moment
from mockserver.rate_limit import RateLimitSetting
from mockserver.seeding.scenario import ProjectPart


class Recipe(BaseModel):
    """One project of a scenario, with the options for it.

    ``position`` is the project's index in its scenario. The same part, seed, position and starting clock give the same
    restores.
    """

    model_config = ConfigDict(frozen=True)

    scenario: str
    part: ProjectPart
    seed: int
    position: int = 0
    contract: Contract | None = None
    permissions: tuple[Permission, ...] = ALL
    rate_limit: RateLimitSetting | None = None
    clock: ClockSetting = ClockSetting(mode=ClockMode.REAL)

    def with_clock_resolved(self, now: int) -> "Recipe":
        """The recipe with a fixed start for a clock that starts frozen or stepping at the present instant, ``now``.

        A reset goes back to that instant.
        """
        if self.clock.mode is ClockMode.REAL or self.clock.now is not None:
            return self
        clock = self.clock.model_copy(update={"now": timestamp_moment(now)})
        return self.model_copy(update={"clock": clock})
