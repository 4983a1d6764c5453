"""Restores with ObjectIds of a user's own, so that what the real service listed can be replayed."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.versions import Contract, public_id
from tests.contract.responses import error_of
from tests.support import RunningServer, SandboxProject, make_project, running_server

A, B, C = "668596c647fed81696a8a82a", "668596c647fed81696a8a82b", "668596c647fed81696a8a82c"
SECOND = 0x668596C6 * 1000
OTHER = "64ed8279ffffffffffffffff"

DOCUMENTED = (
    b'{"data":{"restores":[{"id":"668596c647fed81696a8a82c","status":"completed",'
    b'"restoreTimestamp":"2021-01-20T11:19:54.494Z","completedAt":"2021-01-20T11:19:54.494Z"}]},'
    b'"pagination":{"hasNextPage":false,"count":1}}'
)


def of_2026(server: RunningServer, *rows: dict[str, Any]) -> SandboxProject:
    return make_project(server, restores=list(rows), contract="2026")


def add_row(project: SandboxProject, **row: Any) -> Any:
    response = project.on_backup("POST", json=row)
    assert response.status_code == 201, response.text
    return response.json()


def ids(project: SandboxProject) -> list[Any]:
    return [restore["id"] for restore in project.restores()]


def test_the_documented_example_of_2026_is_served_to_the_byte(server: RunningServer) -> None:
    assert make_project(server, scenario="example", contract="2026").page().content == DOCUMENTED
    assert ids(make_project(server, scenario="example")) == [1693287033325]


def test_rows_are_in_the_order_of_their_object_ids(server: RunningServer) -> None:
    rows = [{"status": "failed", "id": B}, {"status": "failed", "objectId": C}, {"status": "failed", "id": A}]
    project = of_2026(server, *rows, {"status": "failed", "id": OTHER})
    assert ids(project) == [C, B, A, OTHER]
    assert [restore["restoreTimestamp"][-4:] for restore in project.restores()[:3]] == ["002Z", "001Z", "000Z"]
    same = make_project(server, restores=rows)
    assert ids(same) == [SECOND + 2, SECOND + 1, SECOND]


def test_a_row_may_have_a_number_and_an_object_id(server: RunningServer) -> None:
    row = {"status": "scheduled", "id": 5, "objectId": A}
    assert ids(of_2026(server, row)) == [A]
    assert ids(make_project(server, restores=[row])) == [5]


def test_ranks_leave_out_numbers_that_rows_have(server: RunningServer) -> None:
    project = make_project(server, restores=[{"status": "failed", "id": SECOND}, {"status": "failed", "id": A}])
    assert ids(project) == [SECOND + 1, SECOND]


def test_a_page_mixes_given_and_derived_object_ids(server: RunningServer) -> None:
    project = of_2026(server, {"status": "failed", "id": A}, {"status": "failed", "id": 5})
    derived = public_id(Contract.V2026, 5)
    assert ids(project) == [A, derived]
    restores = project.ask("GET", "/addons/example-addon/restores").json()["data"]["restores"]
    assert {A, derived} <= {restore["id"] for restore in restores}


def test_aborting_forcing_and_deleting_find_it(server: RunningServer) -> None:
    project = of_2026(server, {"status": "in-progress", "id": A}, {"status": "in-progress", "id": B})
    assert project.abort(A).status_code == 200
    assert project.statuses() == ["in-progress", "aborting"]
    forced = project.on_backup("PATCH", f"/{B}", json={"status": "failed"})
    assert (forced.json()["id"], forced.json()["status"]) == (B, "failed")
    assert project.on_backup("DELETE", f"/{A}").status_code == 204
    assert ids(project) == [B]
    error_of(project.abort(A), 404)
    assert add_row(project, status="failed", id=A)["id"] == A


def test_the_object_id_that_would_follow_from_its_number_is_not_its_id(server: RunningServer) -> None:
    project = of_2026(server, {"status": "in-progress", "id": 5, "objectId": A})
    error_of(project.abort(str(public_id(Contract.V2026, 5))), 404)


def test_under_2024_an_object_id_is_no_id(server: RunningServer) -> None:
    project = make_project(server, restores=[{"status": "in-progress", "id": A}])
    error_of(project.abort(A), 404)
    assert project.abort(str(SECOND)).status_code == 200


def test_restores_are_added_with_object_ids_of_their_own(server: RunningServer) -> None:
    project = of_2026(server)
    assert add_row(project, status="failed", objectId=B)["id"] == B
    assert add_row(project, objectId=A, endsAfter="PT1H")["id"] == A
    assert add_row(project, status="failed", objectId=C, id=7, restoreTimestamp="2024-07-01")["id"] == C
    error_of(project.on_backup("POST", json={"status": "failed", "id": A}), 409)
    listed = project.ok("GET", "/addons/example-addon/backups/example-backup/restores")["restores"]
    assert [(each["id"], each["objectId"]) for each in listed] == [(A, A), (B, B), (C, C)]


def test_a_second_has_room_for_a_thousand_restores(server: RunningServer) -> None:
    project = of_2026(server, *({"status": "failed", "id": f"668596c6{rank:016x}"} for rank in range(1, 1001)))
    error = error_of(project.on_backup("POST", json={"status": "failed", "id": A}), 409)
    assert "1,000 restores of that second" in error["message"]
    assert add_row(project, status="failed", id=OTHER)["id"] == OTHER


def test_polls_are_found_by_a_given_object_id(server: RunningServer) -> None:
    project = of_2026(server, {"status": "failed", "id": A})
    project.page()
    polls = project.ok("GET", f"/polls?restore={A}")
    assert (polls["restore"], polls["responses"]) == (A, 1)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"status": "failed", "id": A}, {"status": "failed", "objectId": A}], "more than one item with the id"),
        ([{"status": "failed", "id": A, "objectId": B}], "both as id and as objectId"),
        ([{"status": "failed", "objectId": A.upper()}], "24 hexadecimal digits in lower case"),
        ([{"status": "failed", "objectId": "5"}], "24 hexadecimal digits in lower case"),
        ([{"status": "failed", "id": "5"}], "an integer"),
        (
            [{"status": "failed", "id": 5}, {"status": "failed", "id": public_id(Contract.V2026, 5)}],
            "by its number",
        ),
        ([{"status": "failed", "id": f"668596c6{rank:016x}"} for rank in range(1001)], "more than 1,000 restores"),
    ],
    ids=["twice", "both", "upper case", "short", "digits", "derived", "too many"],
)
def test_what_cannot_be_is_a_400_that_makes_nothing(server: RunningServer, rows: list[Any], words: str) -> None:
    response = server.client.post("/_mock/projects", json={"projectId": "cannot-be", "restores": rows})
    assert words in error_of(response, 400)["message"]
    assert server.client.get("/_mock/projects/cannot-be").status_code == 404


def test_a_scenario_may_have_object_ids_and_they_outlive_a_restart_and_a_reset(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        f"""help = "Real ids."
[[projects]]
id = "own"
[[projects.addons]]
id = "example-addon"
[[projects.addons.backups]]
id = "example-backup"
restores = [{{ id = "{A}", status = "failed" }}, {{ objectId = "{B}", id = 9, status = "failed" }}]
"""
    )
    options: Any = {"scenarios": tmp_path, "scenario": "own", "database": tmp_path / "db", "contract": Contract.V2026}
    path = "/v1/projects/own/addons/example-addon/backups/example-backup/restores"
    for _ in range(2):
        with running_server(**options) as server:
            listed = server.get(path).json()["data"]["restores"]
            assert [restore["id"] for restore in listed] == [A, B]
            server.client.post("/_mock/projects/own/reset").raise_for_status()
            assert server.get(path).json()["data"]["restores"] == listed
