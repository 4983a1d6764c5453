"""How faithful the emulator is: each behaviour, and how it is known. The README's table is made from this."""

from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """How it is known that the service behaves so."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Row:
    """One behaviour."""

    area: str
    behaviour: str
    evidence: Evidence


FIDELITY: tuple[Row, ...] = ()
