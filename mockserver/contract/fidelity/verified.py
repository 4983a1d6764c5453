"""The rows that reports of `mockserver check` confirmed; `make fidelity-reports` writes this."""

from dataclasses import replace

from mockserver.contract.fidelity.row import Evidence, Row

VERIFIED: dict[str, tuple[str, int]] = {}
"""By the id of the row: the date of the newest report, and the number of reports."""


def with_reports(row: Row) -> Row:
    """The row with the reports that confirmed it as a source, and as its evidence unless that is stronger."""
    if row.id not in VERIFIED:
        return row
    date, number = VERIFIED[row.id]
    sources = (*row.sources, f"verified by {number} report{'s' if number > 1 else ''}, the newest of {date}")
    documented = row.evidence is Evidence.DOCUMENTED
    return replace(row, sources=sources, evidence=row.evidence if documented else Evidence.VERIFIED)
