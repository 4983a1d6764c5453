"""Every byte of every list that a scenario holds, as it was when somebody last looked.

``pytest tests/seeding/test_golden.py --update-golden`` writes the files anew; what has changed in them belongs in the
changelog. A backup is named by its place in its scenario file, as the ids that faker makes change with its releases.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from mockserver.contract import wire
from mockserver.seeding.scenario import Scenario, builtin_scenarios
from mockserver.store.queries import BackupPath
from mockserver.store.tables import Addon, Backup, Project
from tests.support import RunningServer, SteppedClock, running_server, scenario_named

GOLDEN = Path(__file__).parent / "golden"

Pages = list[Any]


def places(scenario: Scenario) -> Iterator[str]:
    """Each backup's place in a scenario's file."""
    for p, project in enumerate(scenario.projects):
        for a, addon in enumerate(project.addons):
            for b in range(len(addon.backups)):
                yield f"projects[{p}].addons[{a}].backups[{b}]"


def backups(server: RunningServer) -> list[BackupPath]:
    """All backups, in the order of the scenario's file."""
    with server.emulator.store.writing() as session:
        ids = session.exec(
            select(Project.id, Addon.id, Backup.id)
            .where(Addon.project_key == Project.key, Backup.addon_key == Addon.key)
            .order_by(col(Backup.key))
        ).all()
    return [BackupPath(*path) for path in ids]


def pages(server: RunningServer, backup: BackupPath) -> Iterator[Any]:
    """A walk by cursor; of each page all that it says, shown to be all of its bytes."""
    query = "per_page=50"
    while query:
        answer = server.page(query, backup)
        body = answer.json()
        assert answer.content == wire.to_bytes(body)
        assert answer.content == json.dumps(body, separators=(",", ":")).encode()
        yield body
        cursor = body["pagination"].get("cursor")
        query = f"per_page=50&cursor={cursor}" if cursor else ""


def all_pages(name: str) -> dict[str, Pages]:
    with running_server(SteppedClock(), scenario=name) as server:
        found = backups(server)
        return {
            place: list(pages(server, backup))
            for place, backup in zip(places(scenario_named(name)), found, strict=True)
        }


@pytest.mark.parametrize("name", builtin_scenarios())
def test_a_scenario_holds_what_its_golden_file_says_byte_for_byte(name: str, *, update_golden: bool) -> None:
    golden = GOLDEN / f"{name}.json"
    found = all_pages(name)
    if update_golden:
        golden.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    # as text, so that the order of keys counts too
    assert json.dumps(found, indent=1) + "\n" == golden.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_scenario() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} <= set(builtin_scenarios())
