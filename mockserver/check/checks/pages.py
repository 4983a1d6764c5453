"""Checks of pagination."""

import re

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.openapi import document_of
from mockserver.check.record import Record
from mockserver.check.seen import ABSENT, Seen, at, either, form, holds, kind, number, words, yes_no
from mockserver.check.undecided import Reason, UndecidedError
from mockserver.contract.pagination import PER_PAGE_DEFAULT, PER_PAGE_MAX

CHECKS = Checks("pages")

_ALPHABET = re.compile("[A-Za-z0-9_-]+")


def same_ids(record: Record, name: str, expected: list[object]) -> Comparisons:
    """The response is a 200 with these ids."""
    yield "200", number(record[name].status)
    yield holds(record.page(name).ids == expected, "the expected ids", "other ids")


def _described(record: Record, name: str) -> Comparisons:
    """The service's OpenAPI document, if it was received, has this parameter."""
    document = document_of(record)
    if document and document.operation is not ABSENT:
        yield holds(document.parameter(name) is not ABSENT, "a described parameter", "not in the OpenAPI document")


@CHECKS.row("per-page", "list", "per-page", optional=("document",))
def _per_page(record: Record) -> Comparisons:
    yield "400", number(record["per-page:too-many"].status)
    yield from _described(record, "per_page")
    document = document_of(record)
    maximum = at(document.parameter("per_page"), "maximum") if document else ABSENT
    if maximum is not ABSENT:
        yield holds(maximum == PER_PAGE_MAX, "a maximum of 100", "another maximum")
    yield from same_ids(record, "per-page:two", record.ids("list:1", least=2)[:2])


@CHECKS.row("per-page-default", "list")
def _per_page_default(record: Record) -> Comparisons:
    page = record.page("list:1")
    if not page.has_next and len(page.items) <= PER_PAGE_DEFAULT:
        raise UndecidedError(Reason.NEEDS_DATA)
    yield str(PER_PAGE_DEFAULT), number(len(page.items))


_NOT_PER_PAGE = ("0", "-1", "1.5", "a sign", "a space", "letters", "other digits")
CHECKS.statuses("per-page-form", {f"per-page-form:{name}": 400 for name in _NOT_PER_PAGE})


@CHECKS.row("page", "list", "numbers", optional=("document",))
def _page(record: Record) -> Comparisons:
    yield from _described(record, "page")
    ids = record.ids("list:1", least=2)
    yield from same_ids(record, "numbers:1", ids[:1])
    yield from same_ids(record, "numbers:2", ids[1:2])


_NOT_PAGES = ("0", "-1", "1.5", "letters", "too-large")
CHECKS.statuses("page-range", {f"page-range:{name}": 400 for name in _NOT_PAGES} | {"page-range:largest": 200})


@CHECKS.row("leading-zeros", "list", "zeros")
def _leading_zeros(record: Record) -> Comparisons:
    ids = record.ids("list:1")[:2]
    yield from same_ids(record, "zeros:per_page", ids)
    yield from same_ids(record, "zeros:page", ids)


@CHECKS.row("past-end", "numbers")
def _past_end(record: Record) -> Comparisons:
    for name in ("numbers:past", "numbers:far"):
        if name == "numbers:far" or record.find(name):
            yield "200", number(record[name].status)
            page = record.page(name)
            facts = number(len(page.items)), kind(at(page.pagination, "hasNextPage")), yes_no(page.has_next)
            yield "0 boolean no", words(*facts)


@CHECKS.row("cursor", "list", "walk", optional=("document",))
def _cursor(record: Record) -> Comparisons:
    yield from _described(record, "cursor")
    ids = record.ids("list:1", least=2)
    yield "string", kind(record.page("walk:1").cursor)
    yield from same_ids(record, "walk:2", ids[1:2])


@CHECKS.row("cursor-wins", "walk", "cursor")
def _cursor_wins(record: Record) -> Comparisons:
    yield from same_ids(record, "cursor:page", record.ids("walk:2"))


CHECKS.statuses("bad-page-beside-cursor", {"cursor:bad page": 400, "cursor:bad per_page": 400})


@CHECKS.row("cursor-alphabet", "list", "walk")
def _cursor_alphabet(record: Record) -> Comparisons:
    for _, page in record.pages():
        if isinstance(page.cursor, str) and page.cursor:
            seen = form(page.cursor)
            yield seen if _ALPHABET.fullmatch(page.cursor) else "letters, digits, - or _", seen


@CHECKS.row("cursor-is-position", "restores")
def _cursor_is_position(record: Record) -> Comparisons:
    before = record.ids("restores:next before")
    yield "200", number(record["restores:start"].status)
    yield from same_ids(record, "restores:next after", before)


@CHECKS.row("cursor-of-list", "walk", "cursor", optional=("foreign",))
def _cursor_of_list(record: Record) -> Comparisons:
    yield "400", number(record["cursor:invented"].status)
    yield "400", number(record["cursor:altered"].status)
    if record.find("foreign:2"):
        yield "400", number(record["foreign:2"].status)


@CHECKS.row("cursor-stable", "walk", "cursor", "late")
def _cursor_stable(record: Record) -> Comparisons:
    cursor = record.page("walk:2").cursor
    if not isinstance(cursor, str):
        raise UndecidedError(Reason.NEEDS_DATA)
    yield holds(record.page("cursor:again").cursor == cursor, "the same cursor", "another cursor")
    yield from same_ids(record, "late:1", record.ids("walk:2"))


@CHECKS.row("per-page-may-change", "list", "walk", "cursor")
def _per_page_may_change(record: Record) -> Comparisons:
    yield from same_ids(record, "cursor:two", record.ids("list:1", least=3)[1:3])


@CHECKS.row("numbered-page-cursor", "list", "numbers")
def _numbered_page_cursor(record: Record) -> Comparisons:
    ids = record.ids("list:1", least=3)
    yield "200 string", words(number(record["numbers:2"].status), kind(record.page("numbers:2").cursor))
    yield from same_ids(record, "numbers:after", ids[2:3])


@CHECKS.row("has-next-page", "list")
def _has_next_page(record: Record) -> Comparisons:
    for _, page in record.pages():
        yield "boolean", kind(at(page.pagination, "hasNextPage"))


@CHECKS.row("full-last-page", "numbers")
def _full_last_page(record: Record) -> Comparisons:
    page = record.page("numbers:full")
    yield "no", yes_no(page.has_next)


@CHECKS.row("cursor-absent", "list", "walk", "numbers")
def _cursor_absent(record: Record) -> Comparisons:
    compared: set[bool] = set()
    for _, page in record.pages():
        has_next = at(page.pagination, "hasNextPage")
        if isinstance(has_next, bool):
            compared.add(has_next)
            where = either(has_next, "before another page:", "on the last page:")
            yield f"{where} {'a string' if has_next else 'absent'}", words(where, _cursor_form(page.cursor))
    if len(compared) < 2:
        raise UndecidedError(Reason.NEEDS_DATA)


def _cursor_form(cursor: object) -> Seen:
    return either(cursor, "a string", "an empty string") if isinstance(cursor, str) else kind(cursor)


@CHECKS.row("count", "list")
def _count(record: Record) -> Comparisons:
    for _, page in record.pages():
        count = at(page.pagination, "count")
        if isinstance(count, int):
            yield holds(count == len(page.items), "the number of restores", "another number")
        else:
            yield "the number of restores", kind(count)


CHECKS.statuses("repeated-parameter", {"repeated:1": 400})
CHECKS.statuses("empty-parameter", {"empties:per_page": 400, "empties:page": 400, "empties:cursor": 400})


@CHECKS.row("unknown-parameter", "list", "unknown")
def _unknown_parameter(record: Record) -> Comparisons:
    yield from same_ids(record, "unknown:1", record.ids("list:1"))
