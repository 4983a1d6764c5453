"""Checks of what only one of the contracts has."""

from mockserver.check.checks.pages import same_ids
from mockserver.check.judging import Checks, Comparisons
from mockserver.check.record import Record
from mockserver.check.seen import at, form

CHECKS = Checks("versions")


@CHECKS.row("id", "list")
def _id(record: Record) -> Comparisons:
    for _, restore in record.restores():
        yield "24 hex digits", form(at(restore, "id"))


@CHECKS.row("source", "list", "source")
def _source(record: Record) -> Comparisons:
    yield from same_ids(record, "source:1", record.ids("list:1"))


CHECKS.statuses("source-path", {"source:project": 404, "source:addon": 404})


@CHECKS.row("source-2024", "list", "source-2024")
def _source_2024(record: Record) -> Comparisons:
    yield from same_ids(record, "source-2024:1", record.ids("list:1"))
