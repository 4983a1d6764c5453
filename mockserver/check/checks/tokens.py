"""Checks of tokens and permissions."""

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.record import Record
from mockserver.check.seen import at, either, error_id, number, permission, words

CHECKS = Checks("tokens")

_BAD = ("empty", "a space", "another scheme", "two headers")


@CHECKS.row("bearer", "list", "public")
def _bearer(record: Record) -> Comparisons:
    yield "200", number(record["list:1"].status)
    yield "401", number(record["public:list"].status)


@CHECKS.row("everywhere", "public")
def _everywhere(record: Record) -> Comparisons:
    for name in ("public:login", "public:unknown"):
        yield "401", number(record[name].status)


@CHECKS.row("malformed", "public", "bad-tokens")
def _malformed(record: Record) -> Comparisons:
    for name in ("public:list", *(f"bad-tokens:{form}" for form in _BAD)):
        yield "401", number(record[name].status)


@CHECKS.row("missing-permission", "weak")
def _missing_permission(record: Record) -> Comparisons:
    refused = record["weak:list"]
    yield "401 nf-missing-permission", words(number(refused.status), error_id(at(refused.error, "id")))
    says = "does not have permission" in str(at(refused.error, "message"))
    yield "the reported message", either(says, "the reported message", "another message")


@CHECKS.row("required-permission", "weak")
def _required_permission(record: Record) -> Comparisons:
    yield "ps_addons_general_read", permission(at(record["weak:list"].error, "details", "requiredPermission"))


@CHECKS.row("own-project", "restricted")
def _own_project(record: Record) -> Comparisons:
    yield "200", number(record["restricted:own"].status)
    yield "1", number(len(record.page("restricted:projects").items))
    yield "404", number(record["restricted:other"].status)
