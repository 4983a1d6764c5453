"""The options of a server, a project and a fault, as types with Python names."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, Required, TypeAlias, TypedDict

from mockserver.testing.values import Duration, Instant

Contract: TypeAlias = Literal["2024", "2026"]
Status: TypeAlias = Literal["scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported"]
Outcome: TypeAlias = Literal["completed", "failed", "aborted", "not-supported"]
Verdict: TypeAlias = Literal["mixed", "looped", "overran", "poll", "abandoned", "skipped", "repeated", "complete"]
FaultKind: TypeAlias = Literal[
    "latency", "malformed", "mutate", "paging", "rate-limit", "reset", "slow", "status", "truncate"
]
BrokenPaging: TypeAlias = Literal[
    "repeat-cursor",
    "empty-page",
    "cursor-at-end",
    "no-cursor",
    "null-cursor",
    "empty-cursor",
    "ignore-cursor",
    "repeat-rows",
]
Operation: TypeAlias = Literal[
    "list-restores",
    "list-addon-restores",
    "list-projects",
    "list-addons",
    "list-backups",
    "get-backup",
    "restore-backup",
    "abort-restore",
    "login",
    "auth",
]
Permission: TypeAlias = Literal[
    "Project > Projects > Manage > Read", "Project > Addons > General > Read", "Project > Addons > General > Update"
]


class RestoreRow(TypedDict, total=False):
    """A restore that stays in its status. ``id`` is in Unix milliseconds or, like ``object_id``, an ObjectId: its id
    under the contract of 2026. Omitted fields are generated.
    """

    status: Required[Status]
    id: int | str
    object_id: str
    restore_timestamp: Instant
    completed_at: Instant


class Plan(TypedDict, total=False):
    """What a restore does. Each duration counts from the project's current time; what is omitted never happens."""

    starts_after: Duration
    ends_after: Duration
    abort_after: Duration
    outcome: Outcome


class PlannedRow(Plan, total=False):
    """A restore with a plan. ``id`` and ``object_id`` are as in ``RestoreRow``; omitted fields are generated."""

    id: int | str
    object_id: str
    restore_timestamp: Instant


class ClockSetting(TypedDict, total=False):
    """How a project's clock starts. Only the mode ``stepping`` takes ``step``."""

    mode: Required[Literal["real", "frozen", "stepping"]]
    now: Instant
    step: Duration


class RateLimit(TypedDict, total=False):
    """A project's own rate limit. By default it is enforced, with the server's limit and a window of an hour."""

    limit: int
    window_seconds: int
    enforced: bool


class _SharedOptions(TypedDict, total=False):
    scenario: str
    seed: int
    contract: Contract


class _ProjectOnlyOptions(TypedDict, total=False):
    restores: int | Sequence[RestoreRow | PlannedRow]
    clock: ClockSetting
    project_id: str
    addon_id: str
    backup_id: str
    permissions: Sequence[Permission]


class ProjectOptions(_SharedOptions, _ProjectOnlyOptions, total=False):
    """The options of a new project; all are optional."""

    rate_limit: RateLimit


class _ServerOnlyOptions(TypedDict, total=False):
    host: str
    port: int
    database: str | PathLike[str]
    scenarios: str | PathLike[str]
    token: Sequence[str]
    scheduled_for: Duration
    in_progress_for: Duration
    aborting_for: Duration
    enforce_rate_limit: bool
    journal_mb: int
    cors: Sequence[str]
    allow_host: Sequence[str]


class ServerOptions(_SharedOptions, _ServerOnlyOptions, total=False):
    """The settings of ``mockserver serve`` that a test can change; docs/settings.md describes them."""

    rate_limit: int


class ServeOptions(_SharedOptions, _ProjectOnlyOptions, _ServerOnlyOptions, total=False):
    """The options of a server and of its first project. An option that both have applies to both.

    Only ``rate_limit`` differs: a number is the server's, a dict the project's.
    """

    rate_limit: int | RateLimit


class FaultFields(TypedDict, total=False):
    """When a fault triggers, and the fields of its kind; docs/control-plane.md describes them."""

    operation: Operation
    page: int
    nth: int
    times: int
    probability: float
    for_: Duration
    ms: int
    status: int
    message: str
    id: str
    details: Mapping[str, Any]
    retry_after: int | Instant
    headers: Mapping[str, str]
    reset: int
    bytes_per_second: int
    insert: int
    delete: int
    finish: int
    what: BrokenPaging


WHEN = ("operation", "page", "nth", "times", "probability", "for_")
"""The fields that say when a fault triggers."""
