"""Every behaviour of the emulator, with the evidence for it; `make docs` writes docs/fidelity.md from this."""

from mockserver.contract.fidelity import (
    actions,
    errors,
    faults,
    lists,
    operations,
    pages,
    rate_limit,
    restore,
    tokens,
    versions,
)
from mockserver.contract.fidelity.row import Evidence, Row
from mockserver.contract.fidelity.verified import with_reports

__all__ = ["AREAS", "FIDELITY", "Evidence", "Row"]

AREAS = {
    "list": "List addon backup restores",
    "restore": "A restore",
    "pages": "Pages",
    "errors": "Errors",
    "tokens": "Tokens",
    "rate-limit": "Rate limit",
    "operations": "Other operations",
    "actions": "Restoring and aborting",
    "versions": "The contract of 2026",
    "faults": "Faults",
}
"""The areas and their titles, in the order of the page."""

_MODULES = (lists, restore, pages, errors, tokens, rate_limit, operations, actions, versions, faults)

FIDELITY: tuple[Row, ...] = tuple(with_reports(row) for module in _MODULES for row in module.ROWS)
"""In the order of the page."""
