"""One project that is in use: its clock, fault rules, plan, rate limit and journal."""

from dataclasses import dataclass, field
from math import inf
from secrets import token_hex

from mockserver.clock import ClockState, ProjectClock
from mockserver.contract.permissions import Permission
from mockserver.contract.versions import Contract
from mockserver.rate_limit import RateLimit
from mockserver.sandbox.fault_rules import Rules
from mockserver.sandbox.journal import Journal
from mockserver.sandbox.plans import ProjectPlan
from mockserver.seeding.recipe import Recipe


@dataclass(slots=True)
class Sandbox:
    """One project that is in use. It has a ``token`` of its own if it was created through the control plane.

    ``saved_clock`` is the clock's state in the store, and ``clock_saved_at`` when it was written there, in seconds of
    the monotonic clock. ``last_rule`` is the number of the newest fault rule, deleted or not. ``restore_changes``
    counts the changes of its restores, and ``epoch`` differs after a reset or a restart. ``plan`` is what restores do
    that clients start; None for what the settings say.
    """

    key: int
    id: str
    token: str | None
    recipe: Recipe
    contract: Contract
    rate_limit: RateLimit
    clock: ProjectClock
    rules: Rules
    journal: Journal
    plan: ProjectPlan | None
    saved_clock: ClockState
    last_rule: int
    clock_saved_at: float = -inf
    restore_changes: int = 0
    epoch: str = field(default_factory=lambda: token_hex(4))

    @property
    def version(self) -> dict[str, str]:
        """For each part of the project, a string that differs after a change."""
        rules, clock = self.rules.active, self.clock.state
        return {
            "epoch": self.epoch,
            "requests": "-".join(map(str, self.journal.version)),
            "clock": f"{clock.mode}-{clock.value}-{clock.step}",
            "faults": f"{self.last_rule}-{len(rules)}-{sum(active.triggered for active in rules)}",
            "restores": str(self.restore_changes),
        }

    def restores_changed(self) -> None:
        """What each write of restores or of the plan does once it is committed (``Store.writing``)."""
        self.restore_changes += 1
        self.journal.notify()

    def permits(self, permission: Permission) -> bool:
        """Whether the project's own token has that permission."""
        return permission in self.recipe.permissions
