"""The ObjectIds that restores were given; all other restores have one that is derived from their numbers."""

import sqlite3

from sqlmodel import Session, bindparam, col, insert, select

from mockserver.contract.lifecycle import Timeline
from mockserver.contract.versions import Contract, number_of, public_id
from mockserver.store import queries
from mockserver.store.queries import Query
from mockserver.store.tables import Addon, Backup, GivenObjectId

_OF_BACKUP = Query(
    select(GivenObjectId.restore_id, GivenObjectId.object_id).where(
        col(GivenObjectId.backup_key) == bindparam("backup_key"),
        col(GivenObjectId.restore_id).between(bindparam("oldest"), bindparam("newest")),
    )
)
_OF_ADDON = Query(
    select(Backup.id, GivenObjectId.restore_id, GivenObjectId.object_id)
    .join(Backup, col(Backup.key) == col(GivenObjectId.backup_key))
    .where(
        col(Backup.addon_key) == bindparam("addon_key"),
        col(GivenObjectId.restore_id).between(bindparam("oldest"), bindparam("newest")),
    )
)
_NUMBER = Query(
    select(GivenObjectId.restore_id).where(
        col(GivenObjectId.backup_key) == bindparam("backup_key"), col(GivenObjectId.object_id) == bindparam("object_id")
    )
)


_NUMBER_IN_PROJECT = Query(
    select(GivenObjectId.restore_id)
    .join(Backup, col(Backup.key) == col(GivenObjectId.backup_key))
    .join(Addon, col(Addon.key) == col(Backup.addon_key))
    .where(col(Addon.project_key) == bindparam("project_key"), col(GivenObjectId.object_id) == bindparam("object_id"))
)


def add(session: Session, backup_key: int, object_ids: dict[int, str]) -> None:
    """Gives restores of a backup, by their numbers, ObjectIds that are free there."""
    rows = [
        {"backup_key": backup_key, "restore_id": number, "object_id": object_id}
        for number, object_id in object_ids.items()
    ]
    if rows:
        session.connection().execute(insert(GivenObjectId), rows)


def of_backup(connection: sqlite3.Connection, backup_key: int, oldest: int, newest: int) -> dict[int, str]:
    """The given ObjectIds of a backup's restores, by their numbers, in a range of these."""
    return dict(_OF_BACKUP.rows(connection, backup_key=backup_key, oldest=oldest, newest=newest))


def of_addon(connection: sqlite3.Connection, addon_key: int, oldest: int, newest: int) -> dict[tuple[str, int], str]:
    """The same of all restores of an addon, by the ids of their backups and their numbers."""
    rows = _OF_ADDON.rows(connection, addon_key=addon_key, oldest=oldest, newest=newest)
    return {(backup_id, number): object_id for backup_id, number, object_id in rows}


def public_id_of(connection: sqlite3.Connection, contract: Contract, backup_key: int, number: int) -> int | str:
    """The id of a restore as clients see it."""
    object_id = None if contract is Contract.V2024 else of_backup(connection, backup_key, number, number).get(number)
    return public_id(contract, number, object_id)


def number_in_project(
    connection: sqlite3.Connection, contract: Contract, project_key: int, restore_id: str
) -> int | None:
    """The number of the restores in a project that clients call ``restore_id``, whether or not there are any."""
    if contract is Contract.V2026:
        rows = _NUMBER_IN_PROJECT.rows(connection, project_key=project_key, object_id=restore_id)
        if rows:
            return int(rows[0][0])
    return number_of(contract, restore_id)


def find_restore(
    connection: sqlite3.Connection, contract: Contract, backup_key: int, restore_id: str
) -> tuple[int, Timeline] | None:
    """The number and the timeline of the restore that clients call ``restore_id``; None if the backup has none."""
    number = number_of(contract, restore_id)
    if contract is Contract.V2026:
        rows = _NUMBER.rows(connection, backup_key=backup_key, object_id=restore_id)
        if rows:
            number = int(rows[0][0])
        elif number is not None and of_backup(connection, backup_key, number, number):
            return None  # it was given another one
    timeline = None if number is None else queries.restore(connection, backup_key, number)
    return None if number is None or timeline is None else (number, timeline)
