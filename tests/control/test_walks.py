"""Verdicts over HTTP on correct and incorrect walks of a real list."""

from contextlib import suppress

import httpx2
import pytest

from mockserver.sandbox.records import fingerprint
from tests.contract.responses import ask, bearer, error_of, use_up
from tests.control.waits import waiting, watchers_of
from tests.support import NOW, PATIENCE_SECONDS, RunningServer, SandboxProject, make_project, running_server


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    """A project with four pages of restores."""
    return make_project(server, scenario="many", restores=180).freeze(NOW)


def walk(project: SandboxProject, *, stop_after: int = 100, per_page: int = 50) -> None:
    """Follows every cursor, and retries failed requests."""
    cursor = ""
    for _ in range(stop_after):
        response = project.page(f"per_page={per_page}{cursor}")
        while response.status_code != 200:
            response = project.page(f"per_page={per_page}{cursor}")
        pagination = response.json()["pagination"]
        if not pagination["hasNextPage"]:
            return
        cursor = f"&cursor={pagination['cursor']}"


def test_a_walk_through_a_failure_is_complete(project: SandboxProject) -> None:
    project.fault("status", {"page": 3, "times": 1}, status=503)
    walk(project)
    judged = project.walk()
    assert list(judged) == [
        "addonId",
        "backupId",
        "requests",
        "token",
        "verdict",
        "pages",
        "restoresSeen",
        "restoresSent",
        "restoresRepeated",
        "restoresTotal",
        "retries",
        "retriesTooEarly",
        "since",
        "until",
        "explanation",
    ]
    assert judged["verdict"] == "complete"
    assert (judged["pages"], judged["restoresSeen"], judged["restoresTotal"], judged["retries"]) == (4, 180, 180, 1)
    assert "180 of 180 restores" in judged["explanation"]
    assert (judged["addonId"], judged["backupId"]) == ("example-addon", "example-backup")
    assert judged["token"] == fingerprint(project.token)
    assert judged["since"] <= judged["until"]


def test_a_walk_that_stops_early_is_abandoned(project: SandboxProject) -> None:
    walk(project, stop_after=2)
    judged = project.walk()
    assert judged["verdict"] == "abandoned"
    assert (judged["pages"], judged["restoresSeen"], judged["restoresTotal"]) == (2, 100, 180)
    assert "page 2 " in judged["explanation"]
    assert "80 of 180 restores" in judged["explanation"]


def test_restores_that_appear_during_a_walk_do_not_change_the_verdict(project: SandboxProject) -> None:
    project.fault("mutate", {"page": 1, "times": 1}, insert=5)
    walk(project)
    judged = project.walk()
    assert (judged["verdict"], judged["restoresSeen"], judged["restoresTotal"]) == ("complete", 180, 180)
    assert project.ok("GET")["restores"] == 185


@pytest.mark.parametrize(
    ("mutation", "verdict", "counts", "words"),
    [
        ("delete", "skipped", (175, 175, 0), "5 of 180 restores were never seen"),
        ("insert", "repeated", (185, 180, 5), "5 restores came twice because the list"),
    ],
)
def test_restores_that_vanish_or_appear_under_page_numbers_are_skipped_or_repeated(
    project: SandboxProject, mutation: str, verdict: str, counts: tuple[int, ...], words: str
) -> None:
    project.fault("mutate", {"page": 1, "times": 1}, **{mutation: 5})
    for page in range(1, 5):
        project.page(f"page={page}")
    judged = project.walk()
    assert (judged["verdict"], judged["restoresTotal"]) == (verdict, 180)
    assert (judged["restoresSent"], judged["restoresSeen"], judged["restoresRepeated"]) == counts
    assert words in judged["explanation"]


def test_page_numbers_beside_cursors_are_mixed(project: SandboxProject) -> None:
    cursor = project.page("page=1").json()["pagination"]["cursor"]
    project.page(f"page=2&cursor={cursor}")
    judged = project.walk()
    assert judged["verdict"] == "mixed"
    assert "page=2 beside a cursor" in judged["explanation"]


def test_retries_that_ignore_the_time_to_wait_are_counted(project: SandboxProject) -> None:
    project.fault("status", {"page": 2, "times": 2}, status=503, retryAfter=3600)
    walk(project)
    judged = project.walk()
    assert (judged["verdict"], judged["retries"], judged["retriesTooEarly"]) == ("complete", 2, 2)
    assert "2 retries came up to " in judged["explanation"]


def test_retries_after_the_time_to_wait_on_the_projects_clock_are_in_time(project: SandboxProject) -> None:
    project.fault("rate-limit", {"page": 1, "times": 1}, reset=3600)
    project.page()
    project.advance(3600)
    walk(project)
    judged = project.walk()
    assert (judged["verdict"], judged["retries"], judged["retriesTooEarly"]) == ("complete", 1, 0)


def test_a_request_over_an_enforced_rate_limit_is_a_failed_one() -> None:
    with running_server(enforce_rate_limit=True) as server:
        project = make_project(server, scenario="single")
        use_up(server, project.token)
        assert [project.page().status_code for _ in range(2)] == [429, 429]
        judged = project.walk()
        assert (judged["verdict"], judged["retries"], judged["retriesTooEarly"]) == ("abandoned", 1, 1)


def test_a_poll_reports_the_statuses_it_saw(server: RunningServer) -> None:
    project = make_project(server, scenario="lifecycle", clock={"mode": "stepping", "now": "2025-01-01", "step": 150})
    while project.statuses() != ["completed"]:
        pass
    judged = project.walk()
    assert judged["verdict"] == "poll"
    assert judged["polls"] == 3
    assert judged["statusesSeen"] == ["scheduled", "in-progress", "completed"]
    assert judged["polledAfterEnd"] is False
    assert judged["shortestIntervalMs"] >= 0
    assert judged["shortestProjectIntervalMs"] == 150_000
    assert "(150000 ms by the project's clock)" in judged["explanation"]
    assert project.statuses() == ["completed"]
    assert project.walk()["polledAfterEnd"] is True


def test_each_token_and_each_list_has_walks_of_its_own(server: RunningServer) -> None:
    project = make_project(server)
    on_addon = f"/v1/projects/{project.id}/addons/example-addon/backups"
    for token in ("one", "other"):
        for backup in ("example-backup", "single-restore"):
            ask(server, f"{on_addon}/{backup}/restores?per_page=100", headers=bearer(token))
    assert [(each["token"], each["backupId"], each["verdict"]) for each in project.walks()] == [
        (fingerprint(token), backup, judged)
        for token in ("one", "other")
        for backup, judged in (("example-backup", "abandoned"), ("single-restore", "complete"))
    ]


def test_rejected_requests_and_other_lists_are_not_walks(project: SandboxProject, server: RunningServer) -> None:
    project.page("page=0")
    project.page("cursor=nope")
    project.ask("GET", "/addons")
    project.ask("GET", "/addons/example-addon/restores")
    project.ask("GET", "/addons/example-addon/backups/none/restores")
    server.client.get(project.url)
    assert project.walks() == []


@pytest.mark.parametrize("kind", ["malformed", "truncate", "reset"])
def test_a_corrupted_response_does_not_count_as_a_page(project: SandboxProject, kind: str) -> None:
    project.fault(kind, {"times": 1})
    with suppress(httpx2.TransportError):
        project.page("per_page=100")
    walk(project, per_page=100)
    judged = project.walk()
    assert (judged["verdict"], judged["pages"], judged["retries"]) == ("complete", 2, 1)


def test_a_walk_over_a_list_of_another_project_is_counted_there(server: RunningServer) -> None:
    asking = make_project(server, restores=[], contract="2026")
    other = make_project(server, scenario="many", restores=30, contract="2026")
    path = asking.url + f"?sourceProjectId={other.id}&per_page=20"
    assert server.client.get(path, headers=dict(bearer())).json()["pagination"]["count"] == 20
    judged = asking.walk()
    assert (judged["verdict"], judged["restoresSeen"], judged["restoresTotal"]) == ("abandoned", 20, 30)
    assert other.walks() == []
    other.ok("DELETE")
    assert asking.walk()["restoresTotal"] == 20


def test_a_wait_for_a_verdict_ends_when_a_walk_has_it(project: SandboxProject) -> None:
    cursor = project.page("per_page=100").json()["pagination"]["cursor"]
    assert project.ok("GET", "/walks", params={"until": "complete"})["reached"] is False
    watchers = watchers_of(project)
    with waiting(project.server, watchers, f"/_mock/projects/{project.id}/walks?until=complete&wait=PT30S") as response:
        project.ask("GET", "/addons")  # a change, after which there is still no such walk
        project.page(f"per_page=100&cursor={cursor}")
        body = response.result(PATIENCE_SECONDS).json()
    assert body["reached"] is True
    assert body["walks"] == project.walks()


def test_a_wait_for_a_verdict_ends_without_it_after_its_time(project: SandboxProject) -> None:
    project.page()
    body = project.ok("GET", "/walks", params={"until": "complete", "wait": "PT0.001S"})
    assert body == {**project.ok("GET", "/walks"), "reached": False}


def test_a_wait_goes_on_after_a_reset(project: SandboxProject) -> None:
    path = f"/_mock/projects/{project.id}/walks?until=complete&wait=PT30S"
    with waiting(project.server, watchers_of(project), path) as response:
        project.ok("POST", "/reset")
        walk(project)
        assert response.result(PATIENCE_SECONDS).json()["reached"] is True


@pytest.mark.parametrize(
    ("query", "essence"),
    [
        ("until=done", "until must be 'mixed'"),
        ("wait=5", "wait requires until"),
        ("until=poll&wait=PT31S", "at most PT30S"),
    ],
)
def test_an_invalid_wait_is_rejected(project: SandboxProject, query: str, essence: str) -> None:
    message = error_of(project.control("GET", f"/walks?{query}"), 400)["message"]
    assert essence.replace("'", "") in message


def test_a_walk_names_its_requests(project: SandboxProject) -> None:
    walk(project)
    assert project.walk()["requests"] == [entry["number"] for entry in project.requests()]
