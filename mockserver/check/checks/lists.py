"""Checks of the list of a backup's restores."""

import json

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.openapi import document_of
from mockserver.check.record import Record
from mockserver.check.seen import ABSENT, at, holds, keys, kind, number, order, words
from mockserver.contract.versions import RESTORE_KEYS

CHECKS = Checks("list")

PAGINATION_KEYS = ("hasNextPage", "cursor", "count")


@CHECKS.row("path", "list", optional=("document",))
def _path(record: Record) -> Comparisons:
    yield "200 object", words(number(record["list:1"].status), kind(record["list:1"].json))
    document = document_of(record)
    if document is not None:
        yield holds(document.operation is not ABSENT, "in the OpenAPI document", "not in the OpenAPI document")


@CHECKS.row("permission", "weak")
def _permission(record: Record) -> Comparisons:
    yield holds(record["weak:list"].status in {401, 403}, "refused", "not refused")


@CHECKS.row("teams", "list", "team")
def _teams(record: Record) -> Comparisons:
    expected = record.ids("list:1")
    yield "200", number(record["team:1"].status)
    yield holds(record.page("team:1").ids == expected, "the same ids", "other ids")


CHECKS.statuses("any-team", {"any-team:1": 200})


@CHECKS.row("array", "list")
def _array(record: Record) -> Comparisons:
    for exchange, _ in record.pages():
        yield "array", kind(at(exchange.json, "data", "restores"))


@CHECKS.row("empty", "empty")
def _empty(record: Record) -> Comparisons:
    exchange = record["empty:list"]
    yield "200 array", words(number(exchange.status), kind(at(exchange.json, "data", "restores")))
    yield "0", number(len(record.page("empty:list").items))


@CHECKS.row("order", "list", "walk")
def _order(record: Record) -> Comparisons:
    for _, page in record.pages():
        if len(page.ids) > 1:
            yield "descending", order(page.ids)
    if record.find("walk:2"):
        pages = [name for name in ("walk:1", "walk:2", "walk:3") if record.find(name)]
        yield "descending", order([one for name in pages for one in record.ids(name)])


@CHECKS.row("keys", "list")
def _keys(record: Record) -> Comparisons:
    for exchange, _ in record.pages():
        yield "data, pagination", keys(exchange.json)
        yield "restores", keys(at(exchange.json, "data"))
        pagination = at(exchange.json, "pagination")
        yield _in_order(PAGINATION_KEYS, pagination), keys(pagination)
    for _, restore in record.restores():
        yield _in_order(RESTORE_KEYS[record.contract], restore), keys(restore)


@CHECKS.row("compact", "list")
def _compact(record: Record) -> Comparisons:
    for exchange, _ in record.pages():
        compact = json.dumps(exchange.json, separators=(",", ":"), ensure_ascii=False)
        yield holds(exchange.content == compact.encode(errors="replace"), "compact", "with white space or escapes")


@CHECKS.row("head", "list", "head")
def _head(record: Record) -> Comparisons:
    get, head = record["list:1"], record["head:1"]
    yield "200", number(head.status)
    same_type = head.header("content-type") == get.header("content-type")
    yield holds(same_type, "the content-type of GET", "another content-type")
    same_length = head.header("content-length") == str(len(get.content))
    yield holds(same_length, "the content-length of GET", "another content-length")


def _in_order(names: tuple[str, ...], value: object) -> str:
    """The keys that the object may have, those that it has, in the contract's order."""
    return ", ".join(name for name in names if isinstance(value, dict) and name in value)
