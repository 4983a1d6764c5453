"""The tables. Instants are unix milliseconds, UTC."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

SCHEMA_VERSION = 5
"""Goes up with every change to a table below; each file says which version it holds."""


class Project(SQLModel, table=True):
    """A sandbox of its own: clients send its ``id``, and the other tables refer to its ``key``.

    A project that was created through the control plane has a ``token`` of its own. Three columns are JSON: ``recipe``,
    all that it takes to create the project again; ``clock``, the state of its clock; and ``plan``, what restores do
    that clients start.
    """

    __table_args__ = (Index("project_of_token", "token", "id"),)

    key: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    name: str
    description: str
    token: str | None = Field(default=None, unique=True)
    recipe: str
    clock: str
    plan: str | None = None


class Addon(SQLModel, table=True):
    """A database, cache or similar service that is backed up."""

    __table_args__ = (UniqueConstraint("project_key", "id"),)

    key: int | None = Field(default=None, primary_key=True)
    project_key: int = Field(foreign_key="project.key", ondelete="CASCADE")
    id: str
    name: str
    description: str
    type: str
    status: str


class Backup(SQLModel, table=True):
    """One backup of an addon."""

    __table_args__ = (UniqueConstraint("addon_key", "id"),)

    key: int | None = Field(default=None, primary_key=True)
    addon_key: int = Field(foreign_key="addon.key", ondelete="CASCADE")
    id: str
    name: str
    uid: str
    source: str
    size: int
    created: int
    completed: int


class Restore(SQLModel, table=True):
    """One restore of a backup: its timeline, never its status.

    Rows are stored in the order of their key, so that a page is one part of the file; the index does the same for an
    addon's restores. To save space, ``initiated`` is null if it equals the id, the other instants are milliseconds
    after the id, and ``outcome`` is an index into the list of outcomes.
    """

    __table_args__ = (Index("restore_of_addon", "addon_key", "id", "backup_key"), {"sqlite_with_rowid": False})

    backup_key: int = Field(primary_key=True, foreign_key="backup.key", ondelete="CASCADE")
    id: int = Field(primary_key=True)
    addon_key: int
    initiated: int | None
    starts_at: int | None
    ends_at: int | None
    outcome: int | None
    abort_requested_at: int | None


class GivenObjectId(SQLModel, table=True):
    """The ObjectId of a restore that was given one; all others are derived from the restores' ids."""

    __table_args__ = (
        UniqueConstraint("backup_key", "object_id"),
        ForeignKeyConstraint(["backup_key", "restore_id"], ["restore.backup_key", "restore.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    backup_key: int = Field(primary_key=True)
    restore_id: int = Field(primary_key=True)
    object_id: str


class FaultRule(SQLModel, table=True):
    """A fault rule of one project, as JSON."""

    __table_args__ = (UniqueConstraint("project_key", "number"),)

    key: int | None = Field(default=None, primary_key=True)
    project_key: int = Field(foreign_key="project.key", ondelete="CASCADE")
    number: int
    rule: str
