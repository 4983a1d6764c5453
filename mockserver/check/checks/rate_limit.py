"""Checks of the rate limit."""

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.record import Record
from mockserver.check.requests import Exchange, Token
from mockserver.check.seen import Seen, form, header, holds, listed
from mockserver.check.undecided import Reason, UndecidedError
from mockserver.rate_limit import REQUESTS_PER_WINDOW, WINDOW_SECONDS

CHECKS = Checks("rate-limit")

_NAMES = ("limit", "remaining", "reset")
_PRESENT = "digits, digits, digits"


def _number(exchange: Exchange, name: str) -> int:
    value = exchange.whole_number(f"x-ratelimit-{name}")
    if value is None:
        raise UndecidedError(Reason.NEEDS_DATA)
    return value


def _forms(exchange: Exchange) -> Seen:
    """The forms of the values of all three headers."""
    return listed(form(exchange.header(f"x-ratelimit-{name}")) for name in _NAMES)


@CHECKS.row("limit", "list")
def _limit(record: Record) -> Comparisons:
    yield str(REQUESTS_PER_WINDOW), header("x-ratelimit-limit", record["list:1"].header("x-ratelimit-limit"))
    within = _number(record["list:1"], "reset") <= WINDOW_SECONDS
    yield holds(within, "a reset within the hour", "a later reset")


@CHECKS.row("window", "window")
def _window(record: Record) -> Comparisons:
    main, new = record["window:main"], record["window:new"]
    whole = _number(new, "reset") == WINDOW_SECONDS and _number(new, "remaining") == REQUESTS_PER_WINDOW - 1
    yield holds(whole, "a window of its own", "a shared or shorter window")
    less = _number(main, "remaining") < REQUESTS_PER_WINDOW - 1
    yield holds(less, "fewer for the other token", "as many for the other token")


@CHECKS.row("headers", "list")
def _headers(record: Record) -> Comparisons:
    for exchange in record.responses():
        if exchange.status == 200 and exchange.token is Token.MAIN:
            yield _PRESENT, _forms(exchange)
    used = _number(record["list:1"], "remaining") - _number(record["list:2"], "remaining")
    yield holds(used >= 1, "fewer remain", "as many remain")


@CHECKS.row("every-response", "list", "public", "ids")
def _every_response(record: Record) -> Comparisons:
    for exchange in record.responses():
        yield _PRESENT, _forms(exchange)


@CHECKS.row("unused", "list", "public")
def _unused(record: Record) -> Comparisons:
    for name in ("public:health", "public:list"):
        exchange = record[name]
        unused = _number(exchange, "remaining") == _number(exchange, "limit")
        yield holds(unused, "unused", "used")
    used = _number(record["list:all"], "remaining") - _number(record["public:after"], "remaining")
    yield holds(used < 4, "requests without a token count for none", "requests without a token count")


@CHECKS.row("retry-after", "limited")
def _retry_after(record: Record) -> Comparisons:
    for exchange in record.responses():
        if exchange.status == 429:
            yield "digits", form(exchange.header("retry-after"))
