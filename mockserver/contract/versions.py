"""The two contracts that are served, and all that differs between them.

The one of 2024 is the page that the vendor published then; the one of 2026 is what the service documents today. A
restore is stored under a number, unix milliseconds, whatever the contract; what a client sees of it is decided here.
"""

import hashlib
from enum import StrEnum
from typing import Any


class Contract(StrEnum):
    """Which of the vendor's documentations holds."""

    V2024 = "2024"
    V2026 = "2026"


SOURCE_PARAMETERS = ("sourceProjectId", "sourceAddonId")
"""2026 has them, for a backup that belongs to another project; to 2024 they are unknown."""

_SECONDS_DIGITS = 8
_MILLISECONDS_DIGITS = 3
_REST_DIGITS = 13


def public_id(contract: Contract, number: int) -> int | str:
    """A restore's id as a client sees it: the number itself, or an ObjectId made of it.

    An ObjectId's first 8 digits are the seconds; here the next 3 are the milliseconds, so that ids sort as numbers
    do, and the rest are drawn from the number.
    """
    return number if contract is Contract.V2024 else _object_id(number)


def public_id_json(contract: Contract, number: int) -> int | str:
    """The same id, as JSON has it."""
    return number if contract is Contract.V2024 else f'"{_object_id(number)}"'


def number_of(contract: Contract, shown: str) -> int | None:
    """The number under which a restore is stored whose id a client wrote as ``shown``; None where there can be none."""
    if contract is Contract.V2024:
        is_number = shown.isascii() and shown.isdigit() and len(shown) <= len(str(2**53))
        return int(shown) if is_number and str(int(shown)) == shown else None
    try:
        number = number_from_public_id(shown)
    except ValueError:
        return None
    return number if number >= 0 and _object_id(number) == shown else None


def number_from_public_id(shown: int | str) -> int:
    """The number under which a restore is stored that a client was shown."""
    if isinstance(shown, int):
        return shown
    seconds, milliseconds = shown[:_SECONDS_DIGITS], shown[_SECONDS_DIGITS : _SECONDS_DIGITS + _MILLISECONDS_DIGITS]
    return int(seconds, 16) * 1000 + int(milliseconds, 16)


def id_schema(contract: Contract) -> dict[str, Any]:
    """A restore's id, as the OpenAPI document describes it."""
    if contract is Contract.V2024:
        return {
            "type": "integer",
            "description": "Names the restore within its backup: an instant, in unix milliseconds.",
        }
    return {
        "type": "string",
        "pattern": "^[0-9a-f]{24}$",
        "description": "Names the restore within its backup: an ObjectId, whose first 8 digits are the seconds.",
    }


def _object_id(number: int) -> str:
    seconds, milliseconds = divmod(number, 1000)
    rest = hashlib.blake2b(str(number).encode()).hexdigest()[:_REST_DIGITS]
    return f"{seconds:0{_SECONDS_DIGITS}x}{milliseconds:0{_MILLISECONDS_DIGITS}x}{rest}"
