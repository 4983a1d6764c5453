"""What restores do that clients start: the project's plan if it has one, else what the settings say."""

from typing import Annotated

from pydantic import Field

from mockserver.contract.lifecycle import Outcome
from mockserver.seeding.scenario import PlannedRestore

_MAX_TIMES = 1_000_000_000


class ProjectPlan(PlannedRestore):
    """The plan of the next restores that clients start in a project: of the next ``times``, or of all."""

    times: Annotated[
        int | None, Field(ge=1, le=_MAX_TIMES, strict=True, description="For how many restores; default: no limit.")
    ] = None

    def after_one(self) -> "ProjectPlan | None":
        """The plan once one more restore has it; None if it was the last one."""
        if self.times is None:
            return self
        return None if self.times == 1 else self.model_copy(update={"times": self.times - 1})


def default_plan(scheduled_for: int, in_progress_for: int) -> ProjectPlan:
    """A restore that is scheduled and then in progress for that many milliseconds, and then completed."""
    return ProjectPlan.model_construct(
        startsAfter=scheduled_for, endsAfter=scheduled_for + in_progress_for, outcome=Outcome.COMPLETED
    )
