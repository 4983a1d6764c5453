"""The changes of a store while it is served: each function is one statement in the caller's transaction."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, col, delete, insert, update

from mockserver.contract.lifecycle import Timeline
from mockserver.store.queries import OUTCOMES, BackupKey
from mockserver.store.tables import Addon, FaultRule, Project, Restore

# both in the order of the table's columns: the statement takes a row's values in that order
_LIFE = ("initiated", "starts_at", "ends_at", "outcome", "abort_requested_at")
_COLUMNS = ("backup_key", "id", "addon_key", *_LIFE)
_INSERT_RESTORE = str(insert(Restore).compile(dialect=sqlite.dialect(paramstyle="qmark"), column_keys=_COLUMNS))
"""Compiled once, for rows as tuples in that order: SQLAlchemy's own handling of a row costs more than its insertion."""


def add_restores(session: Session, backup: BackupKey, restores: Iterable[tuple[int, Timeline]]) -> int:
    """Adds restores with these ids, which must be free; returns their number."""
    rows = [(backup.backup, number, backup.addon, *_life(number, timeline)) for number, timeline in restores]
    if rows:
        session.connection().exec_driver_sql(_INSERT_RESTORE, rows)
    return len(rows)


def set_restore(session: Session, backup_key: int, restore_id: int, timeline: Timeline) -> None:
    """Replaces a restore's timeline."""
    life = dict(zip(_LIFE, _life(restore_id, timeline), strict=True))
    session.connection().execute(update(Restore).where(*_one(backup_key, restore_id)).values(life))


def delete_restore(session: Session, backup_key: int, restore_id: int) -> None:
    """Removes a restore."""
    session.connection().execute(delete(Restore).where(*_one(backup_key, restore_id)))


def set_clock(session: Session, project_key: int, clock: str) -> None:
    """Writes the state of a project's clock."""
    session.connection().execute(update(Project).where(col(Project.key) == project_key).values(clock=clock))


def set_plan(session: Session, project_key: int, plan: str | None) -> None:
    """Writes what restores do that clients start in a project."""
    session.connection().execute(update(Project).where(col(Project.key) == project_key).values(plan=plan))


def add_rule(session: Session, project_key: int, number: int, rule: str) -> None:
    """Adds a fault rule."""
    session.connection().execute(insert(FaultRule).values(project_key=project_key, number=number, rule=rule))


def delete_rule(session: Session, project_key: int, number: int) -> None:
    """Removes a fault rule."""
    session.connection().execute(
        delete(FaultRule).where(col(FaultRule.project_key) == project_key, col(FaultRule.number) == number)
    )


def empty_project(session: Session, project_key: int) -> None:
    """Removes all that is in a project, and its fault rules."""
    session.connection().execute(delete(Addon).where(col(Addon.project_key) == project_key))
    session.connection().execute(delete(FaultRule).where(col(FaultRule.project_key) == project_key))


def delete_project(session: Session, project_key: int) -> None:
    """Removes a project and all that is in it."""
    session.connection().execute(delete(Project).where(col(Project.key) == project_key))


def delete_all_projects(session: Session) -> None:
    """Removes all projects and all that is in them."""
    session.connection().execute(delete(Project))


def _one(backup_key: int, restore_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Restore.backup_key) == backup_key, col(Restore.id) == restore_id


def _life(restore_id: int, timeline: Timeline) -> tuple[int | None, ...]:
    """A timeline as the values of the columns ``_LIFE``."""
    initiated, starts_at, ends_at, outcome, abort_requested_at = timeline
    return (
        None if initiated == restore_id else initiated,
        None if starts_at is None else starts_at - restore_id,
        None if ends_at is None else ends_at - restore_id,
        None if outcome is None else _INDEX_OF_OUTCOME[outcome],
        None if abort_requested_at is None else abort_requested_at - restore_id,
    )


_INDEX_OF_OUTCOME = {outcome: index for index, outcome in enumerate(OUTCOMES)}
