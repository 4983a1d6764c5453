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

exactly = with_config(ConfigDict(extra="forbid"))
"""Decorates a shape: no other keys are allowed."""


@exactly
class Restore(TypedDict):
    """One restore of a backup."""

    id: Annotated[int | str, Field(description="Unique within its backup.")]
    restoreTimestamp: Annotated[Timestamp, Field(description="When the restore was initiated, in UTC.")]
    status: Annotated[Status, Field(description="The restore's present status.")]
    completedAt: NotRequired[
        Annotated[
            Timestamp, Field(description="When the restore was completed, in UTC. Absent unless it is completed.")
        ]
    ]


@exactly
class Restores(TypedDict):
    """The restores on one page."""

    restores: Annotated[list[Restore], Field(description="Newest first; empty if there are none.")]


@exactly
class Pagination(TypedDict):
    """The position of a page in its list."""

    hasNextPage: Annotated[bool, Field(description="Whether more results follow this page.")]
    cursor: NotRequired[
        Annotated[
            str,
            Field(
                pattern="^[A-Za-z0-9_-]+$",
                description="Pass it back to get the next page. Absent on the last page.",
            ),
        ]
    ]
    count: Annotated[int, Field(ge=0, description="How many results this page holds.")]


@exactly
class RestoreList(TypedDict):
    """One page of a backup's restores."""

    data: Restores
    pagination: Pagination


@exactly
class AddonRestore(Restore):
    """One restore of an addon, from any of its backups."""

    backupId: Annotated[str, Field(description="The id of the restored backup.")]


@exactly
class AddonRestores(TypedDict):
    """The restores on one page."""

    restores: Annotated[list[AddonRestore], Field(description="Newest first; empty if there are none.")]


@exactly
class AddonRestoreList(TypedDict):
    """One page of an addon's restores."""

    data: AddonRestores
    pagination: Pagination


@exactly
class Project(TypedDict):
    """One project."""

    id: Annotated[str, Field(description="Unique among all projects.")]
    name: Annotated[str, Field(description="For people.")]
    description: Annotated[str, Field(description="For people.")]


@exactly
class Projects(TypedDict):
    """The projects on one page."""

    projects: Annotated[list[Project], Field(description="Ordered by id.")]


@exactly
class ProjectList(TypedDict):
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


@exactly
class AddonSpec(TypedDict):
    """What kind of addon it is."""

    type: Annotated[str, Field(description="The kind of addon, such as postgresql.")]


@exactly
class Addon(TypedDict):
    """One addon."""

    id: Annotated[str, Field(description="Unique within its project.")]
    name: Annotated[str, Field(description="For people.")]
    appId: Annotated[str, Field(description="The addon's full name, with user and project.")]
    description: Annotated[str, Field(description="For people.")]
    spec: AddonSpec
    status: AddonStatus


@exactly
class Addons(TypedDict):
    """The addons on one page."""

    addons: Annotated[list[Addon], Field(description="Ordered by id.")]


@exactly
class AddonList(TypedDict):
    """One page of a project's addons."""

    data: Addons
    pagination: Pagination


@exactly
class BackupSource(TypedDict):
    """Where a backup comes from."""

    type: Annotated[str, Field(description="snapshot, or another kind of source.")]


@exactly
class BackupConfig(TypedDict):
    """The source and the size of a backup."""

    source: BackupSource
    size: Annotated[str, Field(pattern=r"^\d+$", description="In bytes.")]


@exactly
class Backup(TypedDict):
    """One backup of an addon."""

    id: Annotated[str, Field(description="Unique within its addon.")]
    name: Annotated[str, Field(description="For people.")]
    uid: Annotated[str, Field(description="A UUID.")]
    status: Status
    createdAt: Annotated[Timestamp, Field(description="When the backup was initiated, in UTC.")]
    completedAt: NotRequired[
        Annotated[Timestamp, Field(description="When the backup was completed, in UTC. Absent unless it is completed.")]
    ]
    config: BackupConfig


@exactly
class Backups(TypedDict):
    """The backups on one page."""

    backups: Annotated[list[Backup], Field(description="Ordered by id.")]


@exactly
class BackupList(TypedDict):
    """One page of an addon's backups."""

    data: Backups
    pagination: Pagination


@exactly
class LastRestore(TypedDict):
    """A backup's newest restore."""

    restoreTimestamp: Annotated[Timestamp, Field(description="When the restore was initiated, in UTC.")]
    status: Annotated[Status, Field(description="The restore's present status.")]
    completedAt: NotRequired[
        Annotated[
            Timestamp, Field(description="When the restore was completed, in UTC. Absent unless it is completed.")
        ]
    ]


@exactly
class BackupWithLastRestore(Backup):
    """One backup, and its newest restore."""

    lastRestore: NotRequired[Annotated[LastRestore, Field(description="Absent if there has been none.")]]


@exactly
class BackupResponse(TypedDict):
    """A response with one backup."""

    data: BackupWithLastRestore


@exactly
class StartedRestore(TypedDict):
    """A restore that was just started."""

    restoreId: Annotated[str, Field(description="Unique within its backup.")]


@exactly
class StartedRestoreResponse(TypedDict):
    """The response to starting a restore."""

    data: StartedRestore


@exactly
class Nothing(TypedDict):
    """An empty object."""


@exactly
class EmptyResponse(TypedDict):
    """A response without data."""

    data: Nothing


@exactly
class Login(TypedDict):
    """The response to a login."""

    data: Annotated[dict[str, Any], Field(description="An empty object: the token is accepted.")]


@exactly
class Error(TypedDict):
    """What went wrong."""

    status: Annotated[int, Field(description="The HTTP status.")]
    message: Annotated[str, Field(description="For people: what is wrong, and what is allowed.")]
    id: Annotated[str, Field(description="For programs: the kind of error, such as `nf-not-found`.")]
    details: NotRequired[
        Annotated[
            dict[str, Any],
            Field(description="What is wrong with each field or parameter: a list of messages; or the permission."),
        ]
    ]


@exactly
class ErrorBody(TypedDict):
    """The body of every error response."""

    error: Error
