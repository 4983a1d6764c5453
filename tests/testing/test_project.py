"""mockserver.testing.Project: clock, faults, restores, journal and walks."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from mockserver.seeding.scenario import read_scenario
from mockserver.testing import ControlPlaneError, Project, Server
from tests.support import PATIENCE_SECONDS, RunningServer
from tests.testing.asking import page, start_restore, statuses, walk

NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)
PARIS = timezone(timedelta(hours=2))


def make_project(server: RunningServer, **options: object) -> Project:
    return Server(server.url).make_project(**options)  # type: ignore[arg-type]  # options of a test


def test_a_project_has_the_urls_for_a_client(mock: Project, server: RunningServer) -> None:
    assert mock.base_url == server.url
    assert mock.restores_url == (
        f"{mock.base_url}/v1/projects/{mock.project_id}/addons/{mock.addon_id}/backups/{mock.backup_id}/restores"
    )
    assert page(mock)[0] == 200
    assert repr(mock) == f"<Project '{mock.project_id}' at {server.url}>"


def test_projects_have_different_tokens_and_restores(server: RunningServer) -> None:
    one, other = make_project(server, scenario="empty"), make_project(server, scenario="empty")
    one.restores.add()
    assert one.token != other.token
    assert (len(walk(one)), len(walk(other))) == (1, 0)


def test_a_project_is_created_with_its_options(server: RunningServer) -> None:
    mock = make_project(
        server,
        project_id="a-project",
        addon_id="an-addon",
        backup_id="a-backup",
        contract="2026",
        clock={"mode": "stepping", "now": NOON, "step": timedelta(minutes=1)},
        restores=[{"status": "completed", "restore_timestamp": NOON - timedelta(hours=2), "completed_at": NOON}],
        permissions=["Project > Addons > General > Read"],
    )
    assert (mock.project_id, mock.addon_id, mock.backup_id) == ("a-project", "an-addon", "a-backup")
    (restore,) = page(mock)[1]["data"]["restores"]
    assert restore["restoreTimestamp"] == "2024-07-01T10:00:00.000Z"
    assert restore["completedAt"] == "2024-07-01T12:00:00.000Z"
    assert isinstance(restore["id"], str)
    assert mock.clock.now == NOON + timedelta(minutes=1)


def test_invalid_options_raise_the_servers_error(server: RunningServer) -> None:
    with pytest.raises(ControlPlaneError, match='no scenario "nothing": there are aborting, ') as raised:
        make_project(server, scenario="nothing")
    assert (raised.value.status, [*raised.value.details]) == (400, ["scenario"])


def test_a_clock_can_be_frozen_advanced_and_restarted(mock: Project) -> None:
    assert mock.clock.freeze(NOON) == NOON == mock.clock.now
    assert mock.clock.advance(timedelta(minutes=5)) == NOON + timedelta(minutes=5)
    assert mock.clock.advance("PT5M") == NOON + timedelta(minutes=10)
    assert mock.clock.advance(0.5) == NOON + timedelta(minutes=10, milliseconds=500)
    assert mock.clock.freeze() == mock.clock.now
    assert mock.clock.freeze("2024-07-01T12:00:00Z") == NOON
    assert NOON + timedelta(hours=1) <= mock.clock.real(datetime(2024, 7, 1, 15, tzinfo=PARIS)) <= mock.clock.now


def test_a_stepping_clock_advances_after_each_list_request(server: RunningServer) -> None:
    mock = make_project(server, scenario="empty")
    assert mock.clock.step(timedelta(seconds=30), at=NOON) == NOON
    mock.restores.add(starts_after=timedelta(seconds=30), ends_after=timedelta(minutes=1), outcome="failed")
    assert [statuses(mock) for _ in range(3)] == [["scheduled"], ["in-progress"], ["failed"]]


def test_restores_can_be_added_forced_to_a_status_and_deleted(server: RunningServer) -> None:
    mock = make_project(server, scenario="empty", clock={"mode": "frozen", "now": NOON})
    restore = mock.restores.add(starts_after=0, abort_after="PT0S")
    assert (restore.status, restore.restore_timestamp, restore.completed_at) == ("aborting", NOON, None)
    forced = mock.restores.force(restore.id, "completed")
    assert (forced.id, forced.status, forced.completed_at) == (restore.id, "completed", NOON)
    assert statuses(mock) == ["completed"]
    mock.restores.delete(restore.id)
    assert statuses(mock) == []
    with pytest.raises(ControlPlaneError, match=f'no restore "{restore.id}"'):
        mock.restores.delete(restore.id)


def test_restores_can_be_counted_and_listed(server: RunningServer) -> None:
    mock = make_project(server, scenario="many", restores=120, clock={"mode": "frozen", "now": NOON})
    added = mock.restores.add(starts_after=0)
    assert len(mock.restores) == 121
    first, *others = mock.restores
    assert first == added
    assert len(others) == 120
    assert mock.requests == []


def test_a_client_can_wait_by_the_projects_clock(mock: Project) -> None:
    mock.clock.freeze(NOON)
    before = mock.clock.monotonic()
    mock.clock.sleep(90.5)
    mock.clock.sleep(0)
    assert mock.clock.monotonic() - before == 90.5
    assert mock.clock.now == NOON + timedelta(seconds=90.5)


def test_restores_of_another_backup_are_addressed_by_its_ids(mock: Project) -> None:
    restores = mock.restores_of("session-cache", "one-page")
    restores.delete(restores.add().id)
    with pytest.raises(ControlPlaneError, match='no addon "another"'):
        mock.restores_of("another", "one-page").add()


def test_faults_trigger_are_counted_and_can_be_deleted(mock: Project) -> None:
    fault = mock.faults.add("status", status=503, message="not now", page=1, times=2)
    slow = mock.faults.add("slow", bytes_per_second=1_000_000)
    assert (fault.kind, fault.triggered, fault.page, fault.times, fault.nth) == ("status", 0, 1, 2, None)
    assert fault.fault == {"kind": "status", "status": 503, "message": "not now"}
    assert page(mock)[1]["error"]["message"] == "not now"
    assert [(each.id, each.triggered) for each in mock.faults] == [(fault.id, 1), (slow.id, 1)]
    mock.faults.delete(fault.id)
    assert [each.id for each in mock.faults] == [slow.id]
    mock.faults.clear()
    assert list(mock.faults) == []
    assert page(mock)[0] == 200


def test_a_fault_can_hold_and_says_when_to_retry(mock: Project) -> None:
    now = mock.clock.freeze("2024-07-01T12:00:00Z")
    at = now + timedelta(seconds=30)
    fault = mock.faults.add("status", status=503, times=1, for_=timedelta(seconds=30), retry_after=at)
    assert (fault.for_, fault.holds_until, fault.fault["retryAfter"]) == ("PT30S", None, "2024-07-01T12:00:30Z")
    assert [page(mock)[0], page(mock)[0]] == [503, 503]
    assert [(fault.triggered, fault.holds_until) for fault in mock.faults] == [(1, at)]
    mock.clock.advance(30)
    assert page(mock)[0] == 200


def test_a_restore_can_be_added_in_a_status_and_with_an_id(mock: Project) -> None:
    mock.clock.freeze(NOON)
    restore = mock.restores.add(status="completed", id=5, restore_timestamp=NOON, completed_at=NOON)
    assert (restore.id, restore.restore_timestamp, restore.completed_at) == (5, NOON, NOON)


def test_the_next_restore_that_a_client_starts_can_be_planned(mock: Project) -> None:
    mock.clock.freeze(NOON)
    mock.plan(ends_after=timedelta(seconds=60), outcome="failed", times=1)
    for _ in range(2):
        start_restore(mock)
    mock.plan()
    start_restore(mock)
    mock.clear_plan()
    start_restore(mock)
    mock.clock.advance(65)
    assert statuses(mock)[:4] == ["completed", "scheduled", "completed", "failed"]


def test_a_fault_replays_an_error_with_its_details_as_they_are(mock: Project) -> None:
    mock.faults.add("status", status=400, id="nf-seen", details={"per_page": ["is too much"]})
    status, body = page(mock)
    assert (status, body["error"]["id"]) == (400, "nf-seen")
    assert body["error"]["details"] == {"per_page": ["is too much"]}
    assert mock.requests[-1].error_id == "nf-seen"


def test_a_list_can_break(mock: Project) -> None:
    fault = mock.faults.add("paging", what="no-cursor", times=1)
    assert fault.fault["what"] == "no-cursor"
    assert page(mock)[1]["pagination"] == {"hasNextPage": True, "count": 50}


def test_restores_have_object_ids_of_a_users_own(server: RunningServer) -> None:
    own, other = "668596c647fed81696a8a82c", "668596c647fed81696a8a82d"
    mock = make_project(server, contract="2026", restores=[{"status": "in-progress", "object_id": own}])
    assert mock.restores.force(own, "failed").id == own
    assert mock.restores.add(status="completed", id=other).id == other
    assert mock.restores.add(status="completed", object_id=own.replace("c6", "c7")).id != own


def test_the_names_of_a_faults_headers_stay_as_they_are(mock: Project) -> None:
    fault = mock.faults.add("status", status=503, headers={"x_served_by": "cache_7"})
    assert fault.fault["headers"] == {"x_served_by": "cache_7"}


def test_a_project_can_have_a_rate_limit_of_its_own(server: RunningServer) -> None:
    mock = make_project(server, rate_limit={"limit": 2, "window_seconds": 60})
    assert [page(mock)[0] for _ in range(3)] == [200, 200, 429]


def test_an_invalid_fault_raises_an_error(mock: Project) -> None:
    with pytest.raises(ControlPlaneError, match=r"^status is missing"):
        mock.faults.add("status")
    with pytest.raises(ValueError, match=r"unknown fault field 'milliseconds': expected one of operation, .*, ms, "):
        mock.faults.add("latency", milliseconds=3)  # type: ignore[call-arg]  # mypy reports it too


def test_the_journal_records_requests_and_responses(mock: Project) -> None:
    mock.clock.freeze(NOON)
    mock.faults.add("malformed", nth=2)
    page(mock, "per_page=7&colour=red")
    with pytest.raises(ValueError, match="Expecting"):
        page(mock)
    page(mock, "page=0")
    ok, corrupted, invalid = mock.requests
    assert (ok.method, ok.query, ok.ignored_parameters) == ("GET", "per_page=7&colour=red", ["colour"])
    assert (ok.status, ok.page, ok.restores, ok.has_next_page, ok.faults) == (200, 1, 7, True, [])
    assert (ok.walk, corrupted.walk, invalid.walk) == (1, 1, None)
    assert ok.project_time == NOON < ok.at
    assert [fault.kind for fault in corrupted.faults] == ["malformed"]
    assert (corrupted.status, corrupted.restores, corrupted.has_next_page) == (200, None, None)
    assert (invalid.status, invalid.restores) == (400, None)
    assert (invalid.error_id, ok.error_id) == ("nf-invalid-query", None)
    assert len({request.request_id for request in mock.requests}) == 3


def test_a_complete_walk_passes_assert_walk(mock: Project) -> None:
    walk(mock)
    (complete,) = mock.walks
    assert (complete.verdict, complete.pages, complete.restores_seen, complete.restores_total) == (
        "complete",
        3,
        120,
        120,
    )
    assert complete.since <= complete.until
    assert mock.assert_walk() == complete == mock.assert_walk("complete")


def test_a_poll_has_its_count_and_the_statuses_seen(server: RunningServer) -> None:
    mock = make_project(server, scenario="single")
    page(mock)
    page(mock)
    poll = mock.assert_walk("poll")
    assert (poll.polls, poll.statuses_seen, poll.polled_after_end) == (2, ["completed"], True)


def test_wait_for_walk_returns_the_walk_that_a_client_completes_meanwhile(
    mock: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first wait ends without it, as waits are kept shorter than the time that a request may take."""
    waited, request = threading.Event(), mock._client.request

    def signalling(*arguments: Any) -> Any:
        response = request(*arguments)
        waited.set()
        return response

    monkeypatch.setattr(mock._client, "request", signalling)
    monkeypatch.setattr("mockserver.testing.project._LONGEST_WAIT_SECONDS", 0.001)
    with ThreadPoolExecutor(1) as pool:
        client = pool.submit(lambda: waited.wait(PATIENCE_SECONDS) and walk(mock))
        reached = mock.wait_for_walk(timeout=PATIENCE_SECONDS)
        client.result()
    assert (reached.verdict, reached.requests) == ("complete", [request.number for request in mock.requests])


def test_wait_for_walk_fails_with_a_report_after_its_time(mock: Project) -> None:
    with pytest.raises(AssertionError, match=r"no walk became 'complete' within 0\.01 seconds\n\n.*got no walk"):
        mock.wait_for_walk(timeout=0.01)
    with pytest.raises(ValueError, match="unknown verdict"):
        mock.wait_for_walk("done")  # type: ignore[arg-type]


def test_a_reset_restores_a_projects_initial_state(mock: Project) -> None:
    mock.faults.add("reset")
    mock.restores.add()
    mock.reset()
    assert (list(mock.faults), mock.requests) == ([], [])
    assert len(walk(mock)) == 120


def test_a_deleted_project_no_longer_exists(mock: Project) -> None:
    mock.delete()
    assert page(mock)[0] == 404
    with pytest.raises(ControlPlaneError, match=f'no project "{mock.project_id}"') as raised:
        mock.delete()
    assert raised.value.status == 404


def test_a_project_is_saved_as_a_scenario(mock: Project, tmp_path: Path) -> None:
    mock.save_scenario(tmp_path / "mine.toml")
    (project,) = read_scenario(tmp_path / "mine.toml").projects
    assert project.id == mock.project_id
    assert len(project.addons[0].backups[0].restores) == len(mock.restores)  # type: ignore[arg-type]  # rows


def test_a_project_that_is_gone_cannot_be_saved(server: RunningServer, tmp_path: Path) -> None:
    mock = make_project(server)
    mock.delete()
    with pytest.raises(ControlPlaneError, match="no project"):
        mock.save_scenario(tmp_path / "mine.toml")
    assert list(tmp_path.iterdir()) == []
