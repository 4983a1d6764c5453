"""Reads keys and restores from the store. Each query is a SQLModel statement, compiled once and run on the driver."""

import sqlite3
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import func, tuple_
from sqlalchemy.dialects import sqlite
from sqlmodel import bindparam, col, select

from mockserver.contract.lifecycle import Outcome, Timeline
from mockserver.messages import quoted
from mockserver.store.tables import Addon, Backup, Project, Restore

NEWEST = 2**63 - 1
"""A value of ``before`` above every id: the list starts at its newest restore."""

OUTCOMES = (Outcome.COMPLETED, Outcome.FAILED, Outcome.ABORTED, Outcome.NOT_SUPPORTED)
"""A row's ``outcome`` is an index into this. Files hold such indexes, so it may grow only at its end."""


class BackupPath(NamedTuple):
    """The ids that lead to a backup, as a client sends them."""

    project_id: str
    addon_id: str
    backup_id: str


class BackupKey(NamedTuple):
    """The keys of a backup and of its addon, which other tables refer to."""

    addon: int
    backup: int


class NotFoundError(LookupError):
    """There is no such project, addon or backup; the text names it, as the rest of a sentence that begins with "no"."""


RestoreRow = tuple[int, int | None, int | None, int | None, int | None, int | None]
"""A restore as it is stored: its id, then its timeline, as in ``tables.Restore``."""


class Query:
    """A statement for the driver; a session would cost more than reading the rows."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement

    @cached_property
    def sql(self) -> str:
        """The statement, compiled when it is first needed: compiling all of them would take a tenth of the start."""
        return str(self._statement.compile(dialect=sqlite.dialect(paramstyle="named")))

    def rows(self, connection: sqlite3.Connection, **values: str | int) -> list[Any]:
        return connection.execute(self.sql, values).fetchall()


_RESTORE_ROW: Any = (
    Restore.id,
    Restore.initiated,
    Restore.starts_at,
    Restore.ends_at,
    Restore.outcome,
    Restore.abort_requested_at,
)

RESTORES = Query(
    select(*_RESTORE_ROW)
    .join(Backup, col(Backup.key) == col(Restore.backup_key))
    .join(Addon, col(Addon.key) == col(Backup.addon_key))
    .join(Project, col(Project.key) == col(Addon.project_key))
    .where(
        col(Project.id) == bindparam("project_id"),
        col(Addon.id) == bindparam("addon_id"),
        col(Backup.id) == bindparam("backup_id"),
        col(Restore.id) < bindparam("before"),
    )
    .order_by(col(Restore.id).desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)

_PROJECT = Query(select(Project.key).where(col(Project.id) == bindparam("id")))
_ADDON = Query(select(Addon.key).where(col(Addon.project_key) == bindparam("parent"), col(Addon.id) == bindparam("id")))
_BACKUP = Query(
    select(Backup.key).where(col(Backup.addon_key) == bindparam("parent"), col(Backup.id) == bindparam("id"))
)
_RESTORES_OF_ADDON = Query(
    select(Backup.id, *_RESTORE_ROW)
    .join(Backup, col(Backup.key) == col(Restore.backup_key))
    .where(
        col(Restore.addon_key) == bindparam("addon_key"),
        tuple_(col(Restore.id), col(Restore.backup_key)) < tuple_(bindparam("before"), bindparam("before_backup")),
    )
    .order_by(col(Restore.id).desc(), col(Restore.backup_key).desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_COUNT_OF_ADDON = Query(
    select(func.count())
    .select_from(Restore)
    .where(
        col(Restore.addon_key) == bindparam("addon_key"),
        tuple_(col(Restore.id), col(Restore.backup_key)) < tuple_(bindparam("before"), bindparam("before_backup")),
    )
)
_COUNT_FROM = Query(
    select(func.count())
    .select_from(Restore)
    .where(col(Restore.backup_key) == bindparam("backup_key"), col(Restore.id) <= bindparam("id"))
)
_RESTORE = Query(
    select(*_RESTORE_ROW).where(col(Restore.backup_key) == bindparam("backup_key"), col(Restore.id) == bindparam("id"))
)
_IS_IN_PROJECT = Query(
    select(Restore.id)
    .join(Addon, col(Addon.key) == col(Restore.addon_key))
    .where(col(Addon.project_key) == bindparam("project_key"), col(Restore.id) == bindparam("id"))
)
_NEWEST = Query(
    select(*_RESTORE_ROW)
    .where(col(Restore.backup_key) == bindparam("backup_key"))
    .order_by(col(Restore.id).desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_AFTER = Query(
    select(*_RESTORE_ROW)
    .where(col(Restore.backup_key) == bindparam("backup_key"), col(Restore.id) > bindparam("id"))
    .order_by(col(Restore.id))
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_NOT_AFTER = Query(
    select(*_RESTORE_ROW)
    .where(col(Restore.backup_key) == bindparam("backup_key"), col(Restore.id) <= bindparam("id"))
    .order_by(col(Restore.id).desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)


def restores(
    connection: sqlite3.Connection, path: BackupPath, *, before: int, offset: int, limit: int
) -> list[RestoreRow]:
    """At most ``limit`` restores of one backup, newest first, as ``restore_in`` reads them.

    They are those whose id is below ``before``, without the first ``offset`` of them. A backup that does not exist
    has none: ``backup_key`` tells the two cases apart.
    """
    return RESTORES.rows(
        connection,
        project_id=path.project_id,
        addon_id=path.addon_id,
        backup_id=path.backup_id,
        before=before,
        limit=limit,
        offset=offset,
    )


def newest_restores(connection: sqlite3.Connection, backup_key: int, limit: int) -> list[tuple[int, Timeline]]:
    """At most ``limit`` of the newest restores of one backup, with their ids."""
    return [restore_in(row) for row in _NEWEST.rows(connection, backup_key=backup_key, limit=limit, offset=0)]


def restores_around(
    connection: sqlite3.Connection, backup_key: int, instant: int, limit: int
) -> list[tuple[int, Timeline]]:
    """At most ``limit`` restores of one backup with their ids, newest first: those with ids nearest to an instant."""
    values = {"backup_key": backup_key, "id": instant, "limit": limit, "offset": 0}
    rows = [*_AFTER.rows(connection, **values), *_NOT_AFTER.rows(connection, **values)]
    nearest = sorted(rows, key=lambda row: abs(int(row[0]) - instant))[:limit]
    return sorted(map(restore_in, nearest), reverse=True, key=lambda restore: restore[0])


def restores_of_addon(
    connection: sqlite3.Connection, addon_key: int, *, before: tuple[int, int], offset: int, limit: int
) -> list[tuple[str, int, Timeline]]:
    """The same for all backups of an addon, each with its backup's id; ``before`` is an id and a backup's key."""
    rows = _RESTORES_OF_ADDON.rows(
        connection, addon_key=addon_key, before=before[0], before_backup=before[1], limit=limit, offset=offset
    )
    return [(backup_id, *restore_in(row)) for backup_id, *row in rows]


def restore(connection: sqlite3.Connection, backup_key: int, restore_id: int) -> Timeline | None:
    """One restore of a backup."""
    rows = _RESTORE.rows(connection, backup_key=backup_key, id=restore_id)
    return restore_in(rows[0])[1] if rows else None


def is_in_project(connection: sqlite3.Connection, project_key: int, restore_id: int) -> bool:
    """Whether a backup of the project has a restore with that id."""
    return bool(_IS_IN_PROJECT.rows(connection, project_key=project_key, id=restore_id))


def count_of_addon(connection: sqlite3.Connection, addon_key: int, *, before: tuple[int, int]) -> int:
    """How many restores of an addon are behind ``before``, an id and a backup's key."""
    (row,) = _COUNT_OF_ADDON.rows(connection, addon_key=addon_key, before=before[0], before_backup=before[1])
    return int(row[0])


def count_from(connection: sqlite3.Connection, backup_key: int, restore_id: int) -> int:
    """How many restores of a backup its list has from the one with that id on, including that one."""
    (row,) = _COUNT_FROM.rows(connection, backup_key=backup_key, id=restore_id)
    return int(row[0])


def project_key(connection: sqlite3.Connection, project_id: str) -> int:
    """The key of a project; raises NotFoundError."""
    return _key(_PROJECT.rows(connection, id=project_id), f"project {quoted(project_id)}")


def addon_key(connection: sqlite3.Connection, project_id: str, addon_id: str) -> int:
    """The key of an addon; raises NotFoundError for its project or, if there is one, for itself."""
    project = project_key(connection, project_id)
    return _key(
        _ADDON.rows(connection, parent=project, id=addon_id),
        f"addon {quoted(addon_id)} in project {quoted(project_id)}",
    )


def backup_key(connection: sqlite3.Connection, path: BackupPath) -> BackupKey:
    """The keys of a backup and its addon; raises NotFoundError for the first part of its path that does not exist."""
    addon = addon_key(connection, path.project_id, path.addon_id)
    rows = _BACKUP.rows(connection, parent=addon, id=path.backup_id)
    name = f"backup {quoted(path.backup_id)} of addon {quoted(path.addon_id)} in project {quoted(path.project_id)}"
    return BackupKey(addon, _key(rows, name))


def _key(rows: list[Any], name: str) -> int:
    if not rows:
        raise NotFoundError(name)
    return int(rows[0][0])


def restore_in(row: RestoreRow) -> tuple[int, Timeline]:
    """The id and the timeline of the restore in a row."""
    restore_id, initiated, starts_at, ends_at, outcome, abort_requested_at = row
    timeline = (
        restore_id if initiated is None else initiated,
        None if starts_at is None else restore_id + starts_at,
        None if ends_at is None else restore_id + ends_at,
        _OUTCOME_AT[outcome],
        None if abort_requested_at is None else restore_id + abort_requested_at,
    )
    return restore_id, tuple.__new__(Timeline, timeline)  # a third of the time that Timeline(...) takes


_OUTCOME_AT: dict[int | None, Outcome | None] = {None: None, **dict(enumerate(OUTCOMES))}
