"""Counts restores by status, as of any instant, without reading each of them.

The statuses are those of ``contract/lifecycle.py``, whose rules are repeated here for SQLite to apply.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, literal_column, or_, union_all
from sqlmodel import bindparam, col, select

from mockserver.contract.lifecycle import Outcome, Status
from mockserver.store.queries import OUTCOMES, Query
from mockserver.store.tables import Addon, Backup, Restore

MAX_BINS = 300
"""Into how many parts the time from the oldest to the newest restore is divided at most."""

_STATUSES = tuple(Status)
_STARTS, _ENDS, _OUTCOME, _ABORTED = (
    col(Restore.starts_at),
    col(Restore.ends_at),
    col(Restore.outcome),
    col(Restore.abort_requested_at),
)


@dataclass(frozen=True, slots=True)
class Bin:
    """The restores whose ids are instants from ``since`` until just before ``until``, counted by status."""

    since: int
    until: int
    statuses: dict[Status, int]


def bins(connection: sqlite3.Connection, backup_key: int, instant: int) -> list[Bin]:
    """The restores of a backup by time and by their status at ``instant``; only bins that have any, oldest first."""
    ((oldest, newest),) = _ENDS_OF_LIST.rows(connection, backup_key=backup_key)
    if oldest is None:
        return []
    width = -(-(newest + 1 - oldest) // MAX_BINS)
    by_number: dict[int, Bin] = {}
    for number, status, count in _BINS.rows(connection, backup_key=backup_key, at=instant, oldest=oldest, width=width):
        since = oldest + number * width
        one = by_number.setdefault(number, Bin(since, since + width, {}))
        one.statuses[_STATUSES[status]] = count
    return list(by_number.values())


def count_by_status(connection: sqlite3.Connection, project_key: int, instant: int) -> dict[Status, int]:
    """How many restores of all backups of a project are in each status at ``instant``."""
    counts = dict.fromkeys(Status, 0)
    for status, count in _COUNTS.rows(connection, project_key=project_key, at=instant):
        counts[_STATUSES[status]] = count
    return counts


def next_change(connection: sqlite3.Connection, backup_key: int, instant: int) -> int | None:
    """The first instant after ``instant`` at which the status of a restore of the backup changes."""
    ((changes_at,),) = _NEXT_CHANGE.rows(connection, backup_key=backup_key, at=instant)
    return None if changes_at is None else int(changes_at)


def _number(value: int) -> Any:
    return literal_column(str(value))


def _status(status: Status) -> Any:
    return _number(_STATUSES.index(status))


def _has(outcome: Outcome) -> Any:
    return _OUTCOME.op("=")(_number(OUTCOMES.index(outcome)))


def _status_after(elapsed: Any) -> Any:
    """The index of a row's status ``elapsed`` milliseconds after its id; a row's instants count from its id too."""
    aborts = and_(_ABORTED.is_not(None), or_(_OUTCOME.is_(None), _ENDS.is_(None), _ABORTED < _ENDS))
    has_ended = and_(_OUTCOME.is_not(None), elapsed >= _ENDS)
    return case(
        (_has(Outcome.NOT_SUPPORTED), _status(Status.NOT_SUPPORTED)),
        (and_(has_ended, aborts), _status(Status.ABORTED)),
        (and_(has_ended, _has(Outcome.COMPLETED)), _status(Status.COMPLETED)),
        (and_(has_ended, _has(Outcome.FAILED)), _status(Status.FAILED)),
        (has_ended, _status(Status.ABORTED)),
        (and_(aborts, elapsed >= _ABORTED), _status(Status.ABORTING)),
        (elapsed >= _STARTS, _status(Status.IN_PROGRESS)),
        else_=_status(Status.SCHEDULED),
    )


_ELAPSED: Any = bindparam("at") - col(Restore.id)
_STATUS = _status_after(_ELAPSED)
_ENDS_OF_LIST = Query(
    select(
        select(func.min(Restore.id)).where(col(Restore.backup_key) == bindparam("backup_key")).scalar_subquery(),
        select(func.max(Restore.id)).where(col(Restore.backup_key) == bindparam("backup_key")).scalar_subquery(),
    )
)
_BINS = Query(
    select(
        (col(Restore.id) - bindparam("oldest")).self_group().op("/")(bindparam("width")).label("bin_number"),
        _STATUS.label("status_now"),
        func.count(),
    )
    .where(col(Restore.backup_key) == bindparam("backup_key"))
    .group_by(literal_column("bin_number"), literal_column("status_now"))
)
_COUNTS = Query(
    select(_STATUS.label("status_now"), func.count())
    .select_from(Addon)
    .join(Backup, col(Backup.addon_key) == col(Addon.key))
    .join(Restore, col(Restore.backup_key) == col(Backup.key))
    .where(col(Addon.project_key) == bindparam("project_key"))
    .group_by(literal_column("status_now"))
)


def _changes_at(moment: Any) -> Any:
    """The instants of the rows' ``moment`` that are later and change the row's status."""
    return select((col(Restore.id) + moment).label("changes_at")).where(
        col(Restore.backup_key) == bindparam("backup_key"), moment > _ELAPSED, _status_after(moment) != _STATUS
    )


_NEXT_CHANGE = Query(
    select(func.min(literal_column("changes_at"))).select_from(
        union_all(*map(_changes_at, (_STARTS, _ENDS, _ABORTED))).subquery()
    )
)
