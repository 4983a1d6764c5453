"""Reads what a project contains, in the order in which it was written."""

import sqlite3
from typing import Any

from sqlmodel import bindparam, col, select

from mockserver.store.queries import Query
from mockserver.store.tables import Addon, Backup, Project

_PROJECT = Query(select(Project.name, Project.description).where(col(Project.key) == bindparam("key")))
_ADDON: Any = (Addon.key, Addon.id, Addon.name, Addon.description, Addon.type, Addon.status)
_ADDONS = Query(select(*_ADDON).where(col(Addon.project_key) == bindparam("key")))
_BACKUPS = Query(select(Backup.key, Backup.id, Backup.name).where(col(Backup.addon_key) == bindparam("key")))


def project(connection: sqlite3.Connection, key: int) -> Any:
    """Name and description of a project."""
    (row,) = _PROJECT.rows(connection, key=key)
    return row


def addons(connection: sqlite3.Connection, project_key: int) -> list[Any]:
    """Key, id, name, description, type and status of its addons."""
    return sorted(_ADDONS.rows(connection, key=project_key))


def backups(connection: sqlite3.Connection, addon_key: int) -> list[Any]:
    """Key, id and name of an addon's backups."""
    return sorted(_BACKUPS.rows(connection, key=addon_key))
