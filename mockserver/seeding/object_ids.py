"""Numbers for the rows that have an ObjectId of their own, so that order by number is order by ObjectId."""

from collections.abc import Iterable

from mockserver.contract.versions import Contract, public_id, second_of
from mockserver.errors import UsageError
from mockserver.seeding.scenario import AnyRestore

PER_SECOND = 1000
"""How many restores may have ObjectIds of one second: as many as it has milliseconds."""


def numbered(rows: tuple[AnyRestore, ...]) -> tuple[AnyRestore, ...]:
    """The same rows; those with an ObjectId have a number too.

    It is that of their second, in milliseconds, plus the row's rank among those of that second. Raises UsageError if
    there are more than a second has milliseconds.
    """
    used_ids = {row.id for row in rows if row.id is not None}
    numbers: dict[str, int] = {}
    number = -1
    for object_id in sorted(row.objectId for row in rows if row.objectId is not None and row.id is None):
        first = second_of(object_id)
        number = max(first, number + 1)
        while number in used_ids:
            number += 1
        if number >= first + PER_SECOND:
            raise UsageError(f"more than {PER_SECOND:,} restores have an ObjectId of one second, {object_id[:8]}")
        numbers[object_id] = number
    return tuple(
        row.model_copy(update={"id": numbers[row.objectId]}) if row.objectId in numbers else row for row in rows
    )


def own_ids(rows: tuple[AnyRestore, ...], numbers: Iterable[int]) -> dict[int, str]:
    """The ObjectIds of numbered rows, by number; ``numbers`` are those of all restores of the backup.

    Raises UsageError if one is also the ObjectId that follows from the number of another restore.
    """
    own = {row.id: row.objectId for row in rows if row.objectId is not None and row.id is not None}
    used = set(own.values())
    for number in numbers if own else ():
        if number not in own and public_id(Contract.V2026, number) in used:
            raise UsageError(f"a restore has the ObjectId that the restore {number} has by its number: choose another")
    return own
