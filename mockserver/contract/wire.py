"""The contract: the shapes that go over the wire, key for key and in their order. Knows neither HTTP nor SQL.

A shape is a ``TypedDict``, so the one that builds an answer, the type checker and the OpenAPI document all read the
same lines. A key that is not required is absent where it has no value, never null: the official JavaScript client
stops walking a list only where ``cursor`` is undefined.
"""

import json
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mockserver.contract.lifecycle import Status, Timeline, completed_at, status_at

INSTANT_MAX = 0xFFFF_FFFF * 1000 + 999
"""The last instant there is, in unix milliseconds: the last one whose seconds fit into an ObjectId (in 2106)."""

TIMESTAMP_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"

Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN, examples=["2021-01-20T11:19:54.494Z"])]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_exactly = with_config(ConfigDict(extra="forbid"))


@_exactly
class Restore(TypedDict):
    """One restore of a backup."""

    id: Annotated[int | str, Field(description="Names the restore within its backup.")]
    restoreTimestamp: Annotated[Timestamp, Field(description="When the restore was initiated, in UTC.")]
    status: Annotated[Status, Field(description="Where the restore is in its life.")]
    completedAt: NotRequired[
        Annotated[
            Timestamp, Field(description="When the restore was completed, in UTC. Absent unless it is completed.")
        ]
    ]


@_exactly
class Restores(TypedDict):
    """The restores on one page."""

    restores: Annotated[list[Restore], Field(description="Newest first; empty where there is none.")]


@_exactly
class Pagination(TypedDict):
    """Where one page stands in its list."""

    hasNextPage: Annotated[bool, Field(description="Whether more results follow this page.")]
    cursor: NotRequired[
        Annotated[
            str,
            Field(
                pattern="^[A-Za-z0-9_-]+$",
                description="Send it back to get the next page. Absent on the last page.",
            ),
        ]
    ]
    count: Annotated[int, Field(ge=0, description="How many results this page holds.")]


@_exactly
class RestoreList(TypedDict):
    """One page of a backup's restores."""

    data: Restores
    pagination: Pagination


@_exactly
class AddonRestore(Restore):
    """One restore of an addon, of whichever backup."""

    backupId: Annotated[str, Field(description="The id of the backup that is restored.")]


@_exactly
class AddonRestores(TypedDict):
    """The restores on one page."""

    restores: Annotated[list[AddonRestore], Field(description="Newest first; empty where there is none.")]


@_exactly
class AddonRestoreList(TypedDict):
    """One page of an addon's restores."""

    data: AddonRestores
    pagination: Pagination


@_exactly
class Project(TypedDict):
    """One project."""

    id: Annotated[str, Field(description="Names the project.")]
    name: Annotated[str, Field(description="For a person.")]
    description: Annotated[str, Field(description="For a person.")]


@_exactly
class Projects(TypedDict):
    """The projects on one page."""

    projects: Annotated[list[Project], Field(description="By id.")]


@_exactly
class ProjectList(TypedDict):
    """One page of the projects that a token lists."""

    data: Projects
    pagination: Pagination


class AddonStatus(StrEnum):
    """What the state of an addon may be."""

    PRE_DEPLOYMENT = "preDeployment"
    TRIGGER_ALLOCATION = "triggerAllocation"
    ALLOCATING = "allocating"
    POST_DEPLOYMENT = "postDeployment"
    RUNNING = "running"
    PAUSED = "paused"
    SCALING = "scaling"
    UPGRADING = "upgrading"
    RESETTING = "resetting"
    BACKUP = "backup"
    RESTORE = "restore"
    FAILED = "failed"
    ERROR = "error"
    ERROR_ALLOCATING = "errorAllocating"
    DELETING = "deleting"
    DELETED = "deleted"


@_exactly
class AddonSpec(TypedDict):
    """What an addon is made of."""

    type: Annotated[str, Field(description="The kind of addon, such as postgresql.")]


@_exactly
class Addon(TypedDict):
    """One addon."""

    id: Annotated[str, Field(description="Names the addon within its project.")]
    name: Annotated[str, Field(description="For a person.")]
    appId: Annotated[str, Field(description="Names the addon in full.")]
    description: Annotated[str, Field(description="For a person.")]
    spec: AddonSpec
    status: AddonStatus


@_exactly
class Addons(TypedDict):
    """The addons on one page."""

    addons: Annotated[list[Addon], Field(description="By id.")]


@_exactly
class AddonList(TypedDict):
    """One page of a project's addons."""

    data: Addons
    pagination: Pagination


@_exactly
class BackupSource(TypedDict):
    """Where a backup comes from."""

    type: Annotated[str, Field(description="snapshot, or another kind of source.")]


@_exactly
class BackupConfig(TypedDict):
    """How a backup was made."""

    source: BackupSource
    size: Annotated[str, Field(pattern=r"^\d+$", description="In bytes.")]


@_exactly
class Backup(TypedDict):
    """One backup of an addon."""

    id: Annotated[str, Field(description="Names the backup within its addon.")]
    name: Annotated[str, Field(description="For a person.")]
    uid: Annotated[str, Field(description="Names the backup everywhere: a UUID.")]
    status: Status
    createdAt: Annotated[Timestamp, Field(description="When the backup was initiated, in UTC.")]
    completedAt: NotRequired[
        Annotated[Timestamp, Field(description="When the backup was completed, in UTC. Absent unless it is completed.")]
    ]
    config: BackupConfig


@_exactly
class Backups(TypedDict):
    """The backups on one page."""

    backups: Annotated[list[Backup], Field(description="By id.")]


@_exactly
class BackupList(TypedDict):
    """One page of an addon's backups."""

    data: Backups
    pagination: Pagination


@_exactly
class LastRestore(TypedDict):
    """A backup's newest restore."""

    restoreTimestamp: Annotated[Timestamp, Field(description="When the restore was initiated, in UTC.")]
    status: Annotated[Status, Field(description="Where the restore is in its life.")]
    completedAt: NotRequired[
        Annotated[
            Timestamp, Field(description="When the restore was completed, in UTC. Absent unless it is completed.")
        ]
    ]


@_exactly
class BackupWithLastRestore(Backup):
    """One backup, and its newest restore."""

    lastRestore: NotRequired[Annotated[LastRestore, Field(description="Absent where there has been none.")]]


@_exactly
class BackupAnswer(TypedDict):
    """The answer that holds one backup."""

    data: BackupWithLastRestore


@_exactly
class StartedRestore(TypedDict):
    """What a client that starts a restore is told."""

    restoreId: Annotated[str, Field(description="Names the restore within its backup.")]


@_exactly
class StartedRestoreAnswer(TypedDict):
    """The answer to a restore that was started."""

    data: StartedRestore


@_exactly
class Nothing(TypedDict):
    """An empty object."""


@_exactly
class EmptyAnswer(TypedDict):
    """The answer that says no more than that it was done."""

    data: Nothing


@_exactly
class Login(TypedDict):
    """What a client that logs in is told."""

    data: Annotated[dict[str, Any], Field(description="An empty object: the token is good.")]


@_exactly
class Error(TypedDict):
    """What went wrong."""

    status: Annotated[int, Field(description="The HTTP status, once more.")]
    message: Annotated[str, Field(description="For a person: what was wrong, and what is allowed.")]
    id: Annotated[str, Field(description="Names this one answer, so that it can be found again.")]
    details: NotRequired[Annotated[dict[str, Any], Field(description="More, where there is more to say.")]]


@_exactly
class ErrorBody(TypedDict):
    """The body of every answer that is not a success."""

    error: Error


def restore_json(id_json: int | str, timeline: Timeline, status: Status) -> str:
    """The JSON of a ``Restore`` whose status is ``status``; its id is given as JSON."""
    text = f'{{"id":{id_json},"restoreTimestamp":"{timestamp(timeline.initiated)}",{_STATUS_JSON[status]}'
    if status is Status.COMPLETED and timeline.ends is not None:
        return f'{text},"completedAt":"{timestamp(timeline.ends)}"}}'
    return f"{text}}}"


_STATUS_JSON = {status: f'"status":"{status}"' for status in Status}


def restore_list_json(restores: list[str], where: Pagination) -> bytes:
    """The JSON of a ``RestoreList``, from that of its restores: as ``to_bytes`` would write it."""
    return f'{{"data":{{"restores":[{",".join(restores)}]}},"pagination":{_pagination_json(where)}}}'.encode()


def _pagination_json(where: Pagination) -> str:
    """The encoder takes three times as long; a cursor has no character that JSON escapes."""
    if "cursor" in where:
        return f'{{"hasNextPage":true,"cursor":"{where["cursor"]}","count":{where["count"]}}}'
    return f'{{"hasNextPage":false,"count":{where["count"]}}}'


def restore(restore_id: int | str, timeline: Timeline, instant: int) -> Restore:
    """A restore as the list shows it at ``instant`` (unix milliseconds)."""
    return Restore(id=restore_id, **last_restore(timeline, instant))


def last_restore(timeline: Timeline, instant: int) -> LastRestore:
    """A restore without its id, as its backup shows it at ``instant`` (unix milliseconds)."""
    last = LastRestore(restoreTimestamp=timestamp(timeline.initiated), status=status_at(timeline, instant))
    completed = completed_at(timeline, instant)
    if completed is not None:
        last["completedAt"] = timestamp(completed)
    return last


def pagination(count: int, cursor: str | None) -> Pagination:
    """Where a page of ``count`` results stands; ``cursor`` leads to the next page, where there is one."""
    if cursor is None:
        return Pagination(hasNextPage=False, count=count)
    return Pagination(hasNextPage=True, cursor=cursor, count=count)


def error(status: int, message: str, error_id: str, details: dict[str, Any] | None = None) -> ErrorBody:
    """The body of an answer that is not a success."""
    body = Error(status=status, message=message, id=error_id)
    if details:
        body["details"] = details
    return ErrorBody(error=body)


def timestamp(instant: int) -> str:
    """Unix milliseconds as the wire writes them: ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
    minute, rest = divmod(instant, 60_000)
    return f"{_date(minute // 1440)}{_TIMES[minute % 1440]}{_SECONDS[rest // 1000]}.{_MILLISECONDS[rest % 1000]}Z"


_TIMES = [f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02}" for second in range(60)]
_MILLISECONDS = [f"{number:03}" for number in range(1000)]
"""The parts of a timestamp. A first read formats a hundred of them, and formatting a number takes longer."""


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    """The date of a day, counted from 1970-01-01; a list's days are few, and making a date costs more than all else."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def timestamp_moment(instant: int) -> datetime:
    """Unix milliseconds as a date and time in UTC."""
    return _EPOCH + timedelta(milliseconds=instant)


def unix_milliseconds(moment: datetime) -> int:
    """The instant of an aware ``moment``, cut to whole milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _within_time(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 0 <= unix_milliseconds(aware) <= INSTANT_MAX:
        raise ValueError("must lie between 1970-01-01 and 2106-02-07")
    return aware


def _written_as_a_date(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and not value.lstrip("+-").replace(".", "").isdigit()):
        return value
    raise ValueError("must be a date and time, such as 2024-01-31T12:00:00Z")


Moment = Annotated[datetime, AfterValidator(_within_time), BeforeValidator(_written_as_a_date)]
"""A date and time as a person writes it; one without an offset is in UTC."""


def to_bytes(body: object) -> bytes:
    """``body`` as JSON in UTF-8, without white space; the same body always gives the same bytes.

    Half a surrogate pair, which a client can send and UTF-8 cannot hold, stays the escape that it came as.
    """
    return _to_json(body).encode(errors="backslashreplace")


_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
