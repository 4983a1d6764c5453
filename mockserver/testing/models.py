"""The objects that a project returns: restores, faults, requests and walks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, get_args

from mockserver.testing.options import FaultKind, Operation, Status, Verdict
from mockserver.testing.values import camel

_Model = TypeVar("_Model")


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore, with the fields that the list of restores has."""

    id: int | str
    restore_timestamp: datetime
    status: Status
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault rule: which requests it matches, and how often it has triggered. ``fault`` has the fields of its kind.

    ``for_`` is how long it holds once it has triggered, such as ``PT30S``, and ``holds_until`` the time until which it
    holds now; both are by the project's clock.
    """

    id: str
    kind: FaultKind
    triggered: int
    operation: Operation
    page: int | None = None
    nth: int | None = None
    times: int | None = None
    probability: float | None = None
    for_: str | None = None
    holds_until: datetime | None = None
    fault: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TriggeredFault:
    """A fault that triggered on a request."""

    id: str
    kind: FaultKind


@dataclass(frozen=True, slots=True)
class Request:
    """A request in the project's journal.

    ``at`` is the time on the machine's clock, ``project_time`` the time on the project's. ``token`` is a fingerprint.
    ``restores`` (how many), ``statuses`` (how many in each) and ``has_next_page`` describe the page of restores
    that was sent; they are None if the response was not such a page or a fault corrupted it. ``walk`` is the number
    of the request's walk, from 1. ``cut`` is True if ``path`` and ``query`` were too long to keep whole.
    ``request_id`` is the header ``x-request-id`` of the response, ``error_id`` the kind of error, and
    ``error_message`` its message. ``accept``, ``user_agent`` and ``traceparent`` are headers of the request,
    ``retry_after`` is one of the response. ``early_ms`` says by how many milliseconds a retry came before the time
    that the failed response had named.
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
    request_id: str
    operation: Operation | None = None
    token: str | None = None
    accept: str | None = None
    user_agent: str | None = None
    traceparent: str | None = None
    status: int | None = None
    page: int | None = None
    restores: int | None = None
    statuses: dict[Status, int] | None = None
    has_next_page: bool | None = None
    walk: int | None = None
    early_ms: int | None = None
    retry_after: str | None = None
    cut: bool | None = None
    error_id: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """A client's walk through a list of restores, and the verdict on it. Only a poll has the last five fields.

    ``requests`` are the numbers of its requests.
    """

    addon_id: str
    backup_id: str
    requests: list[int]
    token: str
    verdict: Verdict
    pages: int
    restores_seen: int
    restores_sent: int
    restores_repeated: int
    restores_total: int
    retries: int
    retries_too_early: int
    since: datetime
    until: datetime
    explanation: str
    polls: int | None = None
    shortest_interval_ms: int | None = None
    shortest_project_interval_ms: int | None = None
    statuses_seen: list[Status] | None = None
    polled_after_end: bool | None = None


@dataclass(frozen=True, slots=True)
class Polls:
    """How clients waited for a restore: the responses that held it, and its statuses in them, in order.

    The intervals are the shortest ones between two of these requests with one token, by the machine's clock and by the
    project's; None if there was only one. ``polled_after_end`` counts the list requests after a response had shown that
    the restore had ended, without those for the other pages of the same walk.
    """

    restore: int | str
    responses: int
    statuses_seen: list[Status]
    shortest_interval_ms: int | None
    shortest_project_interval_ms: int | None
    polled_after_end: int


def read(model: type[_Model], data: Mapping[str, Any]) -> _Model:
    """Converts JSON of the control plane to ``model``; ignores fields that only a newer server has."""
    types = {each.name: each.type for each in fields(model)}  # type: ignore[arg-type]  # each is a dataclass
    return model(**{name: _value(types[name], data[camel(name)]) for name in types if camel(name) in data})


def read_fault(rule: Mapping[str, Any]) -> Fault:
    """Converts a fault rule of the control plane."""
    return read(Fault, {**rule, "kind": rule["fault"]["kind"]})


def _value(annotation: Any, value: Any) -> Any:
    if datetime in (annotation, *get_args(annotation)):
        return datetime.fromisoformat(value)
    if isinstance(value, list) and is_dataclass(model := get_args(annotation)[0]):
        return [read(model, item) for item in value]  # type: ignore[arg-type]  # an annotation names only classes
    return value
