"""The shapes of the responses, key for key and in their order.

A shape is a ``TypedDict``: the code that builds a response, the type checker and the OpenAPI document read the same
lines. A key that is not required is absent if it has no value, never null: the official JavaScript client stops walking
a list only if ``cursor`` is undefined.
"""

from enum import StrEnum
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mockserver.contract.lifecycle import Status
from mockserver.instants import Timestamp

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
