"""What is written to a store that is being served: each function is one statement, in the caller's transaction."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, col, delete, insert, update

from mockserver.lifecycle import Timeline, settles
from mockserver.store.queries import OUTCOMES, BackupKey
from mockserver.store.tables import Addon, FaultRule, Project, Restore
from mockserver.wire import told

_LIFE = ("settles", "told", "initiated", "starts", "ends", "outcome", "abort_asked")
_COLUMNS = ("backup_key", "id", "addon_key", *_LIFE)
_INSERT_RESTORE = str(insert(Restore).compile(dialect=sqlite.dialect(paramstyle="qmark"), column_keys=_COLUMNS))
"""Compiled once, for rows as tuples in that order: SQLAlchemy's own handling of a row costs more than its insertion."""


def add_restores(session: Session, backup: BackupKey, made: Iterable[tuple[int, Timeline]]) -> int:
    """Adds restores with these ids, which must be free; tells how many there were."""
    rows = [(backup.backup, number, backup.addon, *_life(number, timeline)) for number, timeline in made]
    if rows:
        session.connection().exec_driver_sql(_INSERT_RESTORE, rows)
    return len(rows)


def set_restore(session: Session, backup_key: int, restore_id: int, timeline: Timeline) -> None:
    """Gives a restore another timeline."""
    life = dict(zip(_LIFE, _life(restore_id, timeline), strict=True))
    session.connection().execute(update(Restore).where(*_one(backup_key, restore_id)).values(life))


def delete_restore(session: Session, backup_key: int, restore_id: int) -> None:
    """Removes a restore."""
    session.connection().execute(delete(Restore).where(*_one(backup_key, restore_id)))


def set_clock(session: Session, project_key: int, clock: str) -> None:
    """Keeps where a project's clock stands."""
    session.connection().execute(update(Project).where(col(Project.key) == project_key).values(clock=clock))


def add_rule(session: Session, project_key: int, number: int, rule: str) -> None:
    """Keeps a fault rule."""
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


def _one(backup_key: int, restore_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Restore.backup_key) == backup_key, col(Restore.id) == restore_id


def _life(restore_id: int, timeline: Timeline) -> tuple[int | str | None, ...]:
    """A timeline as the columns of ``_LIFE``."""
    settled = settles(timeline)
    return (
        settled - restore_id,
        told(timeline, settled),
        None if timeline.initiated == restore_id else timeline.initiated,
        timeline.starts,
        timeline.ends,
        None if timeline.outcome is None else OUTCOMES.index(timeline.outcome),
        timeline.abort_asked,
    )
