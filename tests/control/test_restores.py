"""Restores that are added with a plan, forced to a status or removed by hand."""

from typing import Any

import pytest

from mockserver.contract.lifecycle import Status
from mockserver.instants import INSTANT_MAX, timestamp
from tests.contract.responses import error_of
from tests.support import FROZEN, NOW, RunningServer, SandboxProject, make_project, running_server


@pytest.mark.parametrize(
    ("plan", "statuses"),
    [
        ({}, ["scheduled"] * 3),
        ({"startsAfter": 0}, ["in-progress"] * 3),
        ({"startsAfter": "PT10S"}, ["scheduled", "in-progress", "in-progress"]),
        ({"endsAfter": 20}, ["in-progress", "in-progress", "completed"]),
        ({"startsAfter": 10, "endsAfter": 20}, ["scheduled", "in-progress", "completed"]),
        ({"startsAfter": 10, "endsAfter": 20, "outcome": "completed"}, ["scheduled", "in-progress", "completed"]),
        ({"startsAfter": 10, "endsAfter": 20, "outcome": "failed"}, ["scheduled", "in-progress", "failed"]),
        ({"endsAfter": 20, "outcome": "aborted"}, ["in-progress", "aborting", "aborted"]),
        ({"outcome": "not-supported"}, ["not-supported"] * 3),
        ({"startsAfter": None, "endsAfter": None, "outcome": None}, ["scheduled"] * 3),
    ],
)
def test_a_restore_follows_its_plan(project: SandboxProject, plan: dict[str, Any], statuses: list[str]) -> None:
    restore = project.add(**plan)
    assert restore == project.restores()[0]
    assert (restore["id"], restore["restoreTimestamp"]) == (NOW, timestamp(NOW))
    assert project.statuses_after(10, 10) == statuses
    project.advance("P3650D")
    assert project.statuses() == statuses[-1:]


def test_a_plan_may_be_left_out(project: SandboxProject) -> None:
    assert project.on_backup("POST").json()["status"] == "scheduled"


def test_an_abort_takes_as_long_as_the_settings_say() -> None:
    with running_server(aborting_for="PT2S") as own:
        project = make_project(own, scenario="empty", clock=FROZEN)
        project.add(endsAfter=20, outcome="aborted")
        assert project.statuses_after(17.999, 0.001, 2) == ["in-progress", "in-progress", "aborting", "aborted"]


def test_restores_of_the_same_instant_get_different_ids(project: SandboxProject) -> None:
    ids = [project.add(startsAfter=0)["id"] for _ in range(5)]
    assert ids == [NOW + place for place in range(5)]
    assert [restore["id"] for restore in project.restores()] == ids[::-1]
    assert all(restore["restoreTimestamp"] == timestamp(restore["id"]) for restore in project.restores())


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        ({"startsAfter": -1}, "startsAfter"),
        ({"startsAfter": "soon"}, "startsAfter"),
        ({"endsAfter": "P1Y"}, "endsAfter"),
        ({"outcome": "in-progress"}, "outcome"),
        ({"outcome": "completed"}, "body"),
        ({"startsAfter": 5, "outcome": "failed"}, "body"),
        ({"startsAfter": 9, "endsAfter": 5}, "body"),
        ({"status": "done"}, "status"),
        ({"status": "failed", "endsAfter": 5}, "endsAfter"),
        ({"startsAfter": 5, "colour": "red"}, "colour"),
        ({"status": "failed", "completedAt": timestamp(NOW)}, "body"),
        ({"status": "completed", "completedAt": timestamp(NOW + 1)}, "completedAt"),
        ({"completedAt": timestamp(NOW)}, "status"),
        ({"id": -1}, "id"),
        ({"id": "5"}, "id"),
        ({"restoreTimestamp": "soon"}, "restoreTimestamp"),
        ({"startsAfter": "P99999999D"}, "startsAfter"),
        ({"startsAfter": "P40000D"}, "startsAfter"),
        ({"endsAfter": "P40000D"}, "endsAfter"),
        ({"abortAfter": "P40000D"}, "abortAfter"),
        ([], "body"),
    ],
)
def test_an_invalid_plan_is_rejected_with_its_location_and_adds_nothing(
    project: SandboxProject, plan: dict[str, Any], place: str
) -> None:
    error = error_of(project.on_backup("POST", json=plan), 400)
    assert error["details"].keys() == {place}
    assert project.restores() == []


@pytest.mark.parametrize("status", Status)
def test_a_restore_can_be_added_in_a_status_in_which_it_stays(project: SandboxProject, status: Status) -> None:
    added = project.add(status=status)
    assert (added["id"], added["restoreTimestamp"], added["status"]) == (NOW, timestamp(NOW), status)
    assert added.get("completedAt") == (timestamp(NOW) if status is Status.COMPLETED else None)
    project.advance("P3650D")
    assert project.restores() == [added]


def test_an_added_restore_can_have_an_id_and_instants_of_its_own(project: SandboxProject) -> None:
    times = {"restoreTimestamp": timestamp(NOW - 60_000), "completedAt": timestamp(NOW - 30_000)}
    assert project.add(status="completed", id=5, **times) == {"id": 5, "status": "completed", **times}
    assert project.add(id=6)["restoreTimestamp"] == timestamp(6)
    added = project.add(endsAfter=10, restoreTimestamp=timestamp(NOW - 60_000))
    assert (added["id"], added["restoreTimestamp"]) == (NOW - 60_000, timestamp(NOW - 60_000))
    assert project.add(restoreTimestamp=timestamp(NOW - 60_000))["id"] == NOW - 60_000 + 1
    assert project.statuses() == ["scheduled", "in-progress", "scheduled", "completed"]
    project.advance(10)
    assert project.statuses() == ["scheduled", "completed", "scheduled", "completed"]


def test_an_id_that_is_in_use_is_a_conflict(project: SandboxProject) -> None:
    added = project.add(id=5)
    assert '"5"' in error_of(project.on_backup("POST", json={"id": 5}), 409)["message"]
    assert project.restores() == [added]


@pytest.mark.parametrize("contract", ["2024", "2026"])
def test_at_the_last_supported_instant_one_id_is_left(server: RunningServer, contract: str) -> None:
    project = make_project(server, scenario="empty", contract=contract).freeze(INSTANT_MAX)
    assert project.add()["restoreTimestamp"] == timestamp(INSTANT_MAX)
    error = error_of(project.on_backup("POST"), 400)
    assert error["message"].startswith("no id is left")
    response = project.ask("POST", "/addons/example-addon/backups/example-backup/restore")
    error_of(response, 400)
    assert len(project.restores()) == 1


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_a_restore_is_forced_from_any_status_to_any_and_held_there(
    server: RunningServer, before: Status, after: Status
) -> None:
    project = make_project(server, restores=[{"status": before, "id": 5}], clock=FROZEN)
    forced = project.on_backup("PATCH", "/5", json={"status": after})
    assert forced.status_code == 200
    expected = {"id": 5, "restoreTimestamp": "1970-01-01T00:00:00.005Z", "status": after}
    if after is Status.COMPLETED:
        expected["completedAt"] = timestamp(NOW)
    assert forced.json() == expected
    assert project.restores() == [expected]
    project.advance("P3650D")
    assert project.statuses() == [after]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (None, "body"),
        ({}, "status"),
        ({"status": "done"}, "status"),
        ({"status": None}, "status"),
        ({"status": "failed", "id": 5}, "id"),
    ],
)
def test_an_invalid_status_is_rejected_and_changes_nothing(project: SandboxProject, body: Any, place: str) -> None:
    before = project.add()
    error = error_of(project.on_backup("PATCH", f"/{before['id']}", json=body), 400)
    assert error["details"].keys() == {place}
    assert project.restores() == [before]


def test_a_restore_is_removed(project: SandboxProject) -> None:
    first, second = project.add(), project.add()
    assert project.on_backup("DELETE", f"/{second['id']}").status_code == 204
    assert project.restores() == [first]
    error_of(project.on_backup("DELETE", f"/{second['id']}"), 404)


@pytest.mark.parametrize("contract", ["2024", "2026"])
def test_an_id_is_the_one_that_the_list_shows(server: RunningServer, contract: str) -> None:
    project = make_project(server, scenario="empty", contract=contract, clock=FROZEN)
    restore = project.add()["id"]
    assert project.on_backup("PATCH", f"/{restore}", json={"status": "failed"}).json()["id"] == restore
    other = make_project(server, scenario="empty", contract="2024" if contract == "2026" else "2026", clock=FROZEN)
    other.add()
    for unknown in (f"0{restore}", f"{restore}0", f"%20{restore}", "0", "no-such", "9" * 30, other.restores()[0]["id"]):
        response = project.on_backup("PATCH", f"/{unknown}", json={"status": "aborted"})
        assert error_of(response, 404)["message"].endswith('of backup "example-backup"')
        error_of(project.on_backup("DELETE", f"/{unknown}"), 404)
    assert project.statuses() == ["failed"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/addons/none/backups/example-backup/restores", 'no addon "none"'),
        ("/addons/example-addon/backups/none/restores", 'no backup "none"'),
    ],
)
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("POST", ""), ("PATCH", "/5"), ("DELETE", "/5")])
def test_a_backup_that_is_not_there_is_a_404(
    project: SandboxProject, path: str, words: str, method: str, rest: str
) -> None:
    response = project.control(method, path + rest, json={"status": "failed"} if method == "PATCH" else None)
    assert error_of(response, 404)["message"].startswith(words)
