"""Writes a project as a scenario file, which gives the same restores at the same instants when it is loaded."""

import json
import sqlite3
from collections.abc import Iterator

from mockserver.contract.lifecycle import Timeline, status_at
from mockserver.errors import UsageError
from mockserver.instants import timestamp
from mockserver.seeding.source import MAX_BYTES
from mockserver.store import contents, object_ids, queries

MAX_ROWS = 10_000
"""How many restores of a backup are read; a file that may be loaded has room for fewer."""


def scenario_text(connection: sqlite3.Connection, project_id: str, key: int, now: int) -> str:
    """The scenario file of a project at its present instant; raises UsageError if it is too large to be loaded."""
    lines, size = [], 0
    for line in _lines(connection, project_id, key, now):
        lines.append(line)
        size += len(line.encode()) + 1
        if size > MAX_BYTES:
            raise UsageError(
                f"the project has more than fits into a scenario file, which has at most {MAX_BYTES:,} bytes: "
                "remove restores, or keep the --database file instead"
            )
    return "\n".join((*lines, ""))


def _lines(connection: sqlite3.Connection, project_id: str, key: int, now: int) -> Iterator[str]:
    name, description = contents.project(connection, key)
    yield f"# Project {project_id} as it was at {timestamp(now)}, by its clock. Its restores do the same at the same"
    yield "# instants in every project made of it. Not in this file: clock, contract, token, fault rules and journal."
    yield f"help = {_string(f'Project {project_id}, exported at {timestamp(now)}.')}"
    yield ""
    yield "[[projects]]"
    yield from _fields(id=project_id, name=name, description=description)
    for addon_key, addon_id, name_, about, kind, status in contents.addons(connection, key):
        yield ""
        yield "[[projects.addons]]"
        yield from _fields(id=addon_id, name=name_, description=about, type=kind, status=status)
        for backup_key, backup_id, backup_name in contents.backups(connection, addon_key):
            yield ""
            yield "[[projects.addons.backups]]"
            yield from _fields(id=backup_id, name=backup_name)
            restores = queries.newest_restores(connection, backup_key, limit=MAX_ROWS)
            own_ids = object_ids.of_backup(connection, backup_key, 0, queries.NEWEST)
            if restores:
                yield "restores = ["
                for number, timeline in restores:
                    yield f"  {_row(number, own_ids.get(number), timeline)}, # {status_at(timeline, now)}"
                yield "]"


def _row(number: int, object_id: str | None, timeline: Timeline) -> str:
    """One restore. Its instant of initiation is left out if it is the id, as in most."""
    initiated, starts_at, ends_at, outcome, requested_at = timeline
    instants = {"startsAt": starts_at, "endsAt": ends_at, "abortRequestedAt": requested_at}
    plan = [f"{name} = {timestamp(instant)}" for name, instant in instants.items() if instant is not None]
    plan += [f"outcome = {_string(outcome)}"] if outcome else []
    row = [f"id = {number}"]
    if object_id is not None:
        row.append(f"objectId = {_string(object_id)}")
    if initiated != number:
        row.append(f"restoreTimestamp = {timestamp(initiated)}")
    row.append(f"plan = {{ {', '.join(plan)} }}")
    return f"{{ {', '.join(row)} }}"


def _fields(**values: str) -> Iterator[str]:
    return (f"{name} = {_string(value)}" for name, value in values.items())


def _string(value: str) -> str:
    """A TOML string; JSON's escapes are TOML's, but JSON leaves one control character as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
