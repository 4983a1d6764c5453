"""What clients saw of one restore, over HTTP."""

from typing import Any

import pytest

from tests.contract.responses import bearer, error_of
from tests.support import FROZEN, RunningServer, SandboxProject, SteppedClock, make_project


def polls(project: SandboxProject, restore: int | str) -> dict[str, Any]:
    polls: dict[str, Any] = project.ok("GET", f"/polls?restore={restore}")
    return polls


def test_the_polls_of_a_restore_are_timed_by_both_clocks(own: RunningServer, clock: SteppedClock) -> None:
    project = make_project(own, scenario="empty", clock=FROZEN)
    restore = project.add(startsAfter=5, endsAfter=20)["id"]
    for seconds in (0, 6, 7, 7):
        clock.instant += 40
        project.advance(seconds)
        project.page()
    assert polls(project, restore) == {
        "restore": restore,
        "responses": 4,
        "statusesSeen": ["scheduled", "in-progress", "completed"],
        "shortestIntervalMs": 40,
        "shortestProjectIntervalMs": 6000,
        "polledAfterEnd": 0,
    }
    project.page("per_page=1")
    assert polls(project, restore)["polledAfterEnd"] == 1


def test_a_restore_that_was_never_listed_has_no_polls(project: SandboxProject) -> None:
    restore = project.add()["id"]
    assert polls(project, restore) == {
        "restore": restore,
        "responses": 0,
        "statusesSeen": [],
        "shortestIntervalMs": None,
        "shortestProjectIntervalMs": None,
        "polledAfterEnd": 0,
    }


def test_a_restore_that_was_deleted_keeps_its_polls(project: SandboxProject) -> None:
    restore = project.add()["id"]
    project.page()
    project.on_backup("DELETE", f"/{restore}").raise_for_status()
    assert polls(project, restore)["responses"] == 1


def test_a_restore_of_2026_is_named_by_its_id(server: RunningServer) -> None:
    project = make_project(server, scenario="single", contract="2026")
    restore = project.page().json()["data"]["restores"][0]["id"]
    assert (polls(project, restore)["restore"], polls(project, restore)["responses"]) == (restore, 1)


def test_a_restore_of_another_project_is_known_once_it_was_listed(server: RunningServer) -> None:
    asking, other = (make_project(server, scenario=name, contract="2026") for name in ("empty", "single"))
    restore = other.page().json()["data"]["restores"][0]["id"]
    error_of(asking.control("GET", f"/polls?restore={restore}"), 404)
    asking.page(f"sourceProjectId={other.id}", headers=dict(bearer()))
    assert polls(asking, restore)["responses"] == 1


@pytest.mark.parametrize(
    ("query", "status", "essence"),
    [
        ("restore=17", 404, 'restore "17"'),
        ("restore=nonsense", 404, 'restore "nonsense"'),
        ("", 400, "restore is"),
        ("restore=17&colour=red", 400, 'parameter "colour"'),
    ],
)
def test_an_unknown_restore_and_a_bad_query_are_rejected(
    project: SandboxProject, query: str, status: int, essence: str
) -> None:
    assert essence in error_of(project.control("GET", f"/polls?{query}"), status)["message"]
