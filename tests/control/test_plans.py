"""The plan of a project: what restores do that clients start."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.instants import INSTANT_MAX, timestamp
from tests.contract.responses import error_of
from tests.support import NOW, SandboxProject, make_project, running_server

DEFAULT = {"startsAfter": "PT5S", "endsAfter": "PT1M5S", "outcome": "completed"}


def test_without_a_plan_a_restore_does_what_the_settings_say() -> None:
    with running_server(scheduled_for="PT2S", in_progress_for="PT3S") as server:
        project = make_project(server, scenario="empty", clock={"mode": "frozen"})
        assert project.ok("GET", "/plan") == {"startsAfter": "PT2S", "endsAfter": "PT5S", "outcome": "completed"}
        project.restore()
        assert project.statuses_after(2, 3) == ["scheduled", "in-progress", "completed"]


@pytest.mark.parametrize(
    ("plan", "statuses"),
    [
        ({}, ["scheduled"] * 3),
        ({"startsAfter": 10}, ["scheduled", "in-progress", "in-progress"]),
        ({"endsAfter": 20, "outcome": "failed"}, ["in-progress", "in-progress", "failed"]),
        ({"endsAfter": 20, "outcome": "aborted"}, ["in-progress", "aborting", "aborted"]),
        ({"startsAfter": 0, "abortAfter": 10, "endsAfter": 20}, ["in-progress", "aborting", "aborted"]),
        ({"outcome": "not-supported"}, ["not-supported"] * 3),
    ],
)
def test_a_restore_that_a_client_starts_follows_the_plan(
    project: SandboxProject, plan: dict[str, Any], statuses: list[str]
) -> None:
    project.ok("PUT", "/plan", json=plan)
    project.restore()
    assert project.statuses_after(10, 10) == statuses
    assert project.restores()[0]["restoreTimestamp"] == timestamp(NOW)


def test_a_plan_reads_back_as_it_was_set_until_it_is_deleted(project: SandboxProject) -> None:
    assert project.ok("GET", "/plan") == DEFAULT
    plan = {"startsAfter": "PT10S", "endsAfter": "PT1M", "outcome": "failed", "times": 3}
    assert project.ok("PUT", "/plan", json=plan) == project.ok("GET", "/plan") == plan
    assert project.ok("PUT", "/plan", json={}) == project.ok("GET", "/plan") == {}
    for _ in range(2):
        assert project.control("DELETE", "/plan").status_code == 204
        assert project.ok("GET", "/plan") == DEFAULT


def test_the_next_restores_have_the_plan_and_those_after_them_do_not(project: SandboxProject) -> None:
    project.ok("PUT", "/plan", json={"endsAfter": 0, "outcome": "failed", "times": 2})
    project.restore()
    assert project.ok("GET", "/plan")["times"] == 1
    project.restore()
    assert project.ok("GET", "/plan") == DEFAULT
    project.restore()
    assert project.statuses() == ["scheduled", "failed", "failed"]


def test_restores_by_hand_and_requests_that_start_none_use_up_nothing(project: SandboxProject) -> None:
    project.ok("PUT", "/plan", json={"times": 1})
    project.add(startsAfter=0)
    project.fault("status", {"operation": "restore-backup", "times": 1}, status=503)
    error_of(project.ask("POST", "/addons/example-addon/backups/example-backup/restore"), 503)
    error_of(project.ask("POST", "/addons/example-addon/backups/none/restore"), 404)
    assert project.ok("GET", "/plan") == {"times": 1}


def test_a_plan_applies_to_its_own_project_only(project: SandboxProject) -> None:
    other = make_project(project.server, scenario="empty")
    project.ok("PUT", "/plan", json={"outcome": "not-supported"})
    other.restore()
    assert other.statuses() == ["scheduled"]


def test_what_a_plan_has_after_the_last_supported_date_comes_then(project: SandboxProject) -> None:
    project.freeze(INSTANT_MAX - 1)
    project.ok("PUT", "/plan", json={"startsAfter": "P40000D", "endsAfter": "P50000D"})
    project.restore()
    project.freeze(INSTANT_MAX)
    assert project.statuses() == ["completed"]


def test_a_reset_forgets_the_plan(project: SandboxProject) -> None:
    project.ok("PUT", "/plan", json={})
    project.ok("POST", "/reset")
    assert project.ok("GET", "/plan") == DEFAULT


def test_a_plan_and_how_often_it_still_applies_outlive_a_restart(tmp_path: Path) -> None:
    with running_server(database=tmp_path / "store.db") as server:
        project = make_project(server, scenario="empty")
        project.ok("PUT", "/plan", json={"outcome": "not-supported", "times": 3})
        project.restore()
    with running_server(database=tmp_path / "store.db") as server:
        project = SandboxProject(server, project.created)
        assert project.ok("GET", "/plan") == {"outcome": "not-supported", "times": 2}
        project.restore()
        assert project.statuses() == ["not-supported"] * 2


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        (None, "body"),
        ([], "body"),
        ({"status": "failed"}, "status"),
        ({"outcome": "failed"}, "body"),
        ({"startsAfter": 9, "endsAfter": 5}, "body"),
        ({"endsAfter": "soon"}, "endsAfter"),
        ({"outcome": "in-progress"}, "outcome"),
        ({"times": 0}, "times"),
        ({"times": "1"}, "times"),
        ({"times": 1_000_000_001}, "times"),
    ],
)
def test_an_invalid_plan_is_rejected_with_its_location_and_changes_nothing(
    project: SandboxProject, plan: Any, place: str
) -> None:
    error = error_of(project.control("PUT", "/plan", json=plan), 400)
    assert list(error["details"]) == [place]
    assert project.ok("GET", "/plan") == DEFAULT
