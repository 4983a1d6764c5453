"""Lists of projects, addons and backups, ordered by id and starting after one; and what the store has of a project."""

import sqlite3
from typing import Any

from sqlmodel import bindparam, col, select

from mockserver.store.queries import Query
from mockserver.store.tables import Addon, Backup, FaultRule, Project

FIRST = ""
"""A value of ``after`` below every id: the list starts at its first item."""


ALL = -1
"""A value of ``limit``: the list is read to its end."""


def _listed(statement: Any, ordered_by: Any) -> Query:
    return Query(
        statement.where(ordered_by > bindparam("after"))
        .order_by(ordered_by)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


_PROJECT: Any = (Project.id, Project.name, Project.description)
_STARTED_PROJECTS = _listed(select(*_PROJECT).where(col(Project.token).is_(None)), col(Project.id))
_PROJECT_OF_TOKEN = _listed(select(*_PROJECT).where(col(Project.token) == bindparam("token")), col(Project.id))
_ADDON: Any = (Addon.id, Addon.name, Addon.description, Addon.type, Addon.status)
_ADDONS = _listed(select(*_ADDON).where(col(Addon.project_key) == bindparam("project_key")), col(Addon.id))
_BACKUP: Any = (Backup.id, Backup.name, Backup.uid, Backup.source, Backup.size, Backup.created, Backup.completed)
_BACKUPS = _listed(select(*_BACKUP).where(col(Backup.addon_key) == bindparam("addon_key")), col(Backup.id))
_BACKUP_PATHS = Query(
    select(col(Addon.id), col(Backup.id))
    .join(Backup, col(Backup.addon_key) == col(Addon.key))
    .where(col(Addon.project_key) == bindparam("project_key"))
    .order_by(col(Addon.id), col(Backup.id))
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_ONE_BACKUP = Query(select(*_BACKUP).where(col(Backup.key) == bindparam("key")))
_STORED: Any = (Project.key, Project.id, Project.token, Project.recipe, Project.clock, Project.plan)
_STORED_PROJECT = Query(select(*_STORED).where(col(Project.id) == bindparam("id")))
_PROJECT_IDS = Query(select(Project.id, Project.token).order_by(col(Project.key)))
_RULES = Query(
    select(FaultRule.number, FaultRule.rule)
    .where(col(FaultRule.project_key) == bindparam("project_key"))
    .order_by(col(FaultRule.number))
)


def projects(connection: sqlite3.Connection, token: str | None, *, after: str, offset: int, limit: int) -> list[Any]:
    """Id, name and description: of the project whose own token that is, or if it is None, of all that have none."""
    if token is None:
        return _STARTED_PROJECTS.rows(connection, after=after, offset=offset, limit=limit)
    return _PROJECT_OF_TOKEN.rows(connection, token=token, after=after, offset=offset, limit=limit)


def addons(connection: sqlite3.Connection, project_key: int, *, after: str, offset: int, limit: int) -> list[Any]:
    """Id, name, description, type and status of a project's addons."""
    return _ADDONS.rows(connection, project_key=project_key, after=after, offset=offset, limit=limit)


def backups(connection: sqlite3.Connection, addon_key: int, *, after: str, offset: int, limit: int) -> list[Any]:
    """Id, name, uid, source, size and the instants of creation and completion of an addon's backups."""
    return _BACKUPS.rows(connection, addon_key=addon_key, after=after, offset=offset, limit=limit)


def backup_paths(connection: sqlite3.Connection, project_key: int, limit: int) -> list[tuple[str, str]]:
    """The ids of the addons and backups of a project, at most ``limit`` of them."""
    return _BACKUP_PATHS.rows(connection, project_key=project_key, limit=limit, offset=0)


def backup(connection: sqlite3.Connection, backup_key: int) -> Any:
    """The same of one backup."""
    (row,) = _ONE_BACKUP.rows(connection, key=backup_key)
    return row


def stored_project(connection: sqlite3.Connection, project_id: str) -> Any:
    """Key, id, token, recipe, clock and plan of a project; None if there is no such project."""
    rows = _STORED_PROJECT.rows(connection, id=project_id)
    return rows[0] if rows else None


def project_ids(connection: sqlite3.Connection) -> list[Any]:
    """Id and token of every project, in the order of creation."""
    return _PROJECT_IDS.rows(connection)


def rules(connection: sqlite3.Connection, project_key: int) -> list[Any]:
    """Number and JSON of a project's fault rules, in the order of creation."""
    return _RULES.rows(connection, project_key=project_key)
