"""The most recently used projects, with what is known of each."""

from typing import Any

import pytest

from mockserver.instants import timestamp
from mockserver.sandbox.judged import WORST_FIRST
from mockserver.walks.verdicts import Verdict
from tests.contract.responses import error_of
from tests.support import NOW, RunningServer, SteppedClock, make_project


def activity(server: RunningServer, **query: Any) -> dict[str, Any]:
    response = server.client.get("/_mock/activity", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_the_most_recently_used_project_comes_first(own: RunningServer, clock: SteppedClock) -> None:
    first, second = (make_project(own, projectId=name, scenario="many", restores=60) for name in ("one", "two"))
    assert [project["projectId"] for project in activity(own)["projects"]] == ["two", "one", "default-project"]
    first.fault("status", {"times": 1}, status=503)
    first.page()
    first.page()
    clock.instant += 5
    second.page("page=2")
    clock.instant += 5
    first.page("per_page=100")
    listed = activity(own)["projects"]
    assert [project["projectId"] for project in listed] == ["one", "two", "default-project"]
    assert listed[0] == {
        "projectId": "one",
        "scenario": "many",
        "contract": "2024",
        "clock": {"mode": "real", "now": timestamp(NOW + 10)},
        "requests": 3,
        "failed": 1,
        "worstVerdict": "poll",
        "faults": 1,
        "lastRequestAt": timestamp(NOW + 10),
    }
    assert "lastRequestAt" not in listed[2]
    assert "worstVerdict" not in listed[2]


def test_projects_are_found_by_a_part_of_their_id_and_limited(own: RunningServer) -> None:
    for number in range(3):
        make_project(own, projectId=f"mine-{number}", restores=[])
    listing = activity(own, match="mine", limit=2)
    assert [project["projectId"] for project in listing["projects"]] == ["mine-2", "mine-1"]
    assert listing["total"] == 3


def test_a_reset_forgets_what_was_known(own: RunningServer) -> None:
    project = make_project(own, projectId="one", scenario="many", restores=60)
    project.page()
    assert activity(own, match="one")["projects"][0]["worstVerdict"] == "abandoned"
    project.ok("POST", "/reset")
    assert "worstVerdict" not in activity(own, match="one")["projects"][0]


def test_every_verdict_has_its_place_among_the_worst() -> None:
    assert set(WORST_FIRST) == set(Verdict)
    assert WORST_FIRST[-1] is Verdict.COMPLETE


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"page": 1}])
def test_an_invalid_query_is_rejected(server: RunningServer, query: dict[str, int]) -> None:
    error_of(server.client.get("/_mock/activity", params=query), 400)
