"""Compares every list of every scenario with a golden file, byte for byte.

``pytest tests/seeding/test_golden.py --update-golden`` updates the files; a change of them belongs in the changelog. A
backup is identified by its location in the scenario file, because faker's ids change from release to release.
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


def locations(scenario: Scenario) -> Iterator[str]:
    """The location of each backup in the scenario file."""
    for p, project in enumerate(scenario.projects):
        for a, addon in enumerate(project.addons):
            for b in range(len(addon.backups)):
                yield f"projects[{p}].addons[{a}].backups[{b}]"


def backups(server: RunningServer) -> list[BackupPath]:
    """All backups, in the order of the scenario file."""
    with server.emulator.store.writing() as session:
        ids = session.exec(
            select(Project.id, Addon.id, Backup.id)
            .where(Addon.project_key == Project.key, Backup.addon_key == Addon.key)
            .order_by(col(Backup.key))
        ).all()
    return [BackupPath(*path) for path in ids]


def pages(server: RunningServer, backup: BackupPath) -> Iterator[Any]:
    """The pages of a walk by cursor, whose bytes contain nothing else."""
    query = "per_page=50"
    while query:
        response = server.page(query, backup)
        body = response.json()
        assert response.content == wire.to_bytes(body)
        assert response.content == json.dumps(body, separators=(",", ":")).encode()
        yield body
        cursor = body["pagination"].get("cursor")
        query = f"per_page=50&cursor={cursor}" if cursor else ""


def all_pages(name: str) -> dict[str, Pages]:
    with running_server(SteppedClock(), scenario=name) as server:
        paths = zip(locations(scenario_named(name)), backups(server), strict=True)
        return {location: list(pages(server, backup)) for location, backup in paths}


@pytest.mark.parametrize("name", builtin_scenarios())
def test_a_scenario_matches_its_golden_file_byte_for_byte(name: str, *, update_golden: bool) -> None:
    golden = GOLDEN / f"{name}.json"
    actual = json.dumps(all_pages(name), indent=1) + "\n"
    if update_golden:
        golden.write_text(actual, encoding="utf-8")
    # compared as text, including the order of keys
    assert actual == golden.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_scenario() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} <= set(builtin_scenarios())
