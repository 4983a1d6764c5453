"""What one row of the fidelity table says, and the sources that rows name."""

from dataclasses import dataclass
from enum import StrEnum

from mockserver.contract.versions import Contract


class Evidence(StrEnum):
    """How we know that the service behaves like this; the strongest evidence first."""

    DOCUMENTED = "documented"
    VERIFIED = "verified"
    OBSERVED = "observed"
    REPORTED = "reported"
    ASSUMED = "assumed"

    def row(
        self,
        row_id: str,
        behaviour: str,
        sources: tuple[str, ...] = (),
        *,
        check: str | None = None,
        emulator_only: str | None = None,
        contract: Contract | None = None,
    ) -> "Row":
        """A row with this evidence."""
        return Row(row_id, self, behaviour, sources, check, emulator_only, contract)


documented = Evidence.DOCUMENTED.row
observed = Evidence.OBSERVED.row
reported = Evidence.REPORTED.row
assumed = Evidence.ASSUMED.row

PAGE_OF_2024 = "Northflank API docs, List addon backup restores (2024)"
DOCS_OF_2026 = "Northflank API docs (2026)"
CLIENT_GUIDE = "Northflank guide to the JavaScript client"
JS_CLIENT = "@northflank/js-client 0.9.5 (npm)"
CLI = "@northflank/cli 0.9.24 (npm)"
TWO_REPORTS = "two public reports"
THREE_REPORTS = "three public reports"
ONE_REPORT = "one public report"
PYTHON_CLIENT = "northflank 2.1.0 (PyPI)"


@dataclass(frozen=True, slots=True)
class Row:
    """One behaviour.

    ``id`` is the area and a name, such as ``pages.cursor-wins``: it stays when the wording changes. ``sources`` are
    where the evidence comes from; only what is assumed may have none. ``check`` says how requests to a server decide
    whether it behaves like this; in its place, ``emulator_only`` is the reason why no request could. ``contract`` is
    the only contract that the row belongs to, if it does not belong to both.
    """

    id: str
    evidence: Evidence
    behaviour: str
    sources: tuple[str, ...] = ()
    check: str | None = None
    emulator_only: str | None = None
    contract: Contract | None = None

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]
