"""A model of fault rules, from the documentation: which of them a request triggers. Pure."""

from dataclasses import dataclass, field
from math import ceil
from typing import Any

BY_CHANCE = 599
"""The status of faults with a probability, and of no others, so a response shows whether such a fault triggered."""

LOSING = ("reset", "truncate", "malformed")
"""The kinds whose request is carried out, but whose response is lost."""

REJECTING = ("status", "rate-limit")
"""The kinds whose request is not carried out."""


@dataclass
class Rule:
    """One rule; ``body`` is how it was added. ``id`` is unknown if the response was lost.

    ``held`` is the time for which it holds, in Unix milliseconds on the project's clock.
    """

    body: dict[str, Any]
    id: str | None = None
    matched: int = 0
    triggered: int = 0
    held: range = range(0)

    @property
    def fault(self) -> dict[str, Any]:
        fault: dict[str, Any] = self.body["fault"]
        return fault

    @property
    def kind(self) -> str:
        return str(self.fault["kind"])

    @property
    def is_exclusive(self) -> bool:
        return self.kind in LOSING or self.kind in REJECTING

    def matches(self, operation: str, page: int | None, now: int, *, by_chance: bool) -> bool:
        """Whether it affects this request; counts the request if its operation and page match."""
        body = self.body
        if body["operation"] != operation or body.get("page") not in {None, page}:
            return False
        self.matched += 1
        return now in self.held or (
            body.get("nth") in {None, self.matched}
            and ("times" not in body or self.triggered < body["times"])
            and ("probability" not in body or by_chance)
        )

    def hold(self, now: int) -> None:
        """Triggers, unless it holds already."""
        if now not in self.held:
            self.triggered += 1
            seconds = (
                self.fault["reset"] if self.kind == "rate-limit" else int(self.body.get("for", "PT0S").strip("PTS"))
            )
            self.held = range(now, now + 1000 * seconds)


@dataclass
class Outcome:
    """The effect of the rules on one request: ``decisive`` is the fault that replaces the response, if any.

    ``reset`` is the number of seconds until a rate limit that holds resets.
    """

    decisive: Rule | None = None
    reset: int = 0
    triggered: list[Rule] = field(default_factory=list)

    @property
    def kind(self) -> str | None:
        return None if self.decisive is None else self.decisive.kind

    @property
    def is_carried_out(self) -> bool:
        return self.kind not in REJECTING

    @property
    def mutations(self) -> list[dict[str, Any]]:
        return [rule.fault for rule in self.triggered if rule.kind == "mutate"]

    @property
    def delay_ms(self) -> int:
        """The minimum time of the response, in milliseconds."""
        return sum(rule.fault["ms"] for rule in self.triggered if rule.kind == "latency")

    @property
    def is_delayed(self) -> bool:
        return any(rule.kind in {"latency", "slow"} for rule in self.triggered)


class Rules(list[Rule]):
    """A project's rules, in the order in which they were added."""

    def trigger(self, operation: str, page: int | None, now: int, *, by_chance: bool) -> Outcome:
        """The effect on a request with which nothing else is wrong, at ``now`` on the project's clock."""
        outcome = Outcome()
        for rule in self:
            if not rule.matches(operation, page, now, by_chance=by_chance) or (rule.is_exclusive and outcome.decisive):
                continue
            rule.hold(now)
            outcome.triggered.append(rule)
            if rule.is_exclusive:
                outcome.decisive = rule
                outcome.reset = ceil((rule.held.stop - now) / 1000)
        return outcome
