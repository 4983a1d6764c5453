"""How the vendor's clients and a simple one behave under each fault, and the verdicts on their walks."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any

import httpx
import httpx2
import pytest
from northflank import ApiCallError, ApiClient, AsyncApiClient

from tests.clients.support import JavaScript, expected_restores, python_ids
from tests.support import NO_CERTIFICATES, RunningServer, SandboxProject, make_project, until

RESTORES = 120
"""Three pages."""


@dataclass(frozen=True)
class End:
    """How a client ended: with this number of restores, or with an error."""

    restores: int = 0
    status: int | None = None
    message: str = ""


ALL = End(restores=RESTORES)
NEVER = End(message="never")

Walker = Callable[[SandboxProject, JavaScript | None], End]


def by_javascript(project: SandboxProject, javascript: JavaScript | None) -> End:
    assert javascript
    ended = javascript.of(project).run("walk.mjs", backup=project.backup)
    if ended["ending"] == "restores":
        return End(len(ended["restores"]))
    if ended["ending"] == "error":
        assert ended["error"]["id"] == error_ids(project)[-1]
        return End(status=ended["error"]["status"], message=ended["error"]["message"])
    return End(message=ended.get("code") or ended.get("message") or ended["ending"])


def by_blocking_sdk(project: SandboxProject, _: JavaScript | None) -> End:
    client = ApiClient(project.token, base_url=project.server.url)
    return sdk_end(project, lambda: client.get.addon.backup.restores.all(**python_ids(project.backup)))


def by_asynchronous_sdk(project: SandboxProject, _: JavaScript | None) -> End:
    client = AsyncApiClient(project.token, base_url=project.server.url)
    return sdk_end(project, lambda: asyncio.run(client.get.addon.backup.restores.all(**python_ids(project.backup))))


def by_httpx2(project: SandboxProject, _: JavaScript | None) -> End:
    """A simple client that follows cursors and handles no failures."""
    restores: list[Any] = []
    query: dict[str, str] = {}
    try:
        with httpx2.Client(headers=project.authorization, verify=NO_CERTIFICATES) as client:
            while True:
                response = client.get(project.url, params=query)
                if response.is_error:
                    assert response.json()["error"]["id"] == error_ids(project)[-1]
                    return End(status=response.status_code, message=response.json()["error"]["message"])
                page = response.json()
                restores += page["data"]["restores"]
                if not page["pagination"]["hasNextPage"]:
                    return End(len(restores))
                query = {"cursor": page["pagination"]["cursor"]}
    except (httpx2.TransportError, json.JSONDecodeError) as failure:
        return End(message=type(failure).__name__)


def sdk_end(project: SandboxProject, all_restores: Callable[[], Any]) -> End:
    try:
        return End(len(all_restores().data["restores"]))
    except ApiCallError as error:
        return End(status=error.status, message=error.message) if error.id == error_ids(project)[-1] else NEVER
    except (OSError, HTTPException, httpx.TransportError) as failure:
        return End(message=type(failure).__name__)


def error_ids(project: SandboxProject) -> list[str]:
    return [record["errorId"] for record in project.requests() if "errorId" in record]


WALKERS: dict[str, Walker] = {
    "JavaScript": by_javascript,
    "blocking": by_blocking_sdk,
    "asynchronous": by_asynchronous_sdk,
    "httpx2": by_httpx2,
}


@pytest.fixture(params=WALKERS)
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def walk(client: str, request: pytest.FixtureRequest) -> Callable[[SandboxProject], End]:
    javascript = request.getfixturevalue("javascript") if client == "JavaScript" else None
    return lambda project: WALKERS[client](project, javascript)


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    return make_project(server, scenario="many", restores=RESTORES)


def verdict(project: SandboxProject) -> tuple[str, int, int]:
    walk = project.walk()
    return walk["verdict"], walk["pages"], walk["retries"]


@pytest.mark.parametrize(
    ("status", "message", "reported"),
    [(500, "down for a while", "down for a while"), (503, None, "Service Unavailable"), (599, None, "Status 599")],
)
def test_an_error_status_has_the_vendors_body_and_ends_every_clients_walk(
    project: SandboxProject, walk: Callable[[SandboxProject], End], status: int, message: str | None, reported: str
) -> None:
    project.fault("status", {"page": 2, "times": 1}, status=status, message=message)
    assert walk(project) == End(status=status, message=reported)
    assert verdict(project) == ("abandoned", 1, 0)


def test_a_rate_limit_error_ends_every_clients_walk(
    project: SandboxProject, walk: Callable[[SandboxProject], End]
) -> None:
    project.fault("rate-limit", {"page": 2, "times": 1}, reset=7)
    end = walk(project)
    assert end.status == 429
    assert end.message.endswith("it resets in 7 seconds")
    assert verdict(project) == ("abandoned", 1, 0)


def test_a_rate_limit_error_has_the_time_to_wait_in_its_headers(project: SandboxProject) -> None:
    project.fault("rate-limit", {"times": 1}, reset=7)
    responses = []
    for _ in range(2):
        responses.append(httpx2.get(project.url, headers=project.authorization, verify=NO_CERTIFICATES))
        project.advance(7)
    headers = [
        [response.status_code, *(response.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset"))]
        for response in responses
    ]
    assert headers == [[429, "1000", "0", "7"], [200, "1000", "998", headers[1][3]]]


@pytest.mark.parametrize(
    ("client", "end", "retries"),
    [("JavaScript", ALL, 1), ("blocking", ALL, 1), ("asynchronous", ALL, 1), ("httpx2", End(message="ReadError"), 0)],
    indirect=["client"],
)
def test_the_vendors_clients_retry_after_one_reset(
    project: SandboxProject, walk: Callable[[SandboxProject], End], end: End, retries: int
) -> None:
    project.fault("reset", {"page": 2, "times": 1})
    assert walk(project) == end
    assert verdict(project) == (("complete", 3, 1) if retries else ("abandoned", 1, 0))


@pytest.mark.parametrize(
    ("client", "message", "retries"),
    [
        ("JavaScript", "ECONNRESET", 3),
        ("blocking", "ConnectionResetError", 3),
        ("asynchronous", "ReadError", 3),
        ("httpx2", "ReadError", 0),
    ],
    indirect=["client"],
)
def test_every_client_sees_a_reset_as_a_reset_not_as_a_closed_connection(
    project: SandboxProject, walk: Callable[[SandboxProject], End], message: str, retries: int
) -> None:
    project.fault("reset", {"page": 2})
    assert walk(project) == End(message=message)
    assert verdict(project) == ("abandoned", 1, retries)
    assert [record.get("status") for record in project.requests()] == [200, *[None] * (retries + 1)]


@pytest.mark.parametrize(
    ("client", "end", "expected"),
    [
        ("JavaScript", NEVER, ("abandoned", 1, 0)),  # it never settles its promise
        ("blocking", End(message="IncompleteRead"), ("abandoned", 1, 0)),
        ("asynchronous", ALL, ("complete", 3, 1)),
        ("httpx2", End(message="RemoteProtocolError"), ("abandoned", 1, 0)),
    ],
    indirect=["client"],
)
def test_a_truncated_body_is_never_read_as_a_whole_one(
    project: SandboxProject, walk: Callable[[SandboxProject], End], end: End, expected: tuple[str, int, int]
) -> None:
    project.fault("truncate", {"page": 2, "times": 1})
    assert walk(project) == end
    assert verdict(project) == expected


@pytest.mark.parametrize(
    ("client", "end"),
    [
        ("JavaScript", End(message='Failed reading api request result: \n\tStatus:  OK (200)\n\tMessage: {"data":')),
        ("blocking", End(restores=51)),  # 50 restores and None: it treats a page that it cannot parse as the last one
        ("asynchronous", End(restores=51)),
        ("httpx2", End(message="JSONDecodeError")),
    ],
    indirect=["client"],
)
def test_a_body_that_is_not_json_ends_every_walk_with_or_without_an_error(
    project: SandboxProject, walk: Callable[[SandboxProject], End], end: End
) -> None:
    project.fault("malformed", {"page": 2, "times": 1})
    actual = walk(project)
    assert replace(actual, message="") == replace(end, message="")
    assert actual.message.startswith(end.message)
    assert verdict(project) == ("abandoned", 1, 0)
    assert project.walk()["restoresSeen"] == 50


@pytest.mark.parametrize("fault", [{"kind": "latency", "ms": 100}, {"kind": "slow", "bytesPerSecond": 50_000}])
def test_every_client_waits_for_a_slow_server(
    project: SandboxProject, walk: Callable[[SandboxProject], End], fault: dict[str, Any]
) -> None:
    project.fault(**fault)
    assert walk(project) == ALL
    assert verdict(project) == ("complete", 3, 0)
    assert all(record["durationMs"] >= 90 for record in project.requests()[:2])


@pytest.mark.parametrize("client", ["blocking"], indirect=True)
def test_a_latency_fault_delays_only_the_client_that_it_triggers_on(
    project: SandboxProject, walk: Callable[[SandboxProject], End], server: RunningServer
) -> None:
    project.fault("latency", {"page": 2, "times": 1}, ms=2000)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(walk, project)
        until(project.triggered)
        assert by_httpx2(make_project(server, scenario="many", restores=RESTORES), None) == ALL
        assert by_httpx2(project, None) == ALL
        assert not waiting.done()
        assert waiting.result() == ALL


@pytest.mark.parametrize(
    ("change", "repeats"), [({"insert": 5}, 5), ({"delete": 5}, 0), ({"insert": 3, "delete": 1}, 2)]
)
def test_restores_are_repeated_or_skipped_by_page_number_and_never_by_cursor_if_the_list_changes(
    javascript: JavaScript, server: RunningServer, change: dict[str, int], repeats: int
) -> None:
    growth = change.get("insert", 0) - change.get("delete", 0)
    for options, moved, repeated in (({}, 0, 0), ({"page": 2}, growth, repeats)):
        project = make_project(server, scenario="many", restores=RESTORES)
        before = expected_restores(server, project.backup)
        project.fault("mutate", {"page": 1, "times": 1}, **change)
        client = javascript.of(project)
        first, second = client.run("around-a-change.mjs", options, project.backup)
        assert first == before[:50]
        assert second == before[50 - moved : 100 - moved]
        assert len([restore for restore in second if restore in first]) == repeated
        assert len(server.stored(project.backup)) == RESTORES + growth


def test_a_restore_that_finishes_between_two_polls_is_completed_in_the_second(
    javascript: JavaScript, server: RunningServer
) -> None:
    project = make_project(server, restores=[{"status": "in-progress"}, {"status": "scheduled"}])
    project.fault("mutate", {"times": 1}, finish=1)
    client = javascript.of(project)
    polls = [client.run("all.mjs", backup=project.backup)["data"]["restores"] for _ in range(2)]
    newest, finished = polls[0][0], polls[1][0]
    assert finished == newest | {"status": "completed", "completedAt": finished["completedAt"]}
    assert polls[0][1] == polls[1][1]
    assert project.walk()["verdict"] == "poll"
