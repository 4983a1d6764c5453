"""Fault rules over HTTP: add, list and remove them; the effect of each kind on a response."""

import json
import time
from typing import Any

import httpx2
import pytest

from mockserver.faults import KINDS
from mockserver.instants import INSTANT_MAX, timestamp
from tests.contract.responses import OPERATIONS, bearer, error_of, rate_limit_of
from tests.support import FROZEN, NOW, RunningServer, SandboxProject, make_project


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    """A project with four pages of restores."""
    return make_project(server, scenario="many", restores=180, clock=FROZEN)


def triggered(project: SandboxProject) -> list[int]:
    return [fault["triggered"] for fault in project.ok("GET", "/faults")["faults"]]


# Rules


def test_a_rule_reads_back_as_it_was_created(project: SandboxProject) -> None:
    rule = {
        "operation": "list-backups",
        "page": 2,
        "nth": 3,
        "times": 4,
        "probability": 0.5,
        "for": "PT1M30S",
        "fault": {
            "kind": "status",
            "status": 503,
            "message": "gone fishing",
            "retryAfter": "2024-07-01T12:00:30Z",
            "headers": {"X-Served-By": "cache_7"},
        },
    }
    response = project.control("POST", "/faults", json=rule)
    assert response.status_code == 201
    listed = {**rule, "id": "fault-1", "triggered": 0}
    assert response.json() == project.ok("GET", "/faults/fault-1") == listed
    assert project.ok("GET", "/faults") == {"faults": [listed]}
    assert project.ok("GET")["faults"] == [listed]


def test_a_rule_reads_back_without_the_conditions_it_omits(project: SandboxProject) -> None:
    response = project.control("POST", "/faults", json={"fault": {"kind": "rate-limit"}})
    assert response.json() == {
        "operation": "list-restores",
        "fault": {"kind": "rate-limit", "reset": 3600},
        "id": "fault-1",
        "triggered": 0,
    }


def test_rules_are_listed_in_creation_order_and_removed_one_by_one_or_together(project: SandboxProject) -> None:
    assert project.ok("GET", "/faults") == {"faults": []}
    ids = [project.fault(kind) for kind in ("reset", "truncate", "malformed")]
    assert ids == ["fault-1", "fault-2", "fault-3"]
    assert project.control("DELETE", "/faults/fault-2").status_code == 204
    assert [fault["id"] for fault in project.ok("GET", "/faults")["faults"]] == ["fault-1", "fault-3"]
    for method in ("GET", "DELETE"):
        error = error_of(project.control(method, "/faults/fault-2"), 404)
        assert '"fault-2"' in error["message"]
        assert f'"{project.id}"' in error["message"]
    assert project.control("DELETE", "/faults").status_code == 204
    assert project.ok("GET", "/faults") == {"faults": []}
    assert project.control("DELETE", "/faults").status_code == 204
    assert project.fault("reset") == "fault-4"
    project.ok("DELETE", "/faults")
    assert project.page().status_code == 200


BAD_RULES: list[tuple[Any, str]] = [
    (None, "body"),
    ([], "body"),
    ({}, "fault"),
    ({"fault": None}, "fault"),
    ({"fault": "reset"}, "fault"),
    ({"fault": {}}, "fault"),
    ({"fault": {"kind": "explode"}}, "fault"),
    ({"fault": {"kind": []}}, "fault"),
    ({"fault": {"kind": {}}}, "fault"),
    ({"fault": {"kind": None}}, "fault"),
    ({"fault": {"kind": "status"}}, "fault.status"),
    ({"fault": {"kind": "status", "status": 399}}, "fault.status"),
    ({"fault": {"kind": "status", "status": 600}}, "fault.status"),
    ({"fault": {"kind": "status", "status": "503"}}, "fault.status"),
    ({"fault": {"kind": "status", "status": 503, "message": 5}}, "fault.message"),
    ({"fault": {"kind": "status", "status": 503, "message": "x" * 1001}}, "fault.message"),
    ({"fault": {"kind": "status", "status": 503, "id": ""}}, "fault.id"),
    ({"fault": {"kind": "status", "status": 503, "id": "x" * 101}}, "fault.id"),
    ({"fault": {"kind": "status", "status": 503, "details": []}}, "fault.details"),
    ({"fault": {"kind": "status", "status": 503, "details": {"x": "x" * 10_000}}}, "fault.details"),
    ({"fault": {"kind": "status", "status": 503, "details": {"x": float("nan")}}}, "fault.details"),
    ({"fault": {"kind": "status", "status": 503, "retryAfter": -1}}, "fault.retryAfter"),
    ({"fault": {"kind": "status", "status": 503, "retryAfter": 31_536_001}}, "fault.retryAfter"),
    ({"fault": {"kind": "status", "status": 503, "retryAfter": 1.5}}, "fault.retryAfter"),
    ({"fault": {"kind": "status", "status": 503, "retryAfter": True}}, "fault.retryAfter"),
    ({"fault": {"kind": "status", "status": 503, "retryAfter": "soon"}}, "fault.retryAfter"),
    ({"fault": {"kind": "status", "status": 503, "retryAfter": "1960-01-01"}}, "fault.retryAfter"),
    ({"fault": {"kind": "status", "status": 503, "headers": ["x"]}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"X": 5}}}, "fault.headers.X"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"": "x"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"X Y": "x"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"X": "a\r\nSet-Cookie: b"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"X": "a\n"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"X\n": "a"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"X": "€"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"X": "x" * 1001}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"Content-Length": "0"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"TRANSFER-ENCODING": "chunked"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"connection": "close"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"Date": "x"}}}, "fault.headers"),
    ({"fault": {"kind": "status", "status": 503, "headers": {"Retry-After": "5"}}}, "fault.headers"),
    ({"fault": {"kind": "rate-limit", "reset": -1}}, "fault.reset"),
    ({"fault": {"kind": "rate-limit", "reset": 3601}}, "fault.reset"),
    ({"fault": {"kind": "latency"}}, "fault.ms"),
    ({"fault": {"kind": "latency", "ms": -1}}, "fault.ms"),
    ({"fault": {"kind": "latency", "ms": 600_001}}, "fault.ms"),
    ({"fault": {"kind": "latency", "ms": True}}, "fault.ms"),
    ({"fault": {"kind": "slow"}}, "fault.bytesPerSecond"),
    ({"fault": {"kind": "slow", "bytesPerSecond": 0}}, "fault.bytesPerSecond"),
    ({"fault": {"kind": "mutate"}}, "fault"),
    ({"fault": {"kind": "mutate", "insert": 0}}, "fault"),
    ({"fault": {"kind": "mutate", "insert": -1}}, "fault.insert"),
    ({"fault": {"kind": "mutate", "delete": 10_001}}, "fault.delete"),
    ({"fault": {"kind": "reset", "after": 5}}, "fault.after"),
    ({"fault": {"kind": "reset", "page": 5}}, "fault.page"),
    ({"kind": "status", "status": 503}, "kind"),
    ({"fault": {"kind": "status"}, "status": 503}, "status"),
    ({"fault": "status", "status": 503}, "status"),
    ({"fault": {"kind": "reset"}, "page": 0}, "page"),
    ({"fault": {"kind": "reset"}, "page": 1_000_000_001}, "page"),
    ({"fault": {"kind": "reset"}, "page": "1"}, "page"),
    ({"fault": {"kind": "reset"}, "nth": 0}, "nth"),
    ({"fault": {"kind": "reset"}, "times": 0}, "times"),
    ({"fault": {"kind": "reset"}, "for": -1}, "for"),
    ({"fault": {"kind": "reset"}, "for": "soon"}, "for"),
    ({"fault": {"kind": "reset"}, "for_": 5}, "for_"),
    ({"fault": {"kind": "rate-limit"}, "for": 5}, "body"),
    ({"fault": {"kind": "reset"}, "probability": -0.1}, "probability"),
    ({"fault": {"kind": "reset"}, "probability": 1.1}, "probability"),
    ({"fault": {"kind": "reset"}, "probability": "0.5"}, "probability"),
    ({"fault": {"kind": "reset"}, "probability": float("nan")}, "probability"),
    ({"fault": {"kind": "reset"}, "operation": "list"}, "operation"),
    ({"fault": {"kind": "reset"}, "operation": "health"}, "operation"),
    ({"fault": {"kind": "reset"}, "operation": "login", "page": 1}, "body"),
    ({"fault": {"kind": "mutate", "insert": 1}, "operation": "list-backups"}, "body"),
    ({"fault": {"kind": "paging"}}, "fault.what"),
    ({"fault": {"kind": "paging", "what": "explode"}}, "fault.what"),
    ({"fault": {"kind": "paging", "what": "no-cursor"}, "operation": "get-backup"}, "body"),
    ({"fault": {"kind": "reset"}, "id": "mine"}, "id"),
]


@pytest.mark.parametrize(("rule", "place"), BAD_RULES, ids=lambda value: str(value)[:60])
def test_an_invalid_rule_is_rejected_with_its_location_and_adds_nothing(
    project: SandboxProject, rule: Any, place: str
) -> None:
    error = error_of(project.control("POST", "/faults", content=json.dumps(rule)), 400)
    assert error["details"].keys() == {place}
    assert project.ok("GET", "/faults") == {"faults": []}


def test_the_error_for_an_unknown_kind_lists_the_kinds(project: SandboxProject) -> None:
    error = error_of(project.control("POST", "/faults", json={"fault": {"kind": "explode"}}), 400)
    assert error["message"].endswith(", ".join(KINDS))


# Kinds


def test_a_status_fault_has_the_vendors_error_body_and_prevents_the_operation(project: SandboxProject) -> None:
    project.fault("status", {"operation": "restore-backup", "times": 1}, status=503, message="gone fishing")
    path = "/addons/example-addon/backups/example-backup/restore"
    error = error_of(project.ask("POST", path), 503)
    assert error["message"] == "gone fishing"
    assert project.ok("GET")["restores"] == 180
    assert project.ask("POST", path).status_code == 200


def test_a_used_up_rate_limit_says_when_it_ends_and_uses_up_nothing(project: SandboxProject) -> None:
    project.page()
    project.fault("rate-limit", {"times": 1}, reset=7)
    response = project.page()
    assert error_of(response, 429)["id"] == "nf-rate-limited"
    assert rate_limit_of(response) == (1000, 0, 7)
    assert response.headers["retry-after"] == "7"
    project.advance(7)
    assert rate_limit_of(project.page())[:2] == (1000, 997)


def test_a_rate_limit_holds_until_its_reset_on_the_projects_clock_and_counts_down(project: SandboxProject) -> None:
    project.fault("rate-limit", {"page": 2, "times": 1}, reset=5)
    seen = []
    for by in (0, 2.5, 2.499, 0.001):
        project.advance(by)
        response = project.page("page=2")
        seen.append((response.status_code, response.headers.get("retry-after"), rate_limit_of(response)[1:]))
        assert project.page().status_code == 200
    assert [each[:2] for each in seen] == [(429, "5"), (429, "3"), (429, "1"), (200, None)]
    assert [each[2] for each in seen[:3]] == [(0, 5), (0, 3), (0, 1)]
    assert triggered(project) == [1]


def test_a_rule_shows_until_when_it_holds(project: SandboxProject) -> None:
    fault_id = project.fault("reset", {"operation": "login", "for": "PT30S"})
    assert "holdsUntil" not in project.ok("GET", f"/faults/{fault_id}")
    with pytest.raises(httpx2.TransportError):
        project.server.client.get("/v1/login", headers=dict(bearer(project.token)))
    project.advance(29.999)
    assert project.ok("GET", f"/faults/{fault_id}")["holdsUntil"] == timestamp(NOW + 30_000)
    project.advance(0.001)
    assert "holdsUntil" not in project.ok("GET", f"/faults/{fault_id}")


def test_a_rule_may_hold_beyond_the_last_supported_date(project: SandboxProject) -> None:
    project.fault("malformed", {"for": "P3660000D"})
    project.page()
    assert project.ok("GET", "/faults")["faults"][0]["holdsUntil"] == timestamp(INSTANT_MAX)


def test_a_status_replays_an_error_that_somebody_has_seen(project: SandboxProject) -> None:
    details = {"feature": ["is not enabled"], "plan": {"needed": 5}}
    project.fault("status", status=403, id="nf-feature-disabled", message="Feature disabled", details=details)
    error = error_of(project.page(), 403)
    assert error == {"status": 403, "message": "Feature disabled", "id": "nf-feature-disabled", "details": details}
    assert project.requests()[-1]["errorId"] == "nf-feature-disabled"


@pytest.mark.parametrize(
    ("status", "error_id"),
    [
        (401, "nf-unauthorized"),
        (403, "nf-forbidden"),
        (404, "nf-not-found"),
        (502, "nf-bad-gateway"),
        (599, "nf-status-599"),
    ],
)
def test_the_id_of_a_status_follows_from_it(project: SandboxProject, status: int, error_id: str) -> None:
    project.fault("status", status=status)
    error = error_of(project.page(), status)
    assert error["id"] == error_id
    assert "details" not in error


def test_a_status_has_the_headers_that_it_is_given(project: SandboxProject) -> None:
    headers = {"X-Served-By": "cache_7", "x-ratelimit-remaining": "0", "Content-Type": "text/html", "X-Empty": ""}
    project.fault("status", status=429, retryAfter=30, headers=headers)
    response = project.page()
    assert response.status_code == 429
    assert response.headers["retry-after"] == "30"
    for name, value in headers.items():
        assert response.headers.get_list(name) == [value]
    assert int(response.headers["content-length"]) == len(response.content)


def test_a_status_of_429_sends_neither_a_time_to_wait_nor_a_used_up_limit_by_itself(project: SandboxProject) -> None:
    project.fault("status", status=429)
    response = project.page()
    assert response.status_code == 429
    assert "retry-after" not in response.headers
    assert rate_limit_of(response)[:2] == (1000, 999)


def test_a_malformed_response_is_a_200_with_invalid_json(project: SandboxProject) -> None:
    project.fault("malformed")
    response = project.page()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert int(response.headers["content-length"]) == len(response.content)
    with pytest.raises(json.JSONDecodeError):
        response.json()


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_connection_that_ends_early_is_an_error_to_a_client(project: SandboxProject, kind: str) -> None:
    project.fault(kind, {"times": 1})
    with pytest.raises(httpx2.TransportError):
        project.page()
    assert project.page().status_code == 200


@pytest.mark.parametrize(
    ("kind", "fault"), [("latency", {"ms": 80}), ("slow", {"bytesPerSecond": 50_000})], ids=["latency", "slow"]
)
def test_a_late_response_is_complete(project: SandboxProject, kind: str, fault: dict[str, Any]) -> None:
    whole = project.page().content
    project.fault(kind, **fault)
    began = time.monotonic()
    assert project.page().content == whole
    assert time.monotonic() - began >= 0.08
    assert project.requests()[-1]["durationMs"] >= 80


def test_delays_add_up_and_only_the_first_exclusive_fault_triggers(project: SandboxProject) -> None:
    for _ in range(2):
        project.fault("latency", ms=40)
    project.fault("status", {"times": 1}, status=503)
    project.fault("status", status=502)
    began = time.monotonic()
    assert project.page().status_code == 503
    assert time.monotonic() - began >= 0.08
    assert project.page().status_code == 502
    assert triggered(project) == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("mutation", "first_ids"),
    [
        ({"insert": 2}, lambda ids: [NOW + 1, NOW, *ids]),
        ({"delete": 3}, lambda ids: ids[3:]),
        ({"insert": 1, "delete": 1}, lambda ids: [NOW, *ids[1:]]),
        ({"insert": 5, "delete": 10_000}, lambda _: [NOW + place for place in (4, 3, 2, 1, 0)]),
    ],
)
def test_a_mutation_changes_the_list_after_the_page_is_sent(
    project: SandboxProject, mutation: dict[str, int], first_ids: Any
) -> None:
    before = [restore["id"] for restore in project.restores()]
    project.fault("mutate", {"times": 1}, **mutation)
    assert [restore["id"] for restore in project.restores()] == before
    expected = first_ids(before)
    assert [restore["id"] for restore in project.restores()][: len(expected)] == expected[:100]


def test_inserted_restores_are_in_progress_and_the_newest(server: RunningServer) -> None:
    project = make_project(server, restores=[{"status": "failed", "id": NOW + 50}], clock=FROZEN)
    project.fault("mutate", {"times": 1}, insert=2)
    project.page()
    assert [(restore["id"], restore["status"]) for restore in project.restores()] == [
        (NOW + 52, "in-progress"),
        (NOW + 51, "in-progress"),
        (NOW + 50, "failed"),
    ]


def test_the_newest_restores_that_have_not_ended_are_finished(server: RunningServer) -> None:
    statuses = ["completed", "aborting", "in-progress", "failed", "scheduled"]
    project = make_project(server, restores=[{"status": status} for status in statuses], clock=FROZEN)
    project.fault("mutate", {"times": 1}, finish=2)
    assert project.statuses() == statuses
    assert project.statuses() == ["completed", "completed", "completed", "failed", "scheduled"]
    assert [restore.get("completedAt") for restore in project.restores()[1:3]] == [timestamp(NOW)] * 2


def test_a_list_can_be_inserted_into_deleted_from_and_finished_at_once(server: RunningServer) -> None:
    project = make_project(server, restores=[{"status": "in-progress"}] * 3, clock=FROZEN)
    project.fault("mutate", {"times": 1}, insert=1, delete=1, finish=1)
    project.page()
    assert project.statuses() == ["in-progress", "completed", "in-progress"]


def test_at_the_last_supported_instant_only_restores_that_fit_are_inserted(server: RunningServer) -> None:
    project = make_project(server, scenario="empty").freeze(INSTANT_MAX - 2)
    project.fault("mutate", insert=10)
    assert [len(project.restores()) for _ in range(3)] == [0, 3, 3]
    assert triggered(project) == [3]


def test_a_list_is_changed_after_a_head_too(project: SandboxProject) -> None:
    project.fault("mutate", {"times": 1}, insert=1)
    assert project.ask("HEAD", "/addons/example-addon/backups/example-backup/restores").status_code == 200
    assert project.restores()[0]["id"] == NOW


@pytest.mark.parametrize("source", ["project", "addon"])
def test_a_mutation_changes_the_list_that_the_request_names(server: RunningServer, source: str) -> None:
    other = make_project(server, restores=[], contract="2026", clock=FROZEN, addonId="other-addon")
    asking = make_project(server, restores=[], contract="2026", clock=FROZEN)
    asking.fault("mutate", {"times": 1}, insert=1)
    if source == "project":
        query = f"sourceProjectId={other.id}&sourceAddonId=other-addon"
        path = f"/v1/projects/{asking.id}/addons/example-addon/backups/example-backup/restores?{query}"
        response = server.client.get(path, headers=dict(bearer()))
        assert response.status_code == 200, response.text
        assert (len(asking.restores()), len(other.restores())) == (0, 1)
    else:
        asking.page("sourceAddonId=example-addon").raise_for_status()
        assert (len(asking.restores()), len(other.restores())) == (1, 0)


# When


def test_a_page_is_known_by_its_number_and_by_the_cursor_that_leads_to_it(project: SandboxProject) -> None:
    project.fault("status", {"page": 3}, status=503)
    first = project.page()
    second = project.page(f"cursor={first.json()['pagination']['cursor']}")
    assert [first.status_code, second.status_code] == [200, 200]
    assert project.page(f"cursor={second.json()['pagination']['cursor']}").status_code == 503
    assert [project.page(f"page={page}").status_code for page in (1, 2, 3, 4)] == [200, 200, 503, 200]


def test_a_rule_counts_only_requests_without_other_errors(project: SandboxProject) -> None:
    project.fault("status", {"nth": 2}, status=503)
    assert project.page("page=0").status_code == 400
    assert project.ask("GET", "/addons/none/backups/none/restores").status_code == 404
    assert [project.page().status_code for _ in range(3)] == [200, 503, 200]
    assert triggered(project) == [1]


def test_a_rule_triggers_no_more_often_than_times(project: SandboxProject) -> None:
    project.fault("status", {"times": 2}, status=503)
    assert [project.page().status_code for _ in range(4)] == [503, 503, 200, 200]


def test_draws_repeat_in_a_project_of_the_same_seed(server: RunningServer) -> None:
    def drawn(seed: int) -> list[int]:
        project = make_project(server, scenario="single", seed=seed)
        project.fault("status", {"probability": 0.5}, status=503)
        return [project.page().status_code for _ in range(20)]

    assert drawn(5) == drawn(5) != drawn(6)
    assert set(drawn(5)) == {200, 503}


@pytest.mark.parametrize(
    ("operation", "team"),
    [
        (operation, team)
        for operation in OPERATIONS
        for team in ("", "/teams/a-team")
        if operation not in {"login", "auth"} or not team
    ],
)
def test_a_fault_can_trigger_on_any_operation_of_a_project(server: RunningServer, operation: str, team: str) -> None:
    project = make_project(server, restores=[{"status": "in-progress", "id": 5}])
    project.fault("status", {"operation": operation}, status=502)
    statuses = {}
    for name, (method, path) in OPERATIONS.items():
        body = {"restoreId": "5"} if name == "abort-restore" else None
        url = path if name in {"login", "auth"} else path.replace("{id}", project.id).replace("/v1", f"/v1{team}")
        statuses[name] = server.client.request(method, url, json=body, headers=dict(bearer(project.token))).status_code
    assert statuses == {name: 502 if name == operation else 200 for name in OPERATIONS}


def test_a_fault_can_trigger_on_a_page_of_any_list(project: SandboxProject, server: RunningServer) -> None:
    for operation in ("list-projects", "list-addons", "list-backups", "list-addon-restores"):
        project.fault("status", {"operation": operation, "page": 2}, status=502)
        method, path = OPERATIONS[operation]
        url = path.replace("{id}", project.id)
        statuses = [
            server.client.request(method, f"{url}?page={page}", headers=dict(bearer(project.token))).status_code
            for page in (1, 2)
        ]
        assert statuses == [200, 502], operation


def test_a_fault_triggers_on_requests_of_a_project_with_any_token(
    project: SandboxProject, server: RunningServer
) -> None:
    project.fault("status", status=502)
    assert server.page(backup=project.backup).status_code == 502
    assert server.page().status_code == 200
