"""What a server tells of a project: its restores, faults, calls and walks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, get_args

from mockserver.testing.options import FaultKind, Operation, Status, Verdict
from mockserver.testing.values import camel

_Reading = TypeVar("_Reading")


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore as its list shows it."""

    id: int | str
    restore_timestamp: datetime
    status: Status
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault rule: the fault, which calls it strikes, and how often it has struck. ``fault`` is its kind's fields."""

    id: str
    kind: FaultKind
    triggered: int
    operation: Operation
    page: int | None = None
    nth: int | None = None
    times: int | None = None
    probability: float | None = None
    fault: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TriggeredFault:
    """A fault that struck a call."""

    id: str
    kind: FaultKind


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a project, as the journal has it.

    ``at`` is by the machine's clock, ``project_time`` by the project's. ``token`` is a fingerprint. ``restores`` and
    ``has_next_page`` are what a page of restores came with, and None of what was no such page, or was spoilt.
    ``walk`` is the walk that it belongs to, counted from 1.
    """

    number: int
    at: datetime
    project_time: datetime
    method: str
    path: str
    query: str
    ignored_parameters: list[str]
    duration_ms: float
    faults: list[TriggeredFault]
    operation: Operation | None = None
    token: str | None = None
    status: int | None = None
    page: int | None = None
    restores: int | None = None
    has_next_page: bool | None = None
    walk: int | None = None
    error_id: str | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """The verdict on one walk of a client through a list; the last four belong to a poll."""

    addon_id: str
    backup_id: str
    token: str
    verdict: Verdict
    pages: int
    restores_seen: int
    restores_total: int
    retries: int
    since: datetime
    until: datetime
    explanation: str
    polls: int | None = None
    shortest_interval_ms: int | None = None
    statuses_seen: list[Status] | None = None
    polled_after_end: bool | None = None


def read(kind: type[_Reading], shown: Mapping[str, Any]) -> _Reading:
    """What the server shows, as ``kind``; names that a newer server adds are left out."""
    known = {each.name: each.type for each in fields(kind)}  # type: ignore[arg-type]  # each is a dataclass
    return kind(**{name: _value(known[name], shown[camel(name)]) for name in known if camel(name) in shown})


def read_fault(rule: Mapping[str, Any]) -> Fault:
    """A fault rule as the server shows it."""
    return read(Fault, {**rule, "kind": rule["fault"]["kind"]})


def _value(wanted: Any, shown: Any) -> Any:
    if datetime in (wanted, *get_args(wanted)):
        return datetime.fromisoformat(shown)
    if isinstance(shown, list) and is_dataclass(each := get_args(wanted)[0]):
        return [read(each, one) for one in shown]  # type: ignore[arg-type]  # a class, as an annotation names none else
    return shown
