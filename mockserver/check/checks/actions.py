"""Checks of the operations that start and abort restores."""

from typing import Any

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.record import Record
from mockserver.check.seen import Seen, at, holds, keys, kind, known, listed, number, words
from mockserver.check.undecided import Reason, UndecidedError
from mockserver.contract.lifecycle import Status

CHECKS = Checks("actions")


@CHECKS.row("restore", "restores")
def _restore(record: Record) -> Comparisons:
    started = record["restores:start"]
    yield "200", number(started.status)
    yield "restoreId", keys(at(started.json, "data"))
    yield "string", kind(at(started.json, "data", "restoreId"))
    ids = [str(one) for one in record.page("restores:list").ids]
    yield holds(at(started.json, "data", "restoreId") in ids, "listed", "not listed")


@CHECKS.row("abort", "restores")
def _abort(record: Record) -> Comparisons:
    aborted = record["restores:abort"]
    yield "200", number(aborted.status)
    yield "data", keys(aborted.json)
    yield "none", keys(at(aborted.json, "data"))
    status = _status(record, "restores:aborted", record["restores:start"].json)
    yield status if status == str(Status.ABORTED) else str(Status.ABORTING), status


@CHECKS.row("permission", "weak-writes")
def _permission(record: Record) -> Comparisons:
    for name in ("weak-writes:restore", "weak-writes:abort"):
        yield holds(record[name].status in {401, 403}, "refused", "not refused")


CHECKS.statuses("no-body", {"restores:start": 200})


@CHECKS.row("life", "life")
def _life(record: Record) -> Comparisons:
    one, another = record["life:start"].json, record["life:start another"].json
    both = (_status(record, "life:0", one), _status(record, "life:0", another))
    yield "scheduled, scheduled", listed(both)
    both = (_status(record, "life:5", one), _status(record, "life:5", another))
    yield "in-progress, in-progress", listed(both)
    later = (_status(record, "life:64", one), _status(record, "life:65", one))
    yield "in-progress, completed", listed(later)


@CHECKS.row("aborting", "life")
def _aborting(record: Record) -> Comparisons:
    aborted = record["life:start another"].json
    names = ("life:aborting", "life:14", "life:15")
    yield "aborting, aborting, aborted", listed(_status(record, name, aborted) for name in names)


CHECKS.statuses("abort-again", {"restores:abort again": 200})
CHECKS.statuses("abort-ended", {"restores:abort ended": 409})
CHECKS.statuses("abort-unknown", {"restores:abort unknown": 404})


@CHECKS.row("unknown-field", "bad-body")
def _unknown_field(record: Record) -> Comparisons:
    statuses = words(number(record["bad-body:no field"].status), number(record["bad-body:another field"].status))
    yield "400 400", statuses


def _status(record: Record, name: str, started: Any) -> Seen:
    """The status in that list of the restore that was started."""
    restore_id = at(started, "data", "restoreId")
    if not isinstance(restore_id, str):
        raise UndecidedError(Reason.NOT_REACHED)
    restore = next((one for one in record.page(name).items if str(at(one, "id")) == restore_id), None)
    return known(at(restore, "status"), Status)
