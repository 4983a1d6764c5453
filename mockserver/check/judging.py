"""What it means to judge a row: its check compares what it expects with what was seen, one comparison at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mockserver.check.record import Record
from mockserver.check.seen import Seen, number
from mockserver.check.undecided import Reason, UndecidedError

Comparisons = Iterator[tuple[str, Seen]]
"""Pairs of what is expected and what was seen, in the same words; they agree if they are equal."""


class Result(StrEnum):
    """The result for a row."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    CHECK_ERROR = "check-error"


@dataclass(frozen=True)
class Check:
    """How one row is decided: from the responses of these probes.

    A probe's name may be several with bars between them: one of them is enough. ``optional`` ones add to it.
    """

    row: str
    probes: tuple[str, ...]
    compare: Callable[[Record], Comparisons]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The result for one row. ``expected`` and ``seen`` are of the comparison that differs, else of the last one."""

    row: str
    result: Result
    reason: Reason | None = None
    expected: str | None = None
    seen: Seen | None = None
    requests: tuple[int, ...] = ()


class Checks:
    """Collects the checks of one area."""

    def __init__(self, area: str) -> None:
        self.area = area
        self.all: list[Check] = []

    def row(
        self, name: str, *probes: str, optional: tuple[str, ...] = ()
    ) -> Callable[[Callable[[Record], Comparisons]], None]:
        """Registers a function as the check of the area's row ``name``, which needs these probes."""

        def register(compare: Callable[[Record], Comparisons]) -> None:
            self.all.append(Check(f"{self.area}.{name}", probes, compare, optional))

        return register

    def statuses(self, name: str, expected: Mapping[str, int]) -> None:
        """Registers a check of the row ``name``: that exchanges, which are named after their probes, have statuses."""

        def compare(record: Record) -> Comparisons:
            for exchange, status in expected.items():
                yield str(status), number(record[exchange].status)

        self.row(name, *dict.fromkeys(exchange.partition(":")[0] for exchange in expected))(compare)


def judge(check: Check, record: Record) -> Finding:
    """The result for a row. A check that fails is a bug of ours, and no difference."""
    view = record.view()
    expected: str | None = None
    seen: Seen | None = None
    try:
        for expected, seen in check.compare(view):
            if expected != seen:
                return Finding(check.row, Result.DIFFERS, None, expected, seen, view.last_used())
    except UndecidedError as reason:
        return Finding(check.row, Result.UNDECIDED, reason.reason)
    except Exception:  # noqa: BLE001 - whatever a server sent, it is not the server's fault
        return Finding(check.row, Result.CHECK_ERROR, None, None, None, view.used())
    if seen is None:
        return Finding(check.row, Result.UNDECIDED, Reason.NEEDS_DATA)
    return Finding(check.row, Result.AGREES, None, expected, seen, view.used())
