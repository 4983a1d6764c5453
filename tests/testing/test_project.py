"""A project, from a test-suite's side."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mockserver.testing import ControlPlaneError, Project, Server
from tests.support import RunningServer
from tests.testing.asking import page, statuses, walk

NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)
PARIS = timezone(timedelta(hours=2))


def made(server: RunningServer, **options: object) -> Project:
    return Server(server.url).make_project(**options)  # type: ignore[arg-type]  # a test's own choice


def test_a_project_says_where_it_is_and_what_to_give_a_client(mock: Project, server: RunningServer) -> None:
    assert mock.base_url == server.url
    assert mock.restores_url == (
        f"{mock.base_url}/v1/projects/{mock.project_id}/addons/{mock.addon_id}/backups/{mock.backup_id}/restores"
    )
    assert page(mock)[0] == 200
    assert repr(mock) == f"<Project '{mock.project_id}' at {server.url}>"


def test_each_project_has_a_token_and_restores_of_its_own(server: RunningServer) -> None:
    one, other = made(server, scenario="empty"), made(server, scenario="empty")
    one.restores.add()
    assert one.token != other.token
    assert (len(walk(one)), len(walk(other))) == (1, 0)


def test_a_project_is_made_as_it_is_asked_for(server: RunningServer) -> None:
    mock = made(
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


def test_what_cannot_be_made_is_refused_with_the_words_of_the_server(server: RunningServer) -> None:
    with pytest.raises(ControlPlaneError, match='no scenario "nothing": there are aborting, ') as refused:
        made(server, scenario="nothing")
    assert (refused.value.status, refused.value.details["location"]) == (400, "scenario")


def test_a_clock_is_frozen_moved_and_let_go(mock: Project) -> None:
    assert mock.clock.freeze(NOON) == NOON == mock.clock.now
    assert mock.clock.advance(timedelta(minutes=5)) == NOON + timedelta(minutes=5)
    assert mock.clock.advance("PT5M") == NOON + timedelta(minutes=10)
    assert mock.clock.advance(0.5) == NOON + timedelta(minutes=10, milliseconds=500)
    assert mock.clock.freeze() == mock.clock.now
    assert mock.clock.freeze("2024-07-01T12:00:00Z") == NOON
    assert NOON + timedelta(hours=1) <= mock.clock.real(datetime(2024, 7, 1, 15, tzinfo=PARIS)) <= mock.clock.now


def test_a_stepping_clock_moves_with_each_list(server: RunningServer) -> None:
    mock = made(server, scenario="empty")
    assert mock.clock.step(timedelta(seconds=30), at=NOON) == NOON
    mock.restores.add(starts_after=timedelta(seconds=30), ends_after=timedelta(minutes=1), outcome="failed")
    assert [statuses(mock) for _ in range(3)] == [["scheduled"], ["in-progress"], ["failed"]]


def test_restores_are_added_forced_and_deleted(server: RunningServer) -> None:
    mock = made(server, scenario="empty", clock={"mode": "frozen", "now": NOON})
    restore = mock.restores.add(starts_after=0, abort_after="PT0S")
    assert (restore.status, restore.restore_timestamp, restore.completed_at) == ("aborting", NOON, None)
    forced = mock.restores.force(restore.id, "completed")
    assert (forced.id, forced.status, forced.completed_at) == (restore.id, "completed", NOON)
    assert statuses(mock) == ["completed"]
    mock.restores.delete(restore.id)
    assert statuses(mock) == []
    with pytest.raises(ControlPlaneError, match=f'no restore "{restore.id}"'):
        mock.restores.delete(restore.id)


def test_the_restores_of_another_backup_are_reached_by_its_ids(mock: Project) -> None:
    restores = mock.restores_of("session-cache", "one-page")
    restores.delete(restores.add().id)
    with pytest.raises(ControlPlaneError, match='no addon "another"'):
        mock.restores_of("another", "one-page").add()


def test_faults_strike_are_counted_and_end(mock: Project) -> None:
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


def test_a_fault_that_cannot_be_is_refused(mock: Project) -> None:
    with pytest.raises(ControlPlaneError, match="status"):
        mock.faults.add("status")
    with pytest.raises(ValueError, match=r"no fault has 'milliseconds': there are operation, page, nth, .*, ms, "):
        mock.faults.add("latency", milliseconds=3)  # type: ignore[call-arg]  # which mypy would tell, too


def test_the_journal_says_what_was_asked_and_what_came_back(mock: Project) -> None:
    mock.clock.freeze(NOON)
    mock.faults.add("malformed", nth=2)
    page(mock, "per_page=7&colour=red")
    with pytest.raises(ValueError, match="Expecting"):
        page(mock)
    page(mock, "page=0")
    good, corrupted, refused = mock.requests
    assert (good.method, good.query, good.ignored_parameters) == ("GET", "per_page=7&colour=red", ["colour"])
    assert (good.status, good.page, good.restores, good.has_next_page, good.faults) == (200, 1, 7, True, [])
    assert (good.walk, corrupted.walk, refused.walk) == (1, 1, None)
    assert good.project_time == NOON < good.at
    assert [fault.kind for fault in corrupted.faults] == ["malformed"]
    assert (corrupted.status, corrupted.restores, corrupted.has_next_page) == (200, None, None)
    assert (refused.status, refused.restores) == (400, None)
    assert refused.error_id


def test_walks_are_judged(mock: Project) -> None:
    walk(mock)
    (judged,) = mock.walks
    assert (judged.verdict, judged.pages, judged.restores_seen, judged.restores_total) == ("complete", 3, 120, 120)
    assert judged.since <= judged.until
    assert mock.assert_walk() == judged == mock.assert_walk("complete")


def test_a_poll_tells_what_was_seen(server: RunningServer) -> None:
    mock = made(server, scenario="single")
    page(mock)
    page(mock)
    poll = mock.assert_walk("poll")
    assert (poll.polls, poll.statuses_seen, poll.polled_after_end) == (2, ["completed"], True)


def test_a_reset_takes_a_project_back_to_how_it_started(mock: Project) -> None:
    mock.faults.add("reset")
    mock.restores.add()
    mock.reset()
    assert (list(mock.faults), mock.requests) == ([], [])
    assert len(walk(mock)) == 120


def test_a_deleted_project_is_gone(mock: Project) -> None:
    mock.delete()
    assert page(mock)[0] == 404
    with pytest.raises(ControlPlaneError, match=f'no project "{mock.project_id}"') as refused:
        mock.delete()
    assert refused.value.status == 404
