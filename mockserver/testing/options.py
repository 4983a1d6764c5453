"""What a server and a project can be asked for, by the names that Python has for it."""

from collections.abc import Sequence
from os import PathLike
from typing import Literal, Required, TypeAlias, TypedDict

from mockserver.testing.values import Duration, Instant

Contract: TypeAlias = Literal["2024", "2026"]
Status: TypeAlias = Literal["scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported"]
Outcome: TypeAlias = Literal["completed", "failed", "aborted", "not-supported"]
Verdict: TypeAlias = Literal["mixed", "looped", "overran", "poll", "abandoned", "skipped", "complete"]
FaultKind: TypeAlias = Literal["latency", "malformed", "mutate", "rate-limit", "reset", "slow", "status", "truncate"]
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
]
Permission: TypeAlias = Literal[
    "Project > Projects > Manage > Read", "Project > Addons > General > Read", "Project > Addons > General > Update"
]


class RestoreRow(TypedDict, total=False):
    """A restore that is held in its status; ``id`` is in unix milliseconds. What is left out is made up."""

    status: Required[Status]
    id: int
    restore_timestamp: Instant
    completed_at: Instant


class ClockSetting(TypedDict, total=False):
    """How a project's clock starts; ``step`` is for ``stepping`` alone."""

    mode: Required[Literal["real", "frozen", "stepping"]]
    now: Instant
    step: Duration


class _OfBoth(TypedDict, total=False):
    scenario: str
    seed: int
    contract: Contract


class ProjectOptions(_OfBoth, total=False):
    """What a project is made of; all of it may be left out."""

    restores: int | Sequence[RestoreRow]
    clock: ClockSetting
    project_id: str
    addon_id: str
    backup_id: str
    permissions: Sequence[Permission]


class _OfServer(TypedDict, total=False):
    host: str
    port: int
    database: str | PathLike[str]
    scenarios: str | PathLike[str]
    token: Sequence[str]
    scheduled_for: Duration
    in_progress_for: Duration
    aborting_for: Duration
    enforce_rate_limit: bool
    cors: Sequence[str]
    allow_host: Sequence[str]


class ServerOptions(_OfBoth, _OfServer, total=False):
    """The settings of ``mockserver serve`` that are of use here; see the page on settings."""


class ServeOptions(ProjectOptions, _OfServer, total=False):
    """The options of a server and of the project on it; those that both have are for both."""


class FaultFields(TypedDict, total=False):
    """When a fault strikes, and what its kind wants to know; see the page on the control plane."""

    operation: Operation
    page: int
    nth: int
    times: int
    probability: float
    ms: int
    status: int
    message: str
    reset: int
    bytes_per_second: int
    insert: int
    delete: int
    finish: int


WHEN = ("operation", "page", "nth", "times", "probability")
"""Those of a fault's fields that say when it strikes."""
