"""Projects as sandboxes: made, looked at, reset, deleted; and what their tokens may see."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.permissions import ALL, Permission
from mockserver.instants import timestamp
from tests.contract.responses import OPERATIONS, ask, bearer, error_of
from tests.support import (
    FROZEN,
    NOW,
    RunningServer,
    SandboxProject,
    SteppedClock,
    make_project,
    restores_path,
    running_server,
)

SEVEN = ["scheduled", "in-progress", "aborting", "completed", "aborted", "failed", "not-supported"]


def projects_of(server: RunningServer) -> list[str]:
    response = server.client.get("/_mock/projects")
    assert response.status_code == 200
    return [project["projectId"] for project in response.json()["projects"]]


def listed_by(server: RunningServer, token: str) -> list[str]:
    response = ask(server, "/v1/projects?per_page=100", headers=bearer(token))
    assert response.status_code == 200
    return [project["id"] for project in response.json()["data"]["projects"]]


# Making one


def test_without_a_word_said_a_project_is_the_default_scenarios_first(server: RunningServer) -> None:
    response = server.client.post("/_mock/projects")
    assert response.status_code == 201
    created = response.json()
    project = SandboxProject(server, created)
    assert (created["scenario"], created["seed"], created["restores"]) == ("default", 1, 120)
    assert created["projectId"].startswith("default-")
    assert created["restoresUrl"] == server.url + restores_path(project.backup)
    response = server.client.get(created["restoresUrl"], headers={"Authorization": f"Bearer {created['token']}"})
    assert response.json()["pagination"]["count"] == 50


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_body_may_be_left_out(server: RunningServer, body: bytes) -> None:
    assert server.client.post("/_mock/projects", content=body).status_code == 201


def test_a_body_is_json_whatever_it_is_called(server: RunningServer) -> None:
    response = server.client.post(
        "/_mock/projects",
        content=b'{"scenario": "single"}',
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert response.json()["restores"] == 1


def test_every_option_has_its_effect(server: RunningServer) -> None:
    project = make_project(
        server,
        scenario="many",
        seed=7,
        restores=12,
        clock={"mode": "stepping", "now": timestamp(NOW), "step": "PT1M"},
        contract="2026",
        projectId="all-of-it",
        addonId="my-addon",
        backupId="my-backup",
        permissions=[Permission.READ_ADDONS],
    )
    created = {
        "projectId": "all-of-it",
        "addonId": "my-addon",
        "backupId": "my-backup",
        "token": "token-of-all-of-it",
        "scenario": "many",
        "seed": 7,
        "restores": 12,
        "restoresUrl": f"{server.url}/v1/projects/all-of-it/addons/my-addon/backups/my-backup/restores",
    }
    assert list(project.created.items()) == list(created.items())
    assert project.ok("GET") == {
        "projectId": "all-of-it",
        "token": "token-of-all-of-it",
        "scenario": "many",
        "seed": 7,
        "contract": "2026",
        "restores": 12,
        "statuses": {status: {"completed": 10, "failed": 1, "aborted": 1}.get(status, 0) for status in SEVEN_IN_ORDER},
        "backups": [{"addonId": "my-addon", "backupId": "my-backup"}],
        "rateLimit": {"limit": 1000, "windowSeconds": 3600, "enforced": False},
        "clock": {"mode": "stepping", "now": timestamp(NOW), "step": "PT1M"},
        "faults": [],
    }
    assert all(len(restore["id"]) == 24 for restore in project.restores())


SEVEN_IN_ORDER = ["scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported"]


@pytest.mark.parametrize("number", [0, 1, 180, 10_000])
def test_a_number_of_restores_is_how_many_there_are(server: RunningServer, number: int) -> None:
    project = make_project(server, scenario="many", restores=number)
    assert project.created["restores"] == project.ok("GET")["restores"] == number


def test_restores_can_be_given_one_by_one_newest_first(server: RunningServer) -> None:
    rows = [
        {"status": "in-progress"},
        {
            "status": "completed",
            "id": 1_640_995_200_000,
            "restoreTimestamp": "2022-01-01T00:00:00.001Z",
            "completedAt": "2022-01-01T01:00:00Z",
        },
        {"status": "failed", "id": 5},
    ]
    project = make_project(server, restores=rows)
    assert project.created["restores"] == 3
    newest, completed, failed = project.restores()
    assert newest["status"] == "in-progress"
    assert completed == {
        "id": 1_640_995_200_000,
        "restoreTimestamp": "2022-01-01T00:00:00.001Z",
        "status": "completed",
        "completedAt": "2022-01-01T01:00:00.000Z",
    }
    assert failed == {"id": 5, "restoreTimestamp": "1970-01-01T00:00:00.005Z", "status": "failed"}


def test_rows_may_be_given_where_the_scenario_makes_restores_and_may_be_none(server: RunningServer) -> None:
    assert make_project(server, scenario="many", restores=[]).restores() == []


def test_rows_can_have_plans(server: RunningServer) -> None:
    rows = [
        {"startsAfter": 10, "endsAfter": 20, "outcome": "failed", "id": 7},
        {"endsAfter": "PT10S", "restoreTimestamp": "1970-01-01T00:00:00.006Z"},
        {"status": "aborted", "id": 5},
        {},
    ]
    project = make_project(server, restores=rows, clock=FROZEN)
    assert [(restore["id"], restore["restoreTimestamp"][17:23]) for restore in project.restores()] == [
        (NOW, timestamp(NOW)[17:23]),
        (7, "00.007"),
        (6, "00.006"),
        (5, "00.005"),
    ]
    assert project.statuses() == ["scheduled", "scheduled", "in-progress", "aborted"]
    project.advance(10)
    assert project.statuses() == ["scheduled", "in-progress", "completed", "aborted"]
    project.advance(10)
    assert project.statuses() == ["scheduled", "failed", "completed", "aborted"]
    project.ok("POST", "/reset")
    assert project.statuses() == ["scheduled", "scheduled", "in-progress", "aborted"]


@pytest.mark.parametrize("status", SEVEN_IN_ORDER)
def test_a_row_has_its_status_for_ever(server: RunningServer, status: str) -> None:
    project = make_project(server, restores=[{"status": status}], clock={"mode": "frozen", "now": "2024-01-01"})
    assert project.statuses() == [status]
    project.advance("P1000D")
    assert project.statuses() == [status]


@pytest.mark.parametrize(
    ("scenario", "statuses"),
    [
        ("empty", []),
        ("single", ["completed"]),
        ("every-status", SEVEN),
        ("stuck", ["in-progress"]),
        ("lifecycle", ["scheduled"]),
        ("failing", ["scheduled"]),
        ("aborting", ["aborting"]),
    ],
)
def test_a_scenario_is_what_it_is_called(server: RunningServer, scenario: str, statuses: list[str]) -> None:
    assert make_project(server, scenario=scenario).statuses() == statuses


@pytest.mark.parametrize(
    ("scenario", "number"), [("full-page", 50), ("page-and-one", 51), ("two-full-pages", 100), ("many", 1000)]
)
def test_a_scenario_has_as_many_restores_as_it_says(server: RunningServer, scenario: str, number: int) -> None:
    project = make_project(server, scenario=scenario)
    assert project.created["restores"] == number
    assert project.page().json()["pagination"]["hasNextPage"] is (number > 50)


def test_every_status_is_held(server: RunningServer) -> None:
    project = make_project(server, scenario="every-status", clock=FROZEN)
    project.advance("P1000D")
    assert project.statuses() == SEVEN


BAD_BODIES: list[tuple[Any, str]] = [
    ({"scenario": "nope"}, "scenario"),
    ({"scenario": None}, "scenario"),
    ({"scenario": 5}, "scenario"),
    ({"seed": "5"}, "seed"),
    ({"seed": True}, "seed"),
    ({"seed": 1.5}, "seed"),
    ({"restores": -1}, "restores"),
    ({"restores": 10_001, "scenario": "many"}, "restores"),
    ({"restores": 1.5, "scenario": "many"}, "restores"),
    ({"restores": True, "scenario": "many"}, "restores"),
    ({"restores": "5", "scenario": "many"}, "restores"),
    ({"restores": {}, "scenario": "many"}, "restores"),
    ({"restores": 5, "scenario": "every-status"}, "restores"),
    ({"restores": "x"}, "restores"),
    ({"restores": [{"endsAfter": "P40000D"}]}, "restores"),
    ({"restores": [{"status": "failed", "id": 5}, {"status": "failed", "id": 5}]}, "restores"),
    ({"restores": [{"status": "failed"}] * 10_001}, "restores"),
    ({"restores": [5]}, "restores[0]"),
    ({"restores": [{"completedAt": "2024-01-01"}]}, "restores[0].status"),
    ({"restores": [{"status": "failed"}, {"status": "nope"}]}, "restores[1].status"),
    ({"restores": [{"status": "failed", "id": "5"}]}, "restores[0].id"),
    ({"restores": [{"status": "failed", "id": -1}]}, "restores[0].id"),
    ({"restores": [{"status": "failed", "id": 2**32 * 1000}]}, "restores[0].id"),
    ({"restores": [{"status": "failed", "restoreTimestamp": "soon"}]}, "restores[0].restoreTimestamp"),
    ({"restores": [{"status": "failed", "restoreTimestamp": 5}]}, "restores[0].restoreTimestamp"),
    ({"restores": [{"status": "completed", "completedAt": "2200-01-01"}]}, "restores[0].completedAt"),
    ({"restores": [{"status": "failed", "completedAt": "2024-01-01"}]}, "restores[0]"),
    ({"restores": [{"status": "failed", "since": 5}]}, "restores[0].since"),
    ({"restores": [{"status": "completed", "completedAt": "2025-01-02"}], "clock": {**FROZEN, "now": "2025-01-01"}},
     "restores"),
    ({"restores": [{"status": "failed", "restoreTimestamp": "2106-02-07T06:28:15.999Z"}] * 2}, "restores"),
    ({"clock": None}, "clock"),
    ({"clock": {}}, "clock.mode"),
    ({"clock": {"mode": "fast"}}, "clock.mode"),
    ({"clock": {"mode": "frozen", "now": "soon"}}, "clock.now"),
    ({"clock": {"mode": "frozen", "now": 5}}, "clock.now"),
    ({"clock": {"mode": "frozen", "now": "1969-12-31T23:59:59Z"}}, "clock.now"),
    ({"clock": {"mode": "frozen", "now": "2106-02-07T06:28:16Z"}}, "clock.now"),
    ({"clock": {"mode": "frozen", "step": 5}}, "clock"),
    ({"clock": {"mode": "stepping"}}, "clock"),
    ({"clock": {"mode": "stepping", "step": "P1M"}}, "clock.step"),
    ({"clock": {"mode": "stepping", "step": -5}}, "clock.step"),
    ({"clock": {"mode": "real", "by": 5}}, "clock.by"),
    ({"contract": "2025"}, "contract"),
    ({"contract": 2026}, "contract"),
    ({"projectId": "My Project"}, "projectId"),
    ({"projectId": "a" * 101}, "projectId"),
    ({"projectId": ""}, "projectId"),
    ({"addonId": "-a"}, "addonId"),
    ({"addonId": "session-cache"}, "addonId"),
    ({"backupId": "a--b"}, "backupId"),
    ({"backupId": "no-restores"}, "backupId"),
    ({"permissions": ["everything"]}, "permissions[0]"),
    ({"permissions": None}, "permissions"),
    ({"name": "x"}, "name"),
    ([], "body"),
    (5, "body"),
    (None, "body"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "place"), BAD_BODIES, ids=lambda value: str(value)[:60])
def test_a_bad_body_is_refused_with_its_place_and_makes_nothing(server: RunningServer, body: Any, place: str) -> None:
    before = projects_of(server)
    error = error_of(server.client.post("/_mock/projects", content=json.dumps(body)), 400)
    assert error["details"].keys() == {place}
    assert error["message"]
    assert projects_of(server) == before


def test_the_error_for_too_many_restores_counts_those_of_all_backups(server: RunningServer) -> None:
    rows = [{"status": "failed"}] * 10_000
    assert "10151 restores" in error_of(server.client.post("/_mock/projects", json={"restores": rows}), 409)["message"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"seed":' + b"1" * 5000 + b"}", b"seed=5"])
def test_a_body_that_is_not_json_is_refused(server: RunningServer, body: bytes) -> None:
    before = projects_of(server)
    error = error_of(server.client.post("/_mock/projects", content=body), 400)
    assert "JSON" in error["message"]
    assert projects_of(server) == before


def test_an_id_that_is_taken_is_a_conflict(server: RunningServer) -> None:
    project = make_project(server, projectId="taken-once", restores=[], clock=FROZEN)
    before = project.ok("GET")
    for taken in ("taken-once", "default-project"):
        error = error_of(server.client.post("/_mock/projects", json={"projectId": taken}), 409)
        assert error["message"].startswith(f'project "{taken}" exists')
    assert project.ok("GET") == before


def test_an_id_of_a_hundred_letters_is_good(server: RunningServer) -> None:
    project = make_project(server, projectId="a" * 100, scenario="single")
    assert project.statuses() == ["completed"]
    project.ok("DELETE")


def test_made_ids_keep_clear_of_those_that_were_given(own: RunningServer) -> None:
    make_project(own, projectId="single-3", scenario="single")
    make_project(own, projectId="single-2", scenario="single")
    ids = {make_project(own, scenario="single").id for _ in range(3)}
    assert len(ids | {"single-2", "single-3"}) == 5


def test_a_projects_token_is_good_where_others_are_not() -> None:
    with running_server(token=("first-good",)) as choosy:
        project = make_project(choosy, scenario="single")
        assert project.statuses() == ["completed"]
        project.ok("DELETE")
        assert ask(choosy, "/v1/projects", headers=bearer(project.token)).status_code == 401


# The same again


def test_projects_of_the_same_scenario_seed_and_starting_clock_hold_the_same(server: RunningServer) -> None:
    same = [make_project(server, scenario="default", clock=FROZEN, seed=3) for _ in range(2)]
    other = make_project(server, scenario="default", clock=FROZEN, seed=4)
    assert same[0].restores() == same[1].restores() != other.restores()
    assert (
        make_project(server, scenario="default", clock=FROZEN).restores()
        == (server.page("per_page=100").json()["data"]["restores"])
    )


# What a token sees


def test_a_token_lists_its_own_project_and_every_other_token_those_that_the_server_started_with(
    server: RunningServer,
) -> None:
    project, other = (make_project(server, scenario="single") for _ in range(2))
    started = listed_by(server, "any-other")
    assert len(started) == 3
    assert started == sorted(started)
    assert {"default-project", "staging"} < set(started)
    assert listed_by(server, project.token) == [project.id]
    assert listed_by(server, other.token) == [other.id]
    project.ok("DELETE")
    assert listed_by(server, project.token) == started


def test_a_token_sees_no_other_project(server: RunningServer) -> None:
    project, other = (make_project(server, scenario="single") for _ in range(2))
    for path in (
        restores_path(other.backup),
        restores_path(),
        f"/v1/projects/{other.id}/addons",
        f"/v1/teams/any/projects/{other.id}/addons/example-addon/restores",
    ):
        error = error_of(ask(server, path, headers=bearer(project.token)), 404)
        assert f'project "{project.id}"' in error["message"]


def test_any_token_that_is_of_no_project_sees_every_project(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    assert server.page(backup=project.backup).status_code == 200


KEYS = {
    Permission.READ_PROJECTS: "ps_projects_manage_read",
    Permission.READ_ADDONS: "ps_addons_general_read",
    Permission.UPDATE_ADDONS: "ps_addons_general_update",
}
NEEDED = {
    "list-projects": Permission.READ_PROJECTS,
    "list-addons": Permission.READ_ADDONS,
    "list-backups": Permission.READ_ADDONS,
    "get-backup": Permission.READ_ADDONS,
    "list-restores": Permission.READ_ADDONS,
    "list-addon-restores": Permission.READ_ADDONS,
    "restore-backup": Permission.UPDATE_ADDONS,
    "abort-restore": Permission.UPDATE_ADDONS,
}


@pytest.mark.parametrize(("operation", "needed"), NEEDED.items())
@pytest.mark.parametrize("team", ["", "/teams/a-team"])
def test_a_missing_permission_takes_precedence_over_all_other_errors(
    server: RunningServer, operation: str, needed: Permission, team: str
) -> None:
    others = [permission for permission in ALL if permission is not needed]
    project = make_project(server, scenario="single", permissions=others)
    method, path = OPERATIONS[operation]
    path = path.replace("{id}", project.id).replace("/v1", f"/v1{team}")
    for wrong in ("", "?page=0", "?page="):
        error = error_of(ask(server, path + wrong, method, bearer(project.token)), 401)
        assert "does not have permission" in error["message"]
        assert needed in error["message"]
        assert error["id"] == "nf-missing-permission"
        assert error["details"] == {"requiredPermission": KEYS[needed]}
    allowed = make_project(server, scenario="single", permissions=[needed])
    response = ask(server, path.replace(project.id, allowed.id), method, bearer(allowed.token))
    assert response.status_code == (400 if path.endswith("abort-restore") else 200)


def test_a_token_may_be_allowed_nothing_and_can_still_log_in(server: RunningServer) -> None:
    project = make_project(server, scenario="single", permissions=[])
    assert ask(server, "/v1/login", headers=bearer(project.token)).status_code == 200
    response = project.page()
    assert error_of(response, 401)["id"] == "nf-missing-permission"
    assert response.headers["www-authenticate"] == "Bearer"


# Looking at one


def test_the_projects_are_listed_in_the_order_of_their_making(own: RunningServer) -> None:
    created = [make_project(own, scenario="single", projectId=name).id for name in ("z", "b", "a")]
    assert projects_of(own) == ["default-project", *created]


def test_an_entry_of_the_list_is_the_project_without_what_only_counting_its_restores_shows(own: RunningServer) -> None:
    stepping = {"mode": "stepping", "now": timestamp(NOW), "step": "PT1M"}
    project = make_project(own, scenario="every-status", clock=stepping)
    project.fault("status", {"page": 2}, status=503)
    whole = project.ok("GET")
    assert whole.pop("restores") == sum(whole.pop("statuses").values()) == 7
    assert whole.pop("backups") == [{"addonId": "example-addon", "backupId": "example-backup"}]
    entries = own.client.get("/_mock/projects").json()["projects"]
    assert entries[1] == whole
    assert "token" not in entries[0]
    assert [list(entry["clock"]) for entry in entries] == [["mode", "now"], ["mode", "now", "step"]]


def test_listing_projects_that_are_in_use_takes_one_query(own: RunningServer) -> None:
    for _ in range(5):
        make_project(own, scenario="single")
    with own.statements() as statements:
        assert len(projects_of(own)) == 6
    assert len(statements) == 1


def test_a_project_that_the_server_started_with_has_no_token_of_its_own(own: RunningServer) -> None:
    started = own.client.get("/_mock/projects/default-project").json()
    identity, counts, state = (
        ("projectId", "scenario", "seed", "contract"),
        ("restores", "statuses", "backups"),
        ("clock", "faults"),
    )
    assert list(started) == [*identity, *counts, "rateLimit", *state]
    assert (started["scenario"], started["contract"]) == ("example", "2024")


def test_statuses_are_counted_at_the_projects_now(server: RunningServer) -> None:
    project = make_project(server, scenario="lifecycle", clock=FROZEN)
    for by, status in (("PT0S", "scheduled"), ("PT30S", "in-progress"), ("PT5M", "completed")):
        project.advance(by)
        counted = project.ok("GET")["statuses"]
        assert list(counted) == SEVEN_IN_ORDER
        assert {key for key, number in counted.items() if number} == {status}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/reset"),
        ("GET", "/clock"),
        ("PUT", "/clock"),
        ("POST", "/clock/advance"),
        ("GET", "/faults"),
        ("POST", "/faults"),
        ("DELETE", "/faults"),
        ("GET", "/faults/fault-1"),
        ("DELETE", "/faults/fault-1"),
        ("GET", "/plan"),
        ("PUT", "/plan"),
        ("DELETE", "/plan"),
        ("GET", "/requests"),
        ("GET", "/walks"),
        ("POST", "/addons/example-addon/backups/example-backup/restores"),
        ("PATCH", "/addons/example-addon/backups/example-backup/restores/5"),
        ("DELETE", "/addons/example-addon/backups/example-backup/restores/5"),
    ],
)
def test_a_project_that_is_not_there_is_a_404_for_everything(server: RunningServer, method: str, path: str) -> None:
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("PUT", "/clock"): {"mode": "real"},
        ("PUT", "/plan"): {},
        ("POST", "/clock/advance"): {"by": 5},
        ("POST", "/faults"): {"fault": {"kind": "reset"}},
    }
    body = bodies.get((method, path), {"status": "failed"} if method == "PATCH" else None)
    response = server.client.request(method, f"/_mock/projects/no-such{path}", json=body)
    assert 'project "no-such"' in error_of(response, 404)["message"]


# Reset and deletion


def change(project: SandboxProject) -> None:
    """Changes all that can be changed of a project."""
    project.add(startsAfter=0)
    project.on_backup("DELETE", f"/{project.restores()[-1]['id']}").raise_for_status()
    project.fault("status", status=503)
    project.ok("PUT", "/clock", json={"mode": "stepping", "step": "P1D"})
    assert project.page().status_code == 503


def state(project: SandboxProject) -> tuple[Any, ...]:
    return project.ok("GET"), project.ok("GET", "/requests"), project.ok("GET", "/walks")


@pytest.mark.parametrize("scenario", ["default", "lifecycle", "every-status"])
@pytest.mark.parametrize("mode", [FROZEN, {"mode": "stepping", "now": "2025-01-01", "step": 5}])
def test_a_reset_project_is_as_it_was_made(server: RunningServer, scenario: str, mode: dict[str, Any]) -> None:
    project = make_project(server, scenario=scenario, clock=mode)
    before = state(project)
    restores = project.page("per_page=100").json()
    project.ok("POST", "/reset")
    change(project)
    assert state(project) != before
    assert project.ok("POST", "/reset") == before[0]
    assert state(project) == before
    response = project.page("per_page=100")
    assert response.json() == restores
    assert response.headers["x-ratelimit-remaining"] == "999"
    assert project.fault("reset") == "fault-1"


def test_a_clock_that_was_to_stand_at_the_present_does_so_again_after_a_reset(
    own: RunningServer, clock: SteppedClock
) -> None:
    project = make_project(own, scenario="lifecycle", clock={"mode": "frozen"})
    before = project.restores()
    clock.instant += 3_600_000
    assert project.ok("POST", "/reset")["clock"] == FROZEN
    assert project.restores() == before


def test_a_real_clock_starts_again_at_a_reset(own: RunningServer, clock: SteppedClock) -> None:
    project = make_project(own, scenario="lifecycle")
    clock.instant += 3_600_000
    assert project.statuses() == ["completed"]
    project.ok("POST", "/reset")
    assert project.statuses() == ["scheduled"]
    assert project.restores()[0]["id"] == NOW + 3_600_000
    shifted = make_project(own, scenario="stuck", clock={"mode": "real", "now": "2030-01-01"})
    clock.instant += 1_000
    assert shifted.ok("GET", "/clock")["now"] == "2030-01-01T00:00:01.000Z"
    assert shifted.ok("POST", "/reset")["clock"]["now"] == "2030-01-01T00:00:00.000Z"


def test_a_reset_leaves_other_projects_alone(server: RunningServer) -> None:
    project, other = (make_project(server, scenario="single", clock=FROZEN) for _ in range(2))
    change(other)
    before = state(other)
    project.ok("POST", "/reset")
    project.ok("DELETE")
    assert state(other) == before


def test_a_deleted_project_is_gone_and_its_id_free(server: RunningServer) -> None:
    project = make_project(server, scenario="single", projectId="gone-and-back")
    assert project.control("DELETE").status_code == 204
    error_of(project.control("GET"), 404)
    error_of(server.page(backup=project.backup), 404)
    again = make_project(server, scenario="empty", projectId="gone-and-back")
    assert again.restores() == []
    assert [request["path"] for request in again.requests()] == [restores_path(again.backup)]


def test_a_deletion_leaves_no_row_behind(own: RunningServer) -> None:
    def rows() -> list[int]:
        tables = ("project", "addon", "backup", "restore", "faultrule")
        execute = own.emulator.store.connection.execute
        return [execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608 - ours

    before = rows()
    project = make_project(own)
    project.fault("reset")
    assert all(after > number for after, number in zip(rows(), before, strict=True))
    project.ok("DELETE")
    assert rows() == before


def test_the_whole_server_is_taken_back_to_how_it_started(own: RunningServer, clock: SteppedClock) -> None:
    started = SandboxProject(own, {"projectId": "default-project", "token": "any", "addonId": "example-addon",
                                "backupId": "example-backup"})  # fmt: skip
    before = started.ok("GET")
    created = make_project(own)
    change(started)
    clock.instant += 1
    response = own.client.post("/_mock/reset")
    assert (response.status_code, response.json()) == (200, {"projects": ["default-project"]})
    error_of(created.control("GET"), 404)
    assert ask(own, "/v1/login", headers=bearer(created.token)).headers["x-ratelimit-remaining"] == "999"
    clock.instant -= 1
    assert started.ok("GET") == before
    assert started.requests() == started.walks() == []
    assert started.page().headers["x-ratelimit-remaining"] == "999"


def test_a_started_project_that_was_deleted_comes_back() -> None:
    with running_server() as own:
        started = projects_of(own)
        before = own.page().content
        for project_id in started:
            assert own.client.delete(f"/_mock/projects/{project_id}").status_code == 204
        assert projects_of(own) == []
        assert own.page().status_code == 404
        assert own.client.post("/_mock/reset").json() == {"projects": started}
        assert own.page().content == before


LARGE = """
help = "More than a running server makes."
[[projects]]
[[projects.addons]]
[[projects.addons.backups]]
restores.count = 6000
[[projects.addons.backups]]
restores.count = {}
"""


@pytest.mark.parametrize(("number", "status"), [(4000, 201), (4001, 409)])
def test_a_running_server_makes_no_more_than_ten_thousand_restores(tmp_path: Path, number: int, status: int) -> None:
    (tmp_path / "large.toml").write_text(LARGE.format(number))
    with running_server(scenarios=tmp_path, scenario="empty") as own:
        response = own.client.post("/_mock/projects", json={"scenario": "large"})
        assert response.status_code == status
        if status == 409:
            assert "10001 restores" in error_of(response, 409)["message"]
            assert projects_of(own) == ["default-project"]


def test_nor_does_it_make_them_again_at_a_reset(tmp_path: Path) -> None:
    (tmp_path / "large.toml").write_text(LARGE.format(4001))
    with running_server(scenarios=tmp_path, scenario="large") as own:
        (project_id,) = projects_of(own)
        for path in (f"/_mock/projects/{project_id}/reset", "/_mock/reset"):
            error_of(own.client.post(path), 409)
        assert own.client.get(f"/_mock/projects/{project_id}").json()["restores"] == 10_001


OWN_SCENARIO = """
help = "One of ours."
[[projects]]
[[projects.addons]]
[[projects.addons.backups]]
restores = [{ status = "failed" }, { startsAfter = 0, endsAfter = 60 }]
"""


def test_a_users_scenario_is_read_again_when_its_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "My Own.toml"
    file.write_text(OWN_SCENARIO)
    with running_server(scenarios=tmp_path) as own:
        project = make_project(own, scenario="My Own")
        assert project.id.startswith("my-own-")
        assert (project.backup.addon_id, project.backup.backup_id) == ("example-addon", "example-backup")
        assert project.statuses() == ["in-progress", "failed"]
        file.write_text(OWN_SCENARIO.replace("failed", "aborted") + "\n")
        assert make_project(own, scenario="My Own").statuses() == ["in-progress", "aborted"]
        project.ok("POST", "/reset")
        assert project.statuses() == ["in-progress", "failed"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('help = "Nothing."', "must have a backup"),
        ('help = "Nothing."\n[[projects]]', "must have a backup"),
        ('help = "Nothing."\n[[projects]]\n[[projects.addons]]', "must have a backup"),
        ("projects = 5", "own.toml: help is missing"),
        ("help = ", "own.toml is not TOML"),
    ],
)
def test_a_scenario_that_no_project_can_be_made_of_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "own.toml").write_text(content)
    with running_server(scenarios=tmp_path) as own:
        error = error_of(own.client.post("/_mock/projects", json={"scenario": "own"}), 400)
        assert words in error["message"]
        assert error["details"].keys() == {"scenario"}
