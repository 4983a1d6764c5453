"""Which calls a fault strikes: a project's rules, in the order of their making."""

from dataclasses import dataclass
from random import Random
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mockserver.contract.operations import LISTS, OperationName
from mockserver.contract.pagination import PAGE_MAX
from mockserver.faults import AnyFault
from mockserver.faults.base import Fault, ResponseEffects
from mockserver.faults.mutate import MutateFault

_Count = Annotated[int, Field(ge=1, le=PAGE_MAX, strict=True)]


class Rule(BaseModel):
    """When a fault strikes: a call of ``operation`` that nothing else is wrong with, and that all the rest fits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: Annotated[OperationName, Field(description="The operation whose calls it strikes.")] = (
        OperationName.LIST_RESTORES
    )
    page: Annotated[_Count | None, Field(description="Only this page of a walk, by number or by cursor.")] = None
    nth: Annotated[_Count | None, Field(description="Only this one of the matching calls, from the rule's making.")] = (
        None
    )
    times: Annotated[_Count | None, Field(description="How often it strikes at most; without it, until deleted.")] = (
        None
    )
    probability: Annotated[
        float | None,
        Field(ge=0, le=1, strict=True, description="How likely it strikes; drawn from the project's seed."),
    ] = None
    fault: AnyFault

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.operation is OperationName.HEALTH:
            raise ValueError(f'must have an operation that is of a project: "{OperationName.HEALTH}" is of none')
        if self.page is not None and self.operation not in LISTS:
            raise ValueError(f'must have no page where the operation is "{self.operation}", which answers in none')
        if isinstance(self.fault, MutateFault) and self.operation is not OperationName.LIST_RESTORES:
            raise ValueError(f'must not mutate but after "{OperationName.LIST_RESTORES}"')
        return self


@dataclass(slots=True)
class ActiveRule:
    """A rule at work: how many calls matched it, how often it struck."""

    number: int
    rule: Rule
    random: Random
    matched: int = 0
    triggered: int = 0

    @property
    def id(self) -> str:
        return f"fault-{self.number}"

    @property
    def fault(self) -> Fault:
        return self.rule.fault

    def matches(self, operation: OperationName, page: int | None) -> bool:
        """Whether it strikes this call; counts the call if it matches."""
        rule = self.rule
        if rule.operation is not operation or (rule.page is not None and rule.page != page):
            return False
        self.matched += 1
        return (
            (rule.nth is None or rule.nth == self.matched)
            and (rule.times is None or self.triggered < rule.times)
            and (rule.probability is None or self.random.random() < rule.probability)
        )


class Rules:
    """A project's rules. Counts and draws are gone with the process; the rules themselves are the store's to keep."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.active: list[ActiveRule] = []

    def add(self, number: int, rule: Rule) -> ActiveRule:
        """Puts a rule to work, behind those that are there."""
        active = ActiveRule(number, rule, Random(f"{self._seed}/fault/{number}"))  # noqa: S311 - repeatable is the point
        self.active.append(active)
        return active

    def find(self, rule_id: str) -> ActiveRule | None:
        """The rule of that id."""
        return next((active for active in self.active if active.id == rule_id), None)

    def remove(self, active: ActiveRule) -> None:
        """Ends a rule."""
        self.active.remove(active)

    def trigger(
        self, operation: OperationName, page: int | None
    ) -> tuple[ResponseEffects, tuple[ActiveRule, ...]] | None:
        """What the rules make of a call, and which struck; None where none did.

        Delays and mutations add up; the first of the others decides, and the rest of those do not strike.
        """
        triggered: list[ActiveRule] = []
        decided = False
        for active in self.active:
            if not active.matches(operation, page) or (active.fault.exclusive and decided):
                continue
            decided = decided or active.fault.exclusive
            active.triggered += 1
            triggered.append(active)
        if not triggered:
            return None
        effects = ResponseEffects()
        for active in triggered:
            active.fault.apply(effects)
        return effects, tuple(triggered)
