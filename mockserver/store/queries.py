"""What is read from the store. Each query is a SQLModel statement, compiled once and run on the driver."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlmodel import bindparam, col, select

from mockserver.lifecycle import Outcome, Timeline
from mockserver.store.tables import Addon, Backup, Project, Restore

NEWEST = 2**63 - 1
"""As ``before``: above every id, so that a list starts at its newest restore."""


@dataclass(frozen=True, slots=True)
class BackupPath:
    """The ids that lead to a backup, as a client sends them."""

    project_id: str
    addon_id: str
    backup_id: str


class Query:
    """A statement as the driver takes it; a session would cost more than the reading itself."""

    def __init__(self, statement: Any) -> None:
        self.sql = str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))

    def rows(self, connection: sqlite3.Connection, **values: str | int) -> list[Any]:
        return connection.execute(self.sql, values).fetchall()


_TIMELINE: Any = (
    Restore.id,
    Restore.initiated,
    Restore.starts,
    Restore.ends,
    Restore.outcome,
    Restore.abort_asked,
)

RESTORES = Query(
    select(*_TIMELINE)
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
    .limit(bindparam("most"))
    .offset(bindparam("skipped"))
)

_PROJECT = Query(select(Project.key).where(col(Project.id) == bindparam("id")))
_ADDON = Query(select(Addon.key).where(col(Addon.project_key) == bindparam("parent"), col(Addon.id) == bindparam("id")))
_BACKUP = Query(
    select(Backup.key).where(col(Backup.addon_key) == bindparam("parent"), col(Backup.id) == bindparam("id"))
)


def restores(
    connection: sqlite3.Connection, path: BackupPath, *, before: int, skipped: int, most: int
) -> list[tuple[int, Timeline]]:
    """At most ``most`` restores of one backup with their ids, newest first.

    Only those whose id is below ``before`` count, and of those the first ``skipped`` are left out. Nothing comes of a
    backup that is not there: ``missing`` tells the two apart.
    """
    rows = RESTORES.rows(
        connection,
        project_id=path.project_id,
        addon_id=path.addon_id,
        backup_id=path.backup_id,
        before=before,
        most=most,
        skipped=skipped,
    )
    return [
        (restore_id, Timeline(initiated, starts, ends, outcome and Outcome(outcome), abort_asked))
        for restore_id, initiated, starts, ends, outcome, abort_asked in rows
    ]


def missing(connection: sqlite3.Connection, path: BackupPath) -> str | None:
    """The first of ``path``'s project, addon and backup that is not there, in words; None where all are."""
    project = _PROJECT.rows(connection, id=path.project_id)
    if not project:
        return f'project "{path.project_id}"'
    addon = _ADDON.rows(connection, parent=project[0][0], id=path.addon_id)
    if not addon:
        return f'addon "{path.addon_id}" in project "{path.project_id}"'
    if not _BACKUP.rows(connection, parent=addon[0][0], id=path.backup_id):
        return f'backup "{path.backup_id}" of addon "{path.addon_id}" in project "{path.project_id}"'
    return None
