"""The two versions of the contract, and everything that differs between them.

2024 is the page that the vendor published then; 2026 is what the service documents today. The store identifies a
restore by a number, in unix milliseconds, under both; this module turns the number into the id that clients see.
"""

import hashlib
from enum import StrEnum
from typing import Any


class Contract(StrEnum):
    """A version of the vendor's documentation."""

    V2024 = "2024"
    V2026 = "2026"


RESTORE_KEYS = {
    Contract.V2024: ("id", "restoreTimestamp", "status", "completedAt"),
    Contract.V2026: ("id", "status", "restoreTimestamp", "completedAt"),
}
"""The keys of a restore in a list, in order; without ``completedAt`` if it is not completed."""

SOURCE_PARAMETERS = ("sourceProjectId", "sourceAddonId")
"""Query parameters of 2026, for a backup that belongs to another project; unknown in 2024."""

_V2024 = Contract.V2024  # looked up once: before Python 3.12 that takes longer than the comparison
_OBJECT_ID_DIGITS = 24
_SECONDS_DIGITS = 8
_MILLISECONDS_DIGITS = 3
_REST_DIGITS = 13


def public_id(contract: Contract, number: int, object_id: str | None = None) -> int | str:
    """A restore's id as clients see it: its number (2024), or ``object_id`` or an ObjectId made from it (2026).

    The first 8 digits of an ObjectId are the seconds. Ours continue with 3 digits of milliseconds, so that ids sort as
    their numbers do, and end with a hash of the number.
    """
    return number if contract is _V2024 else object_id or _object_id(number)


def public_id_json(contract: Contract, number: int, object_id: str | None = None) -> int | str:
    """The same id, encoded as JSON."""
    return number if contract is _V2024 else f'"{object_id or _object_id(number)}"'


def is_object_id(text: str) -> bool:
    """Whether it is 24 hexadecimal digits, in lower case."""
    return len(text) == _OBJECT_ID_DIGITS and not text.strip("0123456789abcdef")


def second_of(object_id: str) -> int:
    """The instant in an ObjectId's first 8 digits, in unix milliseconds."""
    return int(object_id[:_SECONDS_DIGITS], 16) * 1000


def number_of(contract: Contract, restore_id: str) -> int | None:
    """The number of the restore that a client calls ``restore_id``; None if the id is not one of this contract.

    An ObjectId that was given to a restore says nothing about its number: the store knows it.
    """
    if contract is Contract.V2024:
        is_number = restore_id.isascii() and restore_id.isdigit() and len(restore_id) <= len(str(2**53))
        return int(restore_id) if is_number and str(int(restore_id)) == restore_id else None
    if not is_object_id(restore_id):
        return None
    number = number_from_public_id(restore_id)
    return number if _object_id(number) == restore_id else None


def number_from_public_id(restore_id: int | str) -> int:
    """The number behind an id that the emulator sent."""
    if isinstance(restore_id, int):
        return restore_id
    seconds, rest = restore_id[:_SECONDS_DIGITS], restore_id[_SECONDS_DIGITS:]
    return int(seconds, 16) * 1000 + int(rest[:_MILLISECONDS_DIGITS], 16)


def id_schema(contract: Contract) -> dict[str, Any]:
    """The JSON schema of a restore's id."""
    if contract is Contract.V2024:
        return {"type": "integer", "description": "Unique within its backup: an instant in unix milliseconds."}
    return {
        "type": "string",
        "pattern": "^[0-9a-f]{24}$",
        "description": "Unique within its backup: an ObjectId, whose first 8 digits are the seconds.",
    }


def _object_id(number: int) -> str:
    seconds, milliseconds = divmod(number, 1000)
    rest = hashlib.blake2b(str(number).encode()).hexdigest()[:_REST_DIGITS]
    return f"{seconds:0{_SECONDS_DIGITS}x}{milliseconds:0{_MILLISECONDS_DIGITS}x}{rest}"
