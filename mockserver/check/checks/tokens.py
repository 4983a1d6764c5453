"""Checks of tokens and permissions."""

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.record import Record
from mockserver.check.seen import at, error_id, holds, number, permission, words

CHECKS = Checks("tokens")

CHECKS.statuses("bearer", {"list:1": 200, "public:list": 401})
CHECKS.statuses("everywhere", {"public:login": 401, "public:unknown": 401})
CHECKS.statuses(
    "malformed",
    {
        "public:list": 401,
        "bad-tokens:empty": 401,
        "bad-tokens:a space": 401,
        "bad-tokens:another scheme": 401,
        "bad-tokens:two headers": 401,
    },
)


@CHECKS.row("missing-permission", "weak")
def _missing_permission(record: Record) -> Comparisons:
    refused = record["weak:list"]
    yield "401 nf-missing-permission", words(number(refused.status), error_id(at(refused.error, "id")))
    says = "does not have permission" in str(at(refused.error, "message"))
    yield holds(says, "the reported message", "another message")


@CHECKS.row("required-permission", "weak")
def _required_permission(record: Record) -> Comparisons:
    yield "ps_addons_general_read", permission(at(record["weak:list"].error, "details", "requiredPermission"))


@CHECKS.row("own-project", "restricted")
def _own_project(record: Record) -> Comparisons:
    yield "200", number(record["restricted:own"].status)
    yield "1", number(len(record.page("restricted:projects").items))
    yield "404", number(record["restricted:other"].status)
