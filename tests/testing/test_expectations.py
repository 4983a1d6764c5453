"""What a test expects of its client: patience, a list of walks, and how it waits for a restore."""

from datetime import timedelta

import pytest

from mockserver.sandbox.records import fingerprint
from mockserver.testing import Project, Server, expectations
from mockserver.testing.options import RestoreRow
from tests.support import RunningServer
from tests.testing.asking import failure_of, page, walk


@pytest.fixture
def one(server: RunningServer) -> Project:
    """A project whose clock stands still, without restores."""
    return Server(server.url).make_project(scenario="empty", clock={"mode": "frozen"})


def failing(mock: Project, *, reset: int = 30) -> None:
    mock.faults.add("status", status=429, retry_after=reset, page=2, times=1)


# Patience


def test_a_retry_that_waits_as_long_as_the_response_says_is_patient(mock: Project) -> None:
    failing(mock, reset=0)
    walk(mock)
    walked = mock.assert_walk("complete", patient=True)
    assert (walked.retries, walked.retries_too_early) == (1, 0)


def test_a_retry_that_ignores_retry_after_is_not_patient(mock: Project) -> None:
    failing(mock)
    walk(mock)
    assert mock.assert_walk("complete").retries_too_early == 1
    message = failure_of(mock.assert_walk, "complete", patient=True)
    assert message.startswith('expected retries to wait as long as the response says, got "complete": reached the end')
    assert "429, fault status, Retry-After: 30" in message
    assert "200, 50 restores, has a next page, retried " in message
    assert " s too early" in message


def test_patience_does_not_excuse_another_verdict(mock: Project) -> None:
    walk(mock, max_pages=1)
    with pytest.raises(AssertionError, match='expected walk verdict "complete", got "abandoned"'):
        mock.assert_walk("complete", patient=True)


# Lists of walks


def test_walks_may_have_different_verdicts_in_their_order(mock: Project) -> None:
    walk(mock)
    walk(mock, max_pages=2)
    complete, abandoned = mock.assert_walks(["complete", "abandoned"])
    assert (abandoned.pages, complete.pages) == (2, 3)


def test_walks_in_another_order_are_shown_with_what_they_are(mock: Project) -> None:
    walk(mock)
    walk(mock, max_pages=2)
    message = failure_of(mock.assert_walks, ["complete", "complete"])
    assert message.startswith(
        'expected walk verdicts "complete", "complete", got "complete", "abandoned"\n\n'
        'got "abandoned": stopped after page 2'
    )
    assert message.count("page  requested with") == 1


@pytest.mark.parametrize(
    ("verdicts", "message"),
    [
        ([], 'expected walk verdicts none, got "complete"\n\ngot "complete": '),
        (["complete", "poll"], 'expected walk verdicts "complete", "poll", got "complete"'),
    ],
)
def test_another_number_of_walks_than_expected_is_a_failure(mock: Project, verdicts: list[str], message: str) -> None:
    walk(mock)
    assert failure_of(mock.assert_walks, verdicts).startswith(message)


def test_no_walk_is_only_right_if_none_is_expected(mock: Project) -> None:
    assert mock.assert_walks([]) == []
    with pytest.raises(AssertionError, match=r'expected walk verdicts "poll", got no walk: .* received no request'):
        mock.assert_walks(["poll"])


def test_walks_are_selected_by_backup_token_and_verdict(mock: Project) -> None:
    walk(mock)
    walk(mock, max_pages=2)
    assert [each.pages for each in mock.assert_walks(["complete"], verdict="complete")] == [3]
    assert len(mock.assert_walks(["complete", "abandoned"], backup=mock.backup_id, token=mock.token)) == 2
    assert mock.assert_walks([], token="another") == []  # noqa: S106 - no secret
    assert mock.assert_walks([], backup="another") == []
    with pytest.raises(AssertionError, match="got no walk"):
        mock.assert_walk(backup="another")


def test_an_unknown_verdict_in_a_list_raises_an_error(mock: Project) -> None:
    with pytest.raises(ValueError, match="unknown verdict 'done': expected one of mixed"):
        mock.assert_walks(["done"])  # type: ignore[list-item]  # mypy reports it too
    with pytest.raises(ValueError, match="unknown verdict 'done'"):
        mock.assert_walks([], verdict="done")  # type: ignore[arg-type]  # mypy reports it too


def test_a_token_has_the_fingerprint_that_the_journal_shows() -> None:
    assert expectations.fingerprint("a-token") == fingerprint("a-token")


# What a client stored


def test_all_restores_each_once_in_any_order_are_right(mock: Project) -> None:
    mock.assert_restores(restore["id"] for restore in reversed(walk(mock)))


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ([9, 8, 7], "expected 5 restores, each once, got 3: the last 2 of the list are missing, as if the last page"),
        ([9, 8, 6, 5], "got 4: 1 are missing, the first of them 7, which is number 3 of the list"),
        ([9, 8, 8, 7, 7, 7, 6, 5], "got 8: 2 are stored more than once, the first of them 8"),
        ([9, 8, 7, 6, 5, 4], "got 6: 1 are not in the list, the first of them 4"),
        (["9", 8, 7, 6, 5], "1 are missing, the first of them 9, which is number 1 of the list; 1 are not in the list"),
        ([], "got 0: the last 5 of the list are missing"),
    ],
)
def test_what_is_wrong_with_the_stored_restores_is_said(
    server: RunningServer, stored: list[int | str], message: str
) -> None:
    rows: list[RestoreRow] = [{"status": "completed", "id": number} for number in range(5, 10)]
    mock = Server(server.url).make_project(scenario="empty", restores=rows)
    assert message in failure_of(mock.assert_restores, stored)


def test_too_many_restores_cannot_be_compared(server: RunningServer) -> None:
    mock = Server(server.url).make_project(scenario="many", restores=1001)
    with pytest.raises(ValueError, match="the backup has 1001 restores, and at most 1000 can be compared"):
        mock.assert_restores([])


# Polls


def poll(mock: Project, *seconds: float) -> None:
    """Polls at these intervals of the project's clock."""
    page(mock)
    for interval in seconds:
        mock.clock.sleep(interval)
        page(mock)


def test_a_client_that_polls_until_the_end_passes(one: Project) -> None:
    restore = one.restores.add(starts_after=5, ends_after=20)
    poll(one, 10, 10)
    polls = one.assert_polled(restore.id, min_interval=timedelta(seconds=10))
    assert polls == one.polls_of(restore.id)
    assert (polls.restore, polls.responses, polls.polled_after_end) == (restore.id, 3, 0)
    assert polls.statuses_seen == ["scheduled", "in-progress", "completed"]
    assert polls.shortest_project_interval_ms == 10_000
    assert (polls.shortest_interval_ms or 0) < 10_000


def test_a_client_that_polls_too_often_in_virtual_time_fails(one: Project) -> None:
    restore = one.restores.add(starts_after=5, ends_after=20)
    poll(one, 10, 1, 10)
    message = failure_of(one.assert_polled, restore.id, min_interval=10)
    assert message.startswith(f"polled restore {restore.id} too often: every 1 s by the project's clock at the closest")
    assert "expected at least 10 s" in message
    assert message.count("200, 1 restore, last page") == 4


def test_one_response_is_never_too_often(one: Project) -> None:
    restore = one.restores.force(one.restores.add().id, "failed")
    page(one)
    assert one.assert_polled(restore.id, min_interval=3600).shortest_interval_ms is None


def test_a_client_that_goes_on_after_the_end_fails(one: Project) -> None:
    restore = one.restores.add(ends_after=10)
    poll(one, 10, 10)
    assert failure_of(one.assert_polled, restore.id).startswith(
        f"polled on after the end: 1 request came after a response that showed restore {restore.id} as ended\n\n"
    )
    poll(one)
    assert failure_of(one.assert_polled, restore.id).startswith("polled on after the end: 2 requests came")
    assert one.assert_polled(restore.id, stopped=False).polled_after_end == 2


def test_a_client_that_stops_before_the_end_fails(one: Project) -> None:
    restore = one.restores.add(starts_after=0, ends_after=10)
    poll(one)
    assert failure_of(one.assert_polled, restore.id).startswith(
        f'stopped too early: the last response showed restore {restore.id} as "in-progress"\n\n'
    )
    one.assert_polled(restore.id, stopped=False)


def test_a_client_that_never_asked_fails(one: Project) -> None:
    restore = one.restores.add()
    assert failure_of(one.assert_polled, restore.id, min_interval=1).startswith(
        f"no response held restore {restore.id}: it was never"
    )


def test_everything_that_is_wrong_is_said(one: Project) -> None:
    restore = one.restores.add(ends_after=1)
    poll(one, 1, 1)
    assert failure_of(one.assert_polled, restore.id, min_interval=10).split("\n")[0].count("; ") == 1
