"""Checks of error responses."""

from typing import Any

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.record import Record
from mockserver.check.seen import ABSENT, at, error_id, header, holds, keys, kind, listed, number, words

CHECKS = Checks("errors")

_IDS = {
    400: ("nf-invalid-query", "nf-invalid-request-body"),
    401: ("nf-unauthorized", "nf-missing-permission"),
    404: ("nf-not-found",),
    405: ("nf-method-not-allowed",),
    409: ("nf-conflict",),
    429: ("nf-rate-limited",),
}


@CHECKS.row("body", "ids", "page-range", "public")
def _body(record: Record) -> Comparisons:
    for exchange in record.errors():
        yield "error", keys(exchange.json)
        expected = (
            "status, message, id, details" if at(exchange.error, "details") is not ABSENT else "status, message, id"
        )
        yield expected, keys(exchange.error)
        kinds = [kind(at(exchange.error, name)) for name in ("status", "message", "id")]
        yield "integer, string, string", listed(kinds)
        yield holds(at(exchange.error, "status") == exchange.status, "the status of the response", "another status")


@CHECKS.row("json", "ids", "page-range", "public")
def _json(record: Record) -> Comparisons:
    for exchange in record.errors():
        seen = header("content-type", exchange.header("content-type"))
        yield seen if seen.partition(";")[0] == "application/json" else "application/json", seen


@CHECKS.row("details", "ids", "page-range", "public")
def _details(record: Record) -> Comparisons:
    for exchange in record.errors():
        details = at(exchange.error, "details")
        if isinstance(exchange.error, dict) and details is not ABSENT:
            yield "object", kind(details)
            yield holds(details, "not empty", "empty")
        elif isinstance(exchange.error, dict):
            yield "absent", kind(details)


@CHECKS.row("id", "ids", "page-range", "public", "method")
def _id(record: Record) -> Comparisons:
    for exchange in record.errors():
        seen = error_id(at(exchange.error, "id"))
        yield seen if seen.startswith("nf-") else "nf- and words", seen
    missing = [record["ids:project"], record["ids:backup"]]
    if all(exchange.status == 404 for exchange in missing):
        same = at(missing[0].error, "id") == at(missing[1].error, "id")
        yield holds(same, "the same for each 404", "another for each 404")


@CHECKS.row("ids", "ids", "page-range", "public", "method")
def _ids(record: Record) -> Comparisons:
    for exchange in record.errors():
        if exchange.status in _IDS:
            seen = error_id(at(exchange.error, "id"))
            yield seen if seen in _IDS[exchange.status] else " or ".join(_IDS[exchange.status]), seen


@CHECKS.row("invalid-body-id", "bad-body")
def _invalid_body_id(record: Record) -> Comparisons:
    rejected = record["bad-body:no field"]
    yield "400 nf-invalid-request-body", words(number(rejected.status), error_id(at(rejected.error, "id")))


@CHECKS.row("invalid-body-message", "bad-body")
def _invalid_body_message(record: Record) -> Comparisons:
    same = at(record["bad-body:no field"].error, "message") == "Request failed payload validation - see details"
    yield holds(same, "the reported message", "another message")


@CHECKS.row("invalid-body-details", "bad-body")
def _invalid_body_details(record: Record) -> Comparisons:
    yield from _list_of_strings(at(record["bad-body:no field"].error, "details", "restoreId"))


@CHECKS.row("invalid-query-details", "per-page-form")
def _invalid_query_details(record: Record) -> Comparisons:
    yield from _list_of_strings(at(record["per-page-form:0"].error, "details", "per_page"))


def _list_of_strings(value: Any) -> Comparisons:
    yield "array", kind(value)
    yield "string", listed(dict.fromkeys(map(kind, value)))


@CHECKS.row("request-id", "list", "ids", "public")
def _request_id(record: Record) -> Comparisons:
    ids = set()
    for exchange in record.responses():
        value = exchange.header("x-request-id")
        yield holds(value and value not in ids, "another for each response", "absent or repeated")
        ids.add(value)


@CHECKS.row("precedence", "precedence", optional=("weak",))
def _precedence(record: Record) -> Comparisons:
    yield "400", number(record["precedence:400 and 404"].status)
    yield "401", number(record["precedence:401 and 400 and 404"].status)
    if record.find("weak:400 and 401"):
        yield "401", number(record["weak:400 and 401"].status)


CHECKS.statuses("method-precedence", {"method:404": 405, "method:401": 401})


@CHECKS.row("allow", "method")
def _allow(record: Record) -> Comparisons:
    yield "405", number(record["method:1"].status)
    yield "POST", header("allow", record["method:1"].header("allow"))


@CHECKS.row("challenge", "public")
def _challenge(record: Record) -> Comparisons:
    for exchange in record.errors():
        if exchange.status == 401:
            yield "Bearer", header("www-authenticate", exchange.header("www-authenticate"))


@CHECKS.row("not-found", "ids")
def _not_found(record: Record) -> Comparisons:
    for name in ("project", "addon", "backup", "route"):
        exchange = record[f"ids:{name}"]
        yield "404", number(exchange.status)
        message = at(exchange.error, "message")
        named = isinstance(message, str) and name in message.lower()
        yield holds(named, "a message that says what", "a message that does not say what")


CHECKS.statuses("trailing-slash", {"trailing-slash:1": 404})
CHECKS.statuses("encoded-slash", {"encoded-slash:1": 404})


@CHECKS.row("upgrade", "list", "upgrade")
def _upgrade(record: Record) -> Comparisons:
    yield "200", number(record["upgrade:1"].status)
    yield holds(record.page("upgrade:1").ids == record.ids("list:1"), "the same ids", "other ids")
