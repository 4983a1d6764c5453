"""What is written to a store that is being served: each function is one statement, in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, insert, update

from mockserver.lifecycle import Timeline
from mockserver.store.queries import BackupKey
from mockserver.store.tables import Addon, FaultRule, Project, Restore


def add_restores(session: Session, backup: BackupKey, made: Iterable[tuple[int, Timeline]]) -> None:
    """Adds restores with these ids, which must be free."""
    rows = [
        {"backup_key": backup.backup, "addon_key": backup.addon, "id": number, **asdict(timeline)}
        for number, timeline in made
    ]
    if rows:
        session.connection().execute(insert(Restore), rows)


def set_restore(session: Session, backup_key: int, restore_id: int, timeline: Timeline) -> None:
    """Gives a restore another timeline."""
    session.connection().execute(update(Restore).where(*_one(backup_key, restore_id)).values(**asdict(timeline)))


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
