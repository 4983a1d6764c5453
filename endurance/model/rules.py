"""A model of fault rules, from the documentation: which of them a request triggers. Pure."""

from dataclasses import dataclass, field
from typing import Any

BY_CHANCE = 599
"""The status of faults with a probability, and of no others, so a response shows whether such a fault triggered."""

LOSING = ("reset", "truncate", "malformed")
"""The kinds whose request is carried out, but whose response is lost."""

REJECTING = ("status", "rate-limit")
"""The kinds whose request is not carried out."""


@dataclass
class Rule:
    """One rule; ``body`` is how it was added. ``id`` is unknown if the response was lost."""

    body: dict[str, Any]
    id: str | None = None
    matched: int = 0
    triggered: int = 0

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

    def matches(self, operation: str, page: int | None, *, by_chance: bool) -> bool:
        """Whether this request triggers it; counts the request if its operation and page match."""
        body = self.body
        if body["operation"] != operation or body.get("page") not in {None, page}:
            return False
        self.matched += 1
        return (
            body.get("nth") in {None, self.matched}
            and ("times" not in body or self.triggered < body["times"])
            and ("probability" not in body or by_chance)
        )


@dataclass
class Outcome:
    """The effect of the rules on one request: ``decisive`` is the fault that replaces the response, if any."""

    decisive: Rule | None = None
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

    def trigger(self, operation: str, page: int | None, *, by_chance: bool) -> Outcome:
        """The effect on a request with which nothing else is wrong."""
        outcome = Outcome()
        for rule in self:
            if not rule.matches(operation, page, by_chance=by_chance) or (rule.is_exclusive and outcome.decisive):
                continue
            rule.triggered += 1
            outcome.triggered.append(rule)
            if rule.is_exclusive:
                outcome.decisive = rule
        return outcome
