"""A project, exported and loaded, has the same restores, which do the same at the same instants."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.lifecycle import Timeline, status_at
from mockserver.errors import UsageError
from mockserver.instants import INSTANT_MAX
from mockserver.seeding.export import scenario_text
from mockserver.seeding.scenario import AddonPart, BackupPart, ProjectPart, Scenario, read_scenario
from mockserver.seeding.source import MAX_BYTES
from mockserver.store import Store, changes, contents, object_ids, open_store, queries
from mockserver.store.queries import BackupPath
from tests.support import NOW, RunningServer, fill_with, make_project, restores_in, running_server
from tests.timelines import timelines

ID = "a-project"
INSTANTS = st.integers(0, INSTANT_MAX)
RESTORES = st.dictionaries(INSTANTS, timelines(INSTANTS), max_size=5)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SLUGS = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True)
BACKUPS = st.dictionaries(SLUGS, st.tuples(TEXTS, RESTORES), max_size=3)
ADDONS = st.dictionaries(SLUGS, st.tuples(TEXTS, TEXTS, BACKUPS), max_size=2)

Addons = Mapping[str, tuple[str, str, Mapping[str, tuple[str, Mapping[int, Timeline]]]]]


@contextmanager
def store_with(name: str, addons: Addons) -> Iterator[Store]:
    """A store with one project."""
    parts = tuple(
        AddonPart(
            id=addon_id,
            name=addon_name,
            description=description,
            backups=tuple(BackupPart(id=backup_id, name=name) for backup_id, (name, _) in backups.items()),
        )
        for addon_id, (addon_name, description, backups) in addons.items()
    )
    scenario = Scenario(help="x", projects=(ProjectPart(id=ID, name=name, description="", addons=parts),))
    store = open_store(None, lambda session: fill_with(session, scenario))
    with store.writing() as session:
        for addon_id, (_, _, backups) in addons.items():
            for backup_id, (_, restores) in backups.items():
                key = queries.backup_key(store.connection, BackupPath(ID, addon_id, backup_id))
                changes.add_restores(session, key, restores.items())
                object_ids.add(session, key.backup, {number: f"{number:024x}" for number in restores if number % 2})
    with closing(store):
        yield store


def exported(store: Store, now: int = NOW) -> str:
    return scenario_text(store.connection, ID, queries.project_key(store.connection, ID), now)


def loaded(text: str) -> Scenario:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "exported.toml"
        path.write_text(text, encoding="utf-8", newline="")
        return read_scenario(path)


def contents_of(store: Store) -> Any:
    """All that the API lists of the project, except what is generated for a backup."""
    key = queries.project_key(store.connection, ID)
    return contents.project(store.connection, key), [
        (
            addon,
            [
                (
                    backup_id,
                    name,
                    restores_in(store, BackupPath(ID, addon[0], backup_id)),
                    object_ids.of_backup(store.connection, backup_key, 0, INSTANT_MAX),
                )
                for backup_key, backup_id, name in contents.backups(store.connection, addon_key)
            ],
        )
        for addon_key, *addon in contents.addons(store.connection, key)
    ]


@settings(max_examples=60)
@given(name=TEXTS, addons=ADDONS, now=INSTANTS)
def test_an_exported_project_has_the_same_restores_when_it_is_loaded(name: str, addons: Addons, now: int) -> None:
    with (
        store_with(name or "x", {one: (n or "x", d, b) for one, (n, d, b) in addons.items()}) as store,
        closing(open_store(None, lambda session: fill_with(session, loaded(exported(store, now))))) as again,
    ):
        assert contents_of(again) == contents_of(store)


@given(restores=RESTORES, now=INSTANTS)
def test_a_comment_says_the_status_of_each_restore(restores: dict[int, Timeline], now: int) -> None:
    with store_with("x", {"a": ("x", "", {"b": ("x", restores)})}) as store:
        comments = [line.partition("}, # ")[2] for line in exported(store, now).splitlines() if "}, # " in line]
    assert comments == [status_at(timeline, now) for _, timeline in sorted(restores.items(), reverse=True)]


def test_what_would_be_too_large_to_load_is_not_exported() -> None:
    timeline = Timeline(0, NOW, NOW, None, NOW)
    restores = dict.fromkeys(range(10_000), timeline)
    with (
        store_with("x", {"a": ("x", "", {"b": ("x", restores)})}) as store,
        pytest.raises(UsageError, match="more than fits into a scenario file"),
    ):
        exported(store)


def test_what_is_exported_is_never_too_large_to_load() -> None:
    timeline = Timeline(0, NOW, NOW, None, NOW)
    with store_with("x", {"a": ("x", "", {"b": ("x", {5: timeline})})}) as store:
        size = len(exported(store).splitlines()[-2])
    restores = dict.fromkeys(range(1, MAX_BYTES // (size + 40)), timeline)
    with store_with("x", {"a": ("x", "", {"b": ("x", restores)})}) as store:
        text = exported(store)
    assert MAX_BYTES // 2 < len(text) <= MAX_BYTES
    assert len(loaded(text).projects[0].addons[0].backups[0].restores) > 1000  # type: ignore[arg-type]


@pytest.mark.parametrize("contract", ["2024", "2026"])
def test_a_project_that_was_bent_by_hand_lists_the_same_bytes_in_a_server_made_of_it(
    server: RunningServer, tmp_path: Path, contract: str
) -> None:
    project = make_project(server, contract=contract, clock={"mode": "frozen"}, scenario="every-status")
    project.restore()
    project.add(endsAfter="PT30S", outcome="failed")
    project.on_backup("PATCH", f"/{project.restores()[3]['id']}", json={"status": "failed"})
    response = project.control("GET", "/scenario")
    assert response.headers["content-type"].startswith("application/toml")
    (tmp_path / "mine.toml").write_bytes(response.content)
    with running_server(scenarios=tmp_path, scenario="mine", contract=contract) as other:
        for advance in (0, 10, 60):
            project.advance(advance)
            now = project.ok("GET", "/clock")["now"]
            clock = {"mode": "frozen", "now": now}
            assert other.client.put(f"/_mock/projects/{project.id}/clock", json=clock).status_code == 200
            listed = other.get(f"/v1/projects/{project.id}/addons/example-addon/backups/example-backup/restores")
            assert listed.content == project.page().content


def test_a_project_too_large_for_a_scenario_is_a_409(server: RunningServer) -> None:
    response = make_project(server, restores=9000).control("GET", "/scenario")
    assert response.status_code == 409
    assert "scenario file" in response.json()["error"]["message"]


def test_a_row_as_the_control_plane_lists_it_can_be_added_again(server: RunningServer) -> None:
    project = make_project(server, restores=[{"status": "completed"}])
    listed = project.on_backup("GET").json()["restores"][0]
    row = {name: listed[name] for name in ("restoreTimestamp", "plan")}
    assert project.on_backup("POST", json={**row, "id": 7}).status_code == 201
    again = project.on_backup("GET").json()["restores"][1]
    assert (again["plan"], again["restoreTimestamp"]) == (listed["plan"], listed["restoreTimestamp"])
