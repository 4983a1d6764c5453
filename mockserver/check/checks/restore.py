"""Checks of each restore in a list."""

from collections.abc import Iterator

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.openapi import document_of
from mockserver.check.record import Record
from mockserver.check.seen import ABSENT, at, either, form, holds, kind, known, phrase, words
from mockserver.check.undecided import Reason, UndecidedError
from mockserver.contract.lifecycle import FINAL_STATUSES, Status

CHECKS = Checks("restore")

_STATUSES = {str(status) for status in Status}
_FOLLOWING = {
    Status.SCHEDULED: set(Status) - {Status.SCHEDULED, Status.NOT_SUPPORTED},
    Status.IN_PROGRESS: {Status.COMPLETED, Status.FAILED, Status.ABORTING, Status.ABORTED},
    Status.ABORTING: {Status.ABORTED},
    **{final: set[Status]() for final in FINAL_STATUSES},
}
"""The statuses that may come after each."""


@CHECKS.row("id", "list")
def _id(record: Record) -> Comparisons:
    for _, restore in record.restores():
        yield "integer", form(at(restore, "id"))


@CHECKS.row("unique-id", "list", "walk")
def _unique_id(record: Record) -> Comparisons:
    for _, page in record.pages():
        if len(page.ids) > 1:
            yield holds(len(set(map(str, page.ids))) == len(page.ids), "unique", "repeated")


@CHECKS.row("timestamp", "list")
def _timestamp(record: Record) -> Comparisons:
    for _, restore in record.restores():
        yield "ms timestamp", form(at(restore, "restoreTimestamp"))


@CHECKS.row("status", "list", optional=("document",))
def _status(record: Record) -> Comparisons:
    document = document_of(record)
    values = at(document.restore("status"), "enum") if document else ABSENT
    if isinstance(values, list):
        same = sorted(map(str, values)) == sorted(Status)
        yield holds(same, "the seven statuses in the OpenAPI document", "others in the OpenAPI document")
    for _, restore in record.restores():
        seen = known(at(restore, "status"), Status)
        yield seen if seen in _STATUSES else "one of the seven statuses", seen


@CHECKS.row("forward", "watch|life", optional=("restores",))
def _forward(record: Record) -> Comparisons:
    for before, after in _changes(record):
        step = words(known(before, Status), phrase("to"), known(after, Status))
        allowed = before in set(Status) and after in _FOLLOWING[Status(before)]
        yield step if allowed else "forward", step


@CHECKS.row("completed-at", "list", optional=("document",))
def _completed_at(record: Record) -> Comparisons:
    document = document_of(record)
    if document and document.restore("completedAt") is not ABSENT:
        yield holds(not document.requires("completedAt"), "optional", "required in the OpenAPI document")
    for _, restore in record.restores():
        if restore.get("completedAt") is not None:
            yield "ms timestamp", form(restore["completedAt"])


@CHECKS.row("completed-at-absent", "list")
def _completed_at_absent(record: Record) -> Comparisons:
    compared: set[bool] = set()
    for _, restore in record.restores():
        completed = at(restore, "status") == Status.COMPLETED
        compared.add(completed)
        status = either(completed, "completed:", "another status:")
        yield f"{status} {'string' if completed else 'absent'}", words(status, kind(at(restore, "completedAt")))
    if len(compared) < 2:
        raise UndecidedError(Reason.NEEDS_DATA)


def _changes(record: Record) -> Iterator[tuple[str, str]]:
    """Each change of a restore's status from one response to a later one."""
    last: dict[tuple[str, str], str] = {}
    for exchange, restore in record.restores():
        key = exchange.template.partition("?")[0], str(at(restore, "id"))
        status = str(at(restore, "status"))
        if last.get(key, status) != status:
            yield last[key], status
        last[key] = status
