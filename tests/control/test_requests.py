"""The journal over HTTP: its entries, and the project that each request belongs to."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from mockserver.instants import timestamp
from mockserver.sandbox.records import TARGET_MAX, fingerprint
from tests.contract.responses import ask, bearer, error_of
from tests.support import (
    NOW,
    TOKEN,
    RunningServer,
    SandboxProject,
    SteppedClock,
    make_project,
    restores_path,
    running_server,
)


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    """A project with four pages of restores."""
    return make_project(server, scenario="many", restores=180)


def test_an_entry_has_all_keys(own: RunningServer, clock: SteppedClock) -> None:
    project = make_project(own, scenario="page-and-one", clock={"mode": "frozen", "now": "2030-01-01"})
    clock.instant += 1234
    headers = {"Accept": "application/json", "User-Agent": "a-client/1.0", "Traceparent": "00-abc-def-01"}
    authorized = headers | dict(bearer(project.token))
    project.page("page=2&a%20b=1&foo=&foo=2", headers=authorized).raise_for_status()
    (entry,) = project.requests()
    assert entry["requestId"].startswith("request-")
    assert isinstance(entry["number"], int)
    expected = {
        "number": entry["number"],
        "at": timestamp(NOW + 1234),
        "projectTime": "2030-01-01T00:00:00.000Z",
        "operation": "list-restores",
        "method": "GET",
        "path": restores_path(project.backup),
        "query": "page=2&a%20b=1&foo=&foo=2",
        "ignoredParameters": ["a b", "foo"],
        "token": fingerprint(project.token),
        "accept": "application/json",
        "userAgent": "a-client/1.0",
        "traceparent": "00-abc-def-01",
        "status": 200,
        "durationMs": 0.0,
        "page": 2,
        "restores": 1,
        "statuses": {"completed": 1},
        "hasNextPage": False,
        "walk": 1,
        "requestId": entry["requestId"],
        "faults": [],
    }
    assert list(entry.items()) == list(expected.items())
    assert project.token not in project.control("GET", "/requests").text


def test_a_request_is_in_the_journal_once_its_response_is_sent(project: SandboxProject) -> None:
    for number in range(1, 4):
        project.page()
        assert len(project.requests()) == number


def test_the_page_of_a_cursor_is_the_one_it_leads_to(project: SandboxProject) -> None:
    cursor = project.page("per_page=10&page=3").json()["pagination"]["cursor"]
    project.page(f"cursor={cursor}&page=1")
    assert [entry["page"] for entry in project.requests()] == [3, 4]


def test_an_entry_names_the_faults_that_triggered(project: SandboxProject) -> None:
    project.fault("latency", ms=1)
    project.fault("status", {"times": 1}, status=503)
    project.fault("reset", {"times": 1})
    project.page()
    with pytest.raises(httpx2.TransportError):
        project.page()
    failed, reset = project.requests()
    assert failed["status"] == 503
    assert failed["faults"] == [{"id": "fault-1", "kind": "latency"}, {"id": "fault-2", "kind": "status"}]
    assert "status" not in reset
    assert "errorId" not in reset
    assert [fault["kind"] for fault in reset["faults"]] == ["latency", "reset"]


def test_an_entry_has_the_time_to_wait_and_how_much_too_early_a_retry_came(
    own: RunningServer, clock: SteppedClock
) -> None:
    project = make_project(own, scenario="single")
    project.fault("rate-limit", {"times": 1}, reset=30)
    for seconds in (0, 10, 45):
        clock.instant += seconds * 1000
        project.page()
    assert entries(project, "retryAfter") == ["30", "20", None]
    assert entries(project, "earlyMs") == [None, 20_000, None]


def test_an_entry_keeps_the_faults_of_removed_rules(project: SandboxProject) -> None:
    project.fault("status", status=503)
    project.page()
    project.ok("DELETE", "/faults")
    assert project.requests()[0]["faults"] == [{"id": "fault-1", "kind": "status"}]


ON_BACKUP = "/addons/example-addon/backups/example-backup"
Wrong = Callable[[SandboxProject], httpx2.Response]
WRONG: dict[str, tuple[int, Wrong]] = {
    "no token": (401, lambda project: project.server.client.get(restores_path(project.backup))),
    "no good token": (401, lambda project: project.ask("GET", ON_BACKUP, headers={"Authorization": "Basic x"})),
    "a bad parameter": (400, lambda project: project.page("page=0")),
    "no such backup": (404, lambda project: project.ask("GET", "/addons/example-addon/backups/none")),
    "no such route": (404, lambda project: project.ask("GET", "/nope")),
    "no such method": (405, lambda project: project.ask("DELETE", ON_BACKUP)),
    "a body that is none": (400, lambda project: project.ask("POST", f"{ON_BACKUP}/abort-restore", content=b"{")),
    "another project's token": (
        404,
        lambda project: ask(
            project.server,
            restores_path(project.backup),
            headers=bearer(make_project(project.server, restores=[]).token),
        ),
    ),
    "a used up rate limit": (
        429,
        lambda project: (project.fault("rate-limit"), project.page())[1],
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_request_id_of_any_error_finds_its_entry(project: SandboxProject, wrong: str) -> None:
    status, ask_wrongly = WRONG[wrong]
    response = ask_wrongly(project)
    error = error_of(response, status)
    (entry,) = project.requests()
    assert entry["requestId"] == response.headers["x-request-id"]
    assert entry["errorMessage"] == response.json()["error"]["message"]
    assert entry["errorId"] == error["id"]
    assert entry["status"] == status
    assert ("token" in entry) == (status != 401)


def test_an_entry_names_the_operation_if_one_was_reached(project: SandboxProject) -> None:
    project.page("page=0")
    project.ask("GET", "/nope")
    assert [entry.get("operation") for entry in project.requests()] == ["list-restores", None]


@pytest.mark.parametrize(
    ("path", "decoded"),
    [
        ("/v1/teams/a-team/projects/{id}/addons", True),
        ("/v1/teams/a%2Fteam/projects/{id}/addons", True),
        ("/v1/projects/{encoded}/addons", True),
        ("/v1/projects/{id}", True),
        ("/v1/projects/{id}/", True),
        ("/v1/teams/projects/projects/{id}/x", True),
        ("/v1/other/{id}", False),
        ("/v1/{id}", False),
    ],
)
def test_a_request_belongs_to_the_project_in_its_path(
    project: SandboxProject, server: RunningServer, path: str, *, decoded: bool
) -> None:
    encoded = "".join(f"%{ord(letter):02X}" for letter in project.id)
    url = path.replace("{id}", project.id).replace("{encoded}", encoded)
    server.client.get(url, headers=dict(bearer()))
    assert [entry["path"] for entry in project.requests()] == ([url] if decoded else [])


@pytest.mark.parametrize("path", ["/v1/projects", "/v1/login", "/v1/nope", "/v1/teams/a-team/projects"])
def test_a_request_without_a_project_in_its_path_belongs_to_its_tokens(
    project: SandboxProject, server: RunningServer, path: str
) -> None:
    server.client.get(path, headers=dict(bearer(project.token)))
    server.client.get(path, headers=dict(bearer()))
    assert [entry["path"] for entry in project.requests()] == [path]


def test_a_request_outside_the_api_is_in_no_journal(project: SandboxProject, server: RunningServer) -> None:
    for path in ("/v1/", "/openapi.json", f"/_mock/projects/{project.id}", "/nope", f"/v2/projects/{project.id}"):
        server.client.get(path, headers=dict(bearer(project.token)))
    assert project.requests() == []


def test_a_parameter_of_another_contract_is_ignored_and_recorded(server: RunningServer) -> None:
    for contract, ignored in (("2024", ["sourceProjectId", "sourceAddonId"]), ("2026", [])):
        project = make_project(server, restores=[], contract=contract)
        project.page(f"sourceProjectId={project.id}&sourceAddonId=example-addon").raise_for_status()
        assert project.requests()[0]["ignoredParameters"] == ignored


def test_the_journal_keeps_the_last_thousand_requests(own: RunningServer) -> None:
    project = make_project(own, restores=[])
    for number in range(1003):
        project.page(f"number={number}")
    journal = project.ok("GET", "/requests")
    assert (journal["count"], journal["dropped"]) == (1000, 3)
    assert [entry["query"] for entry in journal["requests"]] == [f"number={number}" for number in range(3, 1003)]
    numbers = [entry["number"] for entry in journal["requests"]]
    assert numbers == sorted(set(numbers))


def test_each_project_has_a_journal_of_its_own(server: RunningServer) -> None:
    projects = [make_project(server, restores=[]) for _ in range(3)]
    for project in projects:
        project.page(f"mine={project.id}")
    assert [[entry["query"] for entry in project.requests()] for project in projects] == [
        [f"mine={project.id}"] for project in projects
    ]


def entries(project: SandboxProject, key: str) -> list[Any]:
    return [entry.get(key) for entry in project.requests()]


def test_a_head_is_in_the_journal_as_a_head(project: SandboxProject) -> None:
    project.ask("HEAD", f"{ON_BACKUP}/restores")
    assert entries(project, "method") == ["HEAD"]
    assert entries(project, "operation") == ["list-restores"]
    assert project.walks() == []


def test_an_entry_has_the_restores_sent_and_its_walk(server: RunningServer) -> None:
    project = make_project(server, scenario="page-and-one")
    cursor = project.page().json()["pagination"]["cursor"]
    project.page(f"cursor={cursor}")
    project.page("page=2&per_page=30")
    project.ask("GET", "")
    project.page("page=none")
    assert [(entry.get("walk"), entry.get("restores"), entry.get("hasNextPage")) for entry in project.requests()] == [
        (1, 50, True),
        (1, 1, False),
        (1, 21, False),
        (None, None, None),
        (None, None, None),
    ]


def test_walks_are_numbered_in_listed_order_across_lists(server: RunningServer) -> None:
    project, other = (make_project(server, contract="2026", scenario="page-and-one") for _ in range(2))
    foreign, any_token = f"sourceProjectId={other.id}&per_page=20", {"Authorization": f"Bearer {TOKEN}"}
    project.page(foreign, headers=any_token)
    cursor = project.page().json()["pagination"]["cursor"]
    project.page(f"cursor={cursor}")
    project.page(f"{foreign}&page=2", headers=any_token)
    entries = project.requests()
    assert [entry["walk"] for entry in entries] == [1, 2, 2, 1]
    for number, walk in enumerate(project.walks(), start=1):
        own = [entry for entry in entries if entry["walk"] == number]
        assert walk["restoresSeen"] == sum(entry["restores"] for entry in own)
        assert (walk["since"], walk["until"]) == (own[0]["at"], own[-1]["at"])


@pytest.mark.parametrize("path", ["/v1/projects/none/addons/x/backups", "/v1/projects/", "/v1/teams/any/projects/none"])
def test_a_request_for_an_unknown_project_is_in_no_journal(project: SandboxProject, path: str) -> None:
    error_of(ask(project.server, path, headers=bearer(project.token)), 404)
    assert project.requests() == []


def test_a_long_path_and_query_are_cut_and_marked(project: SandboxProject) -> None:
    project.page("x" * 5000).raise_for_status()
    project.page("x=1").raise_for_status()
    cut, whole = project.requests()
    assert len(cut["path"]) + len(cut["query"]) == TARGET_MAX
    assert cut["cut"] is True
    assert cut["ignoredParameters"] == []
    assert "cut" not in whole


def test_when_journals_exceed_their_memory_the_least_recently_used_project_loses_its_entries() -> None:
    with running_server(journal_mb=1) as server:
        first, second = (make_project(server, scenario="single") for _ in range(2))
        for turn in range(400):
            first.page(f"per_page=1&x={turn:01000}")
        kept = first.ok("GET", "/requests")
        assert (kept["count"], kept["dropped"], kept["outOfMemory"]) == (400, 0, False)
        for turn in range(400):
            second.page(f"per_page=1&x={turn:01000}")
        lost = first.ok("GET", "/requests")
        assert (lost["count"], lost["dropped"], lost["outOfMemory"]) == (0, 400, True)
        assert first.ok("GET", "/walks") == {"walks": [], "dropped": 400, "outOfMemory": True}
        assert second.ok("GET", "/requests")["count"] == 400
        assert server.client.post(f"/_mock/projects/{first.id}/reset").is_success
        assert first.ok("GET", "/walks") == {"walks": [], "dropped": 0, "outOfMemory": False}


@pytest.fixture
def mixed(server: RunningServer) -> SandboxProject:
    """A project with a walk of two pages, a failed page, another token's walk, and an error."""
    project = make_project(server, scenario="many", restores=60)
    cursor = project.page().json()["pagination"]["cursor"]
    project.page(f"cursor={cursor}")
    project.fault("status", {"times": 1}, status=503)
    project.page()
    project.page(headers={"Authorization": f"Bearer {TOKEN}"})
    project.page("page=0")
    project.ask("GET", "/addons")
    return project


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [0, 1, 2, 3, 4, 5]),
    ({"limit": 2}, [4, 5]),
    ({"failed": "true"}, [2, 4]),
    ({"failed": "false"}, [0, 1, 3, 5]),
    ({"walk": 1}, [0, 1]),
    ({"walk": 9}, []),
    ({"operation": "list-addons"}, [5]),
    ({"operation": "list-restores", "failed": "true", "limit": 1}, [4]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_entries_can_be_filtered(mixed: SandboxProject, query: dict[str, Any], expected: list[int]) -> None:
    numbers = [entry["number"] for entry in mixed.requests()]
    body = mixed.ok("GET", "/requests", params=query)
    assert [entry["number"] for entry in body["requests"]] == [numbers[index] for index in expected]
    assert body["count"] == len(expected)


def test_entries_can_be_read_from_a_number_on_and_by_their_error(mixed: SandboxProject) -> None:
    entries = mixed.requests()
    later = mixed.ok("GET", "/requests", params={"since": entries[2]["number"]})["requests"]
    assert later == entries[3:]
    error = entries[4]["errorId"]
    failed = mixed.ok("GET", "/requests", params={"errorId": error})["requests"]
    assert entries[4] in failed
    assert all(entry["errorId"] == error for entry in failed)


@pytest.mark.parametrize(
    ("query", "essence"),
    [
        ("limit=0", "limit must be at least 1"),
        ("walk=x", "walk must be an integer"),
        ("operation=x", "operation must be"),
    ],
)
def test_an_invalid_filter_is_rejected(project: SandboxProject, query: str, essence: str) -> None:
    assert essence in error_of(project.control("GET", f"/requests?{query}"), 400)["message"]


def test_a_request_is_found_by_the_header_of_its_response(project: SandboxProject) -> None:
    request_id = project.page().headers["x-request-id"]
    response = project.server.client.get(f"/_mock/requests/{request_id}")
    assert response.json() == {"projectId": project.id, "number": project.requests()[0]["number"]}
    error = error_of(project.server.client.get("/_mock/requests/request-0"), 404)
    assert "request-0" in error["message"]
