"""Reads a project back from a server, and compares it with the model."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endurance.connection import Connection
from endurance.model.answers import at, check, check_part, items, parsed
from endurance.model.lives import Window
from endurance.model.messages import Request
from endurance.model.project import Project, Query
from endurance.model.writes import api_path, control_path


@dataclass(frozen=True)
class Stored:
    """A project as it was read back: its description and its pages, each with the window of the machine's instant."""

    description: Any
    described: Window
    pages: list[tuple[Any, Window]]


async def read(connection: Connection, project: Project) -> Stored | None:
    """Reads a project; None if there is no such project. Raises LostError."""
    response = await connection.request(Request("GET", control_path(project)))
    if response.status == 404:
        return None
    stored = Stored(parsed(response), response.machine, [])
    following: str | None = ""
    while following is not None:
        path = f"{api_path(project)}/restores?per_page=100{following}"
        page = await connection.request(Request("GET", path, project.token))
        body = parsed(page)
        stored.pages.append((body, page.machine))
        cursor = at(body, "pagination", "cursor")
        following = None if cursor is None else f"&cursor={cursor}"
    return stored


def compare(project: Project | None, stored: Stored | None) -> None:
    """Raises WrongResponseError unless a project is stored as expected; learns from it what was not known exactly."""
    check(project is not None, stored is not None, "whether the project is there")
    if project is None or stored is None:
        return
    clock = at(stored.description, "clock")
    rendered = project.clock.rendered(stored.described, clock)
    check(rendered, clock, "clock")
    project.clock.learn(rendered)
    rules = items(stored.description, "faults")
    for rule, entry in zip(project.rules, rules, strict=False):
        check_part(rule.body, entry, "rule")
        rule.id = rule.id or at(entry, "id")
    check([rule.id for rule in project.rules], [at(entry, "id") for entry in rules], "the ids of the rules")
    query: Query | None = Query(100)
    for body, machine in stored.pages:
        check(True, query is not None, "whether there is another page")
        query = project.check_page(query or Query(100), body, project.clock.now(machine)).following


def integrity(database: Path) -> list[str]:
    """The problems that SQLite finds in a copy of the file. The file itself and its WAL stay as they are."""
    copy = database.with_name("copy.db")
    for suffix in ("", "-wal"):
        original = Path(f"{database}{suffix}")
        if original.exists():
            shutil.copy(original, f"{copy}{suffix}")
    with closing(sqlite3.connect(copy)) as connection:
        rows = connection.execute("PRAGMA integrity_check").fetchall()
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    for file in copy.parent.glob("copy.db*"):
        file.unlink()
    return [str(row) for row in rows if row != ("ok",)] + [f"foreign key: {row}" for row in broken]
