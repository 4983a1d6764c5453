"""The shapes of the response bodies: their keys, in order.

A shape is a ``TypedDict``, from which the type checker and the OpenAPI document read the same keys as the code that
builds a response. An optional key without a value is absent, never null: the official JavaScript client stops walking a
list only if ``cursor`` is undefined.
"""

from enum import StrEnum
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mockserver.contract.lifecycle import Status
from mockserver.instants import Timestamp


@with_config(ConfigDict(extra="forbid"))
class Shape(TypedDict):
    """A JSON object with these keys and no others."""


ForPeople = Annotated[str, Field(description="For people.")]
_Initiated = Annotated[Timestamp, Field(description="When the restore was initiated, in UTC.")]
_PresentStatus = Annotated[Status, Field(description="The restore's present status.")]
_Completed = Annotated[
    Timestamp, Field(description="When the restore was completed, in UTC. Absent unless it is completed.")
]


class Restore(Shape):
    """One restore of a backup."""

    id: Annotated[int | str, Field(description="Unique within its backup.")]
    restoreTimestamp: _Initiated
    status: _PresentStatus
    completedAt: NotRequired[_Completed]


class Restores(Shape):
    """The restores on one page."""

    restores: Annotated[list[Restore], Field(description="Newest first; empty if there are none.")]


class Pagination(Shape):
    """The position of a page in its list."""

    hasNextPage: Annotated[bool, Field(description="Whether more results follow this page.")]
    cursor: Annotated[
        NotRequired[str],
        Field(pattern="^[A-Za-z0-9_-]+$", description="Pass it back to get the next page. Absent on the last page."),
    ]
    count: Annotated[int, Field(ge=0, description="How many results this page holds.")]


class RestoreList(Shape):
    """One page of a backup's restores."""

    data: Restores
    pagination: Pagination


class AddonRestore(Restore):
    """One restore of an addon, from any of its backups."""

    backupId: Annotated[str, Field(description="The id of the restored backup.")]


class AddonRestores(Shape):
    """The restores on one page."""

    restores: Annotated[list[AddonRestore], Field(description="Newest first; empty if there are none.")]


class AddonRestoreList(Shape):
    """One page of an addon's restores."""

    data: AddonRestores
    pagination: Pagination


class Project(Shape):
    """One project."""

    id: Annotated[str, Field(description="Unique among all projects.")]
    name: ForPeople
    description: ForPeople


class Projects(Shape):
    """The projects on one page."""

    projects: Annotated[list[Project], Field(description="Ordered by id.")]


class ProjectList(Shape):
    """One page of the projects that a token lists."""

    data: Projects
    pagination: Pagination


class AddonStatus(StrEnum):
    """The possible states of an addon."""

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


class AddonSpec(Shape):
    """What kind of addon it is."""

    type: Annotated[str, Field(description="The kind of addon, such as postgresql.")]


class Addon(Shape):
    """One addon."""

    id: Annotated[str, Field(description="Unique within its project.")]
    name: ForPeople
    appId: Annotated[str, Field(description="The addon's full name, with user and project.")]
    description: ForPeople
    spec: AddonSpec
    status: AddonStatus


class Addons(Shape):
    """The addons on one page."""

    addons: Annotated[list[Addon], Field(description="Ordered by id.")]


class AddonList(Shape):
    """One page of a project's addons."""

    data: Addons
    pagination: Pagination


class BackupSource(Shape):
    """Where a backup comes from."""

    type: Annotated[str, Field(description="snapshot, or another kind of source.")]


class BackupConfig(Shape):
    """The source and the size of a backup."""

    source: BackupSource
    size: Annotated[str, Field(pattern=r"^\d+$", description="In bytes.")]


class Backup(Shape):
    """One backup of an addon."""

    id: Annotated[str, Field(description="Unique within its addon.")]
    name: ForPeople
    uid: Annotated[str, Field(description="A UUID.")]
    status: Status
    createdAt: Annotated[Timestamp, Field(description="When the backup was initiated, in UTC.")]
    completedAt: Annotated[
        NotRequired[Timestamp],
        Field(description="When the backup was completed, in UTC. Absent unless it is completed."),
    ]
    config: BackupConfig


class Backups(Shape):
    """The backups on one page."""

    backups: Annotated[list[Backup], Field(description="Ordered by id.")]


class BackupList(Shape):
    """One page of an addon's backups."""

    data: Backups
    pagination: Pagination


class LastRestore(Shape):
    """A backup's newest restore."""

    restoreTimestamp: _Initiated
    status: _PresentStatus
    completedAt: NotRequired[_Completed]


class BackupWithLastRestore(Backup):
    """One backup, and its newest restore."""

    lastRestore: Annotated[NotRequired[LastRestore], Field(description="Absent if there has been none.")]


class BackupResponse(Shape):
    """A response with one backup."""

    data: BackupWithLastRestore


class StartedRestore(Shape):
    """A restore that was just started."""

    restoreId: Annotated[str, Field(description="Unique within its backup.")]


class StartedRestoreResponse(Shape):
    """The response to starting a restore."""

    data: StartedRestore


class Nothing(Shape):
    """An empty object."""


class EmptyResponse(Shape):
    """A response without data."""

    data: Nothing


class Login(Shape):
    """The response to a login."""

    data: Annotated[dict[str, Any], Field(description="An empty object: the token is accepted.")]


class Error(Shape):
    """What went wrong."""

    status: Annotated[int, Field(description="The HTTP status.")]
    message: Annotated[str, Field(description="For people: what is wrong, and what is allowed.")]
    id: Annotated[str, Field(description="For programs: the kind of error, such as `nf-not-found`.")]
    details: Annotated[
        NotRequired[dict[str, Any]],
        Field(description="What is wrong with each field or parameter: a list of messages; or the permission."),
    ]


class ErrorBody(Shape):
    """The body of every error response."""

    error: Error
