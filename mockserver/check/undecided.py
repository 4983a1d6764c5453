"""Why a row is undecided."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a row is undecided."""

    NEEDS_DATA = "needs-data"
    NEEDS_OPTION = "needs-option"
    WOULD_WRITE = "would-write"
    OVER_BUDGET = "over-budget"
    NOT_REACHED = "not-reached"
    EMULATOR_ONLY = "emulator-only"


class UndecidedError(Exception):
    """Ends a check: what it needs is not there."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
