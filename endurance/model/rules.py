"""What the documentation says of fault rules: which of them are triggered by a request. Pure."""

from dataclasses import dataclass, field
from typing import Any

BY_CHANCE = 599
"""The status of a fault that is triggered by chance: no other fault here has it, so a response tells whether it was."""

LOSING = ("reset", "truncate", "malformed")
"""The kinds whose request is carried out, but whose response is lost."""

REFUSING = ("status", "rate-limit")
"""The kinds whose request is not carried out."""


@dataclass
class Rule:
    """One rule, as it was sent; ``id`` is unknown if the response was lost."""

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
        return self.kind in LOSING or self.kind in REFUSING

    def matches(self, operation: str, page: int | None, *, by_chance: bool) -> bool:
        """Whether it would be triggered by this request; counts the request if it is one of the rule's."""
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
    """What the rules make of one request: the fault that decides the response, and those that add up."""

    decisive: Rule | None = None
    triggered: list[Rule] = field(default_factory=list)

    @property
    def kind(self) -> str | None:
        return None if self.decisive is None else self.decisive.kind

    @property
    def is_carried_out(self) -> bool:
        return self.kind not in REFUSING

    @property
    def mutations(self) -> list[dict[str, Any]]:
        return [rule.fault for rule in self.triggered if rule.kind == "mutate"]

    @property
    def delay_ms(self) -> int:
        """How long the response must at least have taken."""
        return sum(rule.fault["ms"] for rule in self.triggered if rule.kind == "latency")

    @property
    def is_delayed(self) -> bool:
        return any(rule.kind in {"latency", "slow"} for rule in self.triggered)


class Rules(list[Rule]):
    """A project's rules, in the order in which they were added."""

    def trigger(self, operation: str, page: int | None, *, by_chance: bool) -> Outcome:
        """What they make of a request with which nothing else is wrong."""
        outcome = Outcome()
        for rule in self:
            if not rule.matches(operation, page, by_chance=by_chance) or (rule.is_exclusive and outcome.decisive):
                continue
            rule.triggered += 1
            outcome.triggered.append(rule)
            if rule.is_exclusive:
                outcome.decisive = rule
        return outcome
