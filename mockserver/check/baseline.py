"""Known differences: those of an earlier JSON report."""

import json
from dataclasses import dataclass
from pathlib import Path

from mockserver.check.judging import Result
from mockserver.check.report import SCHEMA
from mockserver.check.run import Outcome
from mockserver.check.seen import at
from mockserver.errors import UsageError


@dataclass(frozen=True)
class Baseline:
    """What was seen of each row that differs, by the row's id."""

    seen: dict[str, object]

    def knows(self, outcome: Outcome, row: str) -> bool:
        """Whether the row differs as it did before."""
        return row in self.seen and self.seen[row] == outcome.findings[row].seen

    def outdated(self, outcome: Outcome) -> list[str]:
        """The rows that no longer differ."""
        return [row for row in self.seen if row in outcome.findings and outcome.findings[row].result is Result.AGREES]


def read_baseline(path: Path | None) -> Baseline:
    """The baseline in a JSON report; empty without a path. Raises UsageError if it is not a report."""
    if path is None:
        return Baseline({})
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as failure:
        raise UsageError(f"cannot read the baseline {path}: {failure.strerror}") from None
    except (ValueError, RecursionError):
        report = None
    rows = at(report, "rows")
    if at(report, "schema") != SCHEMA or not isinstance(rows, list):
        raise UsageError(f"the baseline {path} is not a JSON report of mockserver check ({SCHEMA})")
    return Baseline({str(at(row, "id")): at(row, "seen") for row in rows if at(row, "result") == Result.DIFFERS})
