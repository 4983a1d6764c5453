"""Restores listed by the control plane: with their plans, as of any instant, and counted."""

from typing import Any

import pytest

from mockserver.instants import timestamp
from tests.contract.responses import error_of
from tests.support import NOW, RunningServer, SandboxProject, make_project


def listed(project: SandboxProject, **query: Any) -> dict[str, Any]:
    response = project.on_backup("GET", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_restore_is_listed_with_its_plan_and_its_next_change(project: SandboxProject) -> None:
    added = project.add(startsAfter=10, endsAfter=60, outcome="failed")
    body = listed(project)
    (restore,) = body["restores"]
    assert len(restore.pop("objectId")) == 24
    assert restore == {
        **added,
        "plan": {"startsAt": timestamp(NOW + 10_000), "endsAt": timestamp(NOW + 60_000), "outcome": "failed"},
        "nextChangeAt": timestamp(NOW + 10_000),
    }
    assert (body["at"], body["count"]) == (timestamp(NOW), 1)
    assert body["nextChangeAt"] == timestamp(NOW + 10_000)
    assert {status: count for status, count in body["counts"].items() if count} == {"scheduled": 1}
    assert [one["statuses"] for one in body["bins"]] == [{"scheduled": 1}]


def test_restores_can_be_listed_as_of_any_instant(project: SandboxProject) -> None:
    project.add(startsAfter=0, abortAfter=5, endsAfter=15)
    assert [
        listed(project, at=timestamp(NOW + second * 1000))["restores"][0]["status"] for second in (0, 4, 5, 14, 15, 999)
    ] == ["in-progress", "in-progress", "aborting", "aborting", "aborted", "aborted"]


def test_a_completed_restore_has_its_end_and_no_next_change(project: SandboxProject) -> None:
    project.add(endsAfter=20)
    body = listed(project, at=timestamp(NOW + 20_000))
    assert body["restores"][0]["completedAt"] == timestamp(NOW + 20_000)
    assert "nextChangeAt" not in body["restores"][0]
    assert "nextChangeAt" not in body


def test_ids_are_those_of_the_projects_contract(server: RunningServer) -> None:
    project = make_project(server, scenario="single", contract="2026")
    (restore,) = listed(project)["restores"]
    assert restore["id"] == restore["objectId"] == project.restores()[0]["id"]


def test_a_backup_without_restores_has_no_bins(project: SandboxProject) -> None:
    body = listed(project)
    assert (body["restores"], body["count"], body["bins"], "nextChangeAt" in body) == ([], 0, [], False)


def test_the_restores_nearest_to_the_instant_are_listed_and_all_are_counted(server: RunningServer) -> None:
    project = make_project(server, scenario="many", restores=500)
    ids = [restore["id"] for restore in listed(project, limit=500)["restores"]]
    assert len(ids) == 500
    body = listed(project, at=timestamp(ids[250]), limit=5)
    around = [restore["id"] for restore in body["restores"]]
    assert ids[250] in around
    assert ids.index(around[-1]) - ids.index(around[0]) == 4
    assert (body["count"], sum(body["counts"].values())) == (500, 500)
    assert sum(sum(one["statuses"].values()) for one in body["bins"]) == 500


@pytest.mark.parametrize(
    ("query", "essence"),
    [
        ({"limit": "0"}, "limit must be at least 1"),
        ({"limit": "1001"}, "limit must be at most 1000"),
        ({"limit": "few"}, "limit must be an integer"),
        ({"at": "now"}, "at must be a date and time"),
        ({"page": "2"}, 'parameter "page"'),
        ([("limit", "1"), ("limit", "2")], "limit must be given once"),
    ],
)
def test_an_invalid_query_is_rejected(project: SandboxProject, query: Any, essence: str) -> None:
    assert essence in error_of(project.on_backup("GET", params=query), 400)["message"]
