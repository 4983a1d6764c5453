"""A project's fault rules, and which requests they trigger on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from mockserver.contract.broken_pages import PageFacts
from mockserver.contract.operations import LISTS, OperationName
from mockserver.contract.pagination import PAGE_MAX
from mockserver.durations import Duration
from mockserver.faults import KINDS, AnyFault
from mockserver.faults.base import Fault, ResponseEffects
from mockserver.faults.mutate import MutateFault
from mockserver.faults.paging import PagingFault
from mockserver.strict import StrictModel

_Count = Annotated[int, Field(ge=1, le=PAGE_MAX, strict=True)]


_OPERATIONS = [str(name) for name in OperationName if name is not OperationName.HEALTH]
"""The operations that a rule can name: those of a project."""


def _check_operation(name: Any) -> Any:
    if name not in _OPERATIONS:
        raise ValueError(f"must be {', '.join(_OPERATIONS[:-1])} or {_OPERATIONS[-1]}")
    return name


class Rule(StrictModel):
    """A fault, and the requests that it triggers on: those without any other error that meet every condition."""

    model_config = ConfigDict(frozen=True)

    operation: Annotated[
        OperationName,
        BeforeValidator(_check_operation),
        WithJsonSchema({"type": "string", "enum": _OPERATIONS}),
        Field(description="The operation whose requests it matches."),
    ] = OperationName.LIST_RESTORES
    page: Annotated[_Count | None, Field(description="Only this page, requested by number or by cursor.")] = None
    nth: Annotated[_Count | None, Field(description="Only the nth matching request since the rule was added.")] = None
    times: Annotated[_Count | None, Field(description="How often it triggers at most; default: no limit.")] = None
    for_: Annotated[
        Duration | None,
        Field(
            alias="for",
            description="How long it holds once it has triggered, on the project's clock: every request that matches "
            "operation and page gets the fault until then.",
        ),
    ] = None
    probability: Annotated[
        float | None,
        Field(ge=0, le=1, strict=True, description="How likely it triggers; drawn from the project's seed."),
    ] = None
    fault: AnyFault

    @classmethod
    def hint(cls, name: str, content: Mapping[str, Any]) -> str:
        fault = content.get("fault", content)
        kind = fault.get("kind") if isinstance(fault, dict) else None
        kinds = [kind] if isinstance(kind, str) and kind in KINDS else list(KINDS)
        owner = next((each for each in kinds if name in KINDS[each].field_names()), None)
        if owner is None:
            return super().hint(name, content)
        field = "" if name == "kind" else f', "{name}": ...'
        return f'put it inside fault: {{"fault": {{"kind": "{owner}"{field}}}}}'

    @model_validator(mode="after")
    def _check_operation(self) -> Self:
        if self.page is not None and self.operation not in LISTS:
            raise ValueError(f'must not have a page: the operation "{self.operation}" is not paginated')
        if self.for_ is not None and self.fault.holds_for is not None:
            raise ValueError(f'must not have "for" if the fault is "{self.fault.name()}", which says how long it holds')
        if isinstance(self.fault, PagingFault) and self.operation not in LISTS:
            raise ValueError(f'must not have the fault "paging": the operation "{self.operation}" is not paginated')
        if isinstance(self.fault, MutateFault) and self.operation is not OperationName.LIST_RESTORES:
            raise ValueError(f'must have the operation "{OperationName.LIST_RESTORES}" if the fault is "mutate"')
        return self


@dataclass(slots=True)
class ActiveRule:
    """A rule in use: how many requests it matched, how often it triggered, and the time for which it holds.

    It has triggered once however many requests it affects while it holds. ``held`` is in unix milliseconds.
    """

    number: int
    rule: Rule
    random: Random
    matched: int = 0
    triggered: int = 0
    held: range = range(0)

    @property
    def id(self) -> str:
        return f"fault-{self.number}"

    @property
    def fault(self) -> Fault:
        return self.rule.fault

    def matches(
        self, operation: OperationName, page: int | None, now: int, facts: Callable[[], PageFacts] | None = None
    ) -> bool:
        """Whether it affects this request. Counts the request if operation and page match, and its fault fits."""
        rule = self.rule
        if rule.operation is not operation or rule.page not in {None, page} or not rule.fault.fits(facts):
            return False
        self.matched += 1
        return now in self.held or (
            (rule.nth is None or rule.nth == self.matched)
            and (rule.times is None or self.triggered < rule.times)
            and (rule.probability is None or self.random.random() < rule.probability)
        )

    def apply(self, effects: ResponseEffects, now: int) -> None:
        """Adds its fault to the effects on a response; triggers unless it holds already."""
        if now not in self.held:
            self.triggered += 1
            duration = self.fault.holds_for if self.rule.for_ is None else self.rule.for_
            self.held = range(now, now + (duration or 0))
        self.fault.after(now - self.held.start).apply(effects)


class Rules:
    """A project's rules in use. Their counts and draws are lost with the process; the store keeps the rules."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.active: list[ActiveRule] = []

    def add(self, number: int, rule: Rule) -> ActiveRule:
        """Adds a rule after the others."""
        active = ActiveRule(number, rule, Random(f"{self._seed}/fault/{number}"))  # noqa: S311 - must be repeatable
        self.active.append(active)
        return active

    def find(self, rule_id: str) -> ActiveRule | None:
        return next((active for active in self.active if active.id == rule_id), None)

    def remove(self, active: ActiveRule) -> None:
        self.active.remove(active)

    def trigger(
        self, operation: OperationName, page: int | None, now: int, facts: Callable[[], PageFacts] | None = None
    ) -> tuple[ResponseEffects, tuple[ActiveRule, ...]] | None:
        """The effects of the rules that affect a request, and these rules; None if none does.

        Of the exclusive faults only the first takes effect. ``now`` is the time on the project's clock, and
        ``facts`` are those of the page that a list would send.
        """
        triggered: list[ActiveRule] = []
        for active in self.active:
            is_excluded = active.fault.exclusive and any(other.fault.exclusive for other in triggered)
            if active.matches(operation, page, now, facts) and not is_excluded:
                triggered.append(active)
        if not triggered:
            return None
        effects = ResponseEffects()
        for active in triggered:
            active.apply(effects, now)
        return effects, tuple(triggered)
