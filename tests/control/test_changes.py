"""Waiting for changes: the response comes with the next one, after the time to wait, or at once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest

from mockserver.control.changes import Changes
from mockserver.sandbox import watchers as watchers_module
from mockserver.sandbox.watchers import MAX_WATCHERS
from tests.contract.responses import error_of
from tests.control.waits import waiting, watchers_of
from tests.support import (
    FROZEN,
    PATIENCE_SECONDS,
    RunningServer,
    SandboxProject,
    make_project,
    running_server,
    until,
)

EVERYTHING = ["requests", "clock", "faults", "restores"]
LONG = "PT30S"


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    return make_project(server, scenario="single", clock=FROZEN)


def changes(project: SandboxProject, **query: str) -> dict[str, Any]:
    body: dict[str, Any] = project.ok("GET", "/changes", params=query)
    return body


def waiting_for_a_change(project: SandboxProject) -> AbstractContextManager["Future[httpx2.Response]"]:
    """A request that waits for the project's next change."""
    path = f"/_mock/projects/{project.id}/changes?since={changes(project)['version']}&wait={LONG}"
    return waiting(project.server, watchers_of(project), path)


ACTS: list[tuple[str, Callable[[SandboxProject], object]]] = [
    ("requests", lambda project: project.page()),
    ("clock", lambda project: project.advance(5)),
    ("faults", lambda project: project.fault("latency", ms=1)),
    ("restores", lambda project: project.add()),
    ("restores", lambda project: project.on_backup("PATCH", f"/{first(project)}", json={"status": "failed"})),
    ("restores", lambda project: project.on_backup("DELETE", f"/{first(project)}")),
]


def first(project: SandboxProject) -> Any:
    return project.on_backup("GET").json()["restores"][0]["id"]


@pytest.mark.parametrize(("part", "act"), ACTS)
def test_a_change_ends_the_wait_and_is_named(
    project: SandboxProject, part: str, act: Callable[[SandboxProject], object]
) -> None:
    before = changes(project)
    with waiting_for_a_change(project) as response:
        act(project)
        body = response.result(PATIENCE_SECONDS).json()
    assert body["changed"] == [part]
    assert body["version"] != before["version"]
    assert changes(project, since=body["version"]) == {"version": body["version"], "changed": []}


def test_without_since_or_with_one_from_elsewhere_everything_has_changed(project: SandboxProject) -> None:
    other = make_project(project.server, restores=[])
    for query in ({}, {"since": "17"}, {"since": changes(other)["version"]}, {"since": ""}):
        assert changes(project, wait=LONG, **query)["changed"] == EVERYTHING


def test_what_clients_do_through_the_api_is_named(project: SandboxProject) -> None:
    version = changes(project)["version"]
    restore_id = project.restore()
    body = changes(project, since=version, wait=LONG)
    assert body["changed"] == ["requests", "restores"]
    project.abort(restore_id).raise_for_status()
    assert changes(project, since=body["version"])["changed"] == ["requests", "restores"]


def test_a_fault_that_triggers_and_mutates_is_named(project: SandboxProject) -> None:
    project.fault("mutate", insert=1)
    version = changes(project)["version"]
    project.page()
    assert changes(project, since=version)["changed"] == ["requests", "faults", "restores"]


def test_a_stepping_clock_changes_with_a_request(server: RunningServer) -> None:
    project = make_project(server, clock={"mode": "stepping", "step": 1})
    version = changes(project)["version"]
    project.page()
    assert changes(project, since=version)["changed"] == ["requests", "clock"]


def test_nothing_has_changed_after_the_wait(project: SandboxProject) -> None:
    version = changes(project)["version"]
    assert changes(project, since=version, wait="PT0.001S") == {"version": version, "changed": []}


def test_a_reset_ends_the_wait_with_everything_changed(project: SandboxProject) -> None:
    with waiting_for_a_change(project) as response:
        project.ok("POST", "/reset")
        assert response.result(PATIENCE_SECONDS).json()["changed"] == EVERYTHING


def test_a_deletion_ends_the_wait_with_a_404(project: SandboxProject) -> None:
    with waiting_for_a_change(project) as response:
        project.ok("DELETE")
        error_of(response.result(PATIENCE_SECONDS), 404)


def test_the_list_of_projects_changes_with_any_project() -> None:
    with running_server(scenario="example") as own:
        version = own.client.get("/_mock/changes").json()["version"]
        watchers = own.emulator.sandboxes.journals.watchers
        acts: list[Callable[[], object]] = [lambda: make_project(own, projectId="one"), own.page]
        for act in acts:
            with waiting(own, watchers, f"/_mock/changes?since={version}&wait={LONG}") as response:
                act()
                body = response.result(PATIENCE_SECONDS).json()
            assert body["changed"] == ["projects"]
            version = body["version"]
        unchanged = own.client.get(f"/_mock/changes?since={version}").json()
        assert unchanged == {"version": version, "changed": []}


def test_a_shutdown_ends_the_wait_at_once() -> None:
    with running_server(scenario="example") as own:
        project = make_project(own, restores=[])
        with waiting_for_a_change(project) as response:
            own.log.loop.call_soon_threadsafe(own.emulator.shut_down)
            assert "shutting down" in error_of(response.result(PATIENCE_SECONDS), 503)["message"]


def test_a_client_that_disconnects_no_longer_waits(project: SandboxProject) -> None:
    version = changes(project)["version"]
    watchers = watchers_of(project)
    ended = threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.control.changes.Changes.__init__", signalling(ended))
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.get(
                f"{project.server.url}/_mock/projects/{project.id}/changes?since={version}&wait={LONG}",
                timeout=httpx2.Timeout(PATIENCE_SECONDS, read=0.2),
            )
        assert ended.wait(PATIENCE_SECONDS)
    until(lambda: not watchers.waiting)


def signalling(event: threading.Event) -> Any:
    """A constructor of ``Changes`` that says when it has run."""
    original = Changes.__init__

    def init(self: Any, **values: Any) -> None:
        original(self, **values)
        event.set()

    return init


def test_at_most_a_hundred_requests_wait_for_a_project(project: SandboxProject) -> None:
    version = changes(project)["version"]
    watchers = watchers_of(project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watchers_module, "MAX_WATCHERS", 0)
        response = project.control("GET", f"/changes?since={version}&wait=1")
    assert "requests wait for a change here already" in error_of(response, 503)["message"]
    assert MAX_WATCHERS == 100
    assert not watchers.waiting


@pytest.mark.parametrize(
    ("wait", "essence"),
    [("PT31S", "wait must be at most PT30S"), ("soon", "wait must be a non-negative duration"), ("-1", "wait must be")],
)
def test_an_invalid_wait_is_rejected(project: SandboxProject, wait: str, essence: str) -> None:
    for path in (f"/_mock/projects/{project.id}/changes", "/_mock/changes"):
        response = project.server.client.get(path, params={"wait": wait})
        assert essence in error_of(response, 400)["message"]
