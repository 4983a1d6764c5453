"""What a person reads where a client did not walk as it should."""

from functools import partial

import pytest

from mockserver.testing import Project, Server
from tests.support import RunningServer
from tests.testing.asking import page, walk


def failure(mock: Project, verdict: str = "complete") -> str:
    with pytest.raises(AssertionError) as failed:
        mock.assert_walk(verdict)  # type: ignore[arg-type]  # a test's own choice
    return str(failed.value)


def table(reported: str) -> list[str]:
    return [line for line in reported.splitlines() if line.startswith("  ")]


def test_a_walk_that_stopped_shows_what_came_and_what_was_missed(mock: Project) -> None:
    mock.faults.add("status", status=503, page=2, times=1)
    mock.faults.add("latency", ms=1, page=1)
    walk(mock, most=2)
    reported = failure(mock)
    assert reported.startswith(
        'expected a walk that is "complete", and it is "abandoned": stopped after page 2 although'
    )
    assert table(reported) == [
        "  page  asked with  came back",
        "  1     -           200, 50 restores, a next page, fault latency",
        "  2     cursor=...  503, fault status",
        "  2     cursor=...  200, 50 restores, a next page",
        "  3                 never asked for",
    ]
    assert reported.endswith("\n\nmissed: 20 of 120 restores")


def test_a_walk_that_left_pages_out_shows_which(mock: Project) -> None:
    page(mock, "per_page=50")
    page(mock, "per_page=50&page=3")
    reported = failure(mock)
    assert '"skipped"' in reported
    assert table(reported)[1:] == [
        "  1     per_page=50         200, 50 restores, a next page",
        "  3     per_page=50&page=3  200, 20 restores, the last page",
        "  2                         never asked for",
    ]


def test_a_walk_that_saw_all_is_told_without_a_loss(mock: Project) -> None:
    walk(mock)
    reported = failure(mock, "poll")
    assert reported.startswith('expected a walk that is "poll", and it is "complete": reached the end')
    assert "missed" not in reported
    assert len(table(reported)) == 4


def test_an_answer_that_never_came_is_shown(mock: Project) -> None:
    mock.faults.add("reset")
    with pytest.raises(OSError, match="reset"):
        page(mock)
    assert table(failure(mock))[1:] == ["  1     -           no answer, fault reset"]


def test_each_walk_that_is_not_as_it_should_be_is_shown_with_calls_of_its_own(mock: Project) -> None:
    walk(mock)
    walk(mock, most=1)
    reported = failure(mock)
    assert reported.count("expected a walk") == 1
    assert len(table(reported)) == 3


def test_where_no_call_came_it_says_what_the_client_may_lack(mock: Project) -> None:
    reported = failure(mock)
    assert f"there was none: no page of {mock.restores_url} was answered" in reported
    assert reported.endswith(
        "no call of the project came; does the client have its base URL, ids and token, and use no proxy?"
    )


def test_where_all_calls_were_refused_they_are_shown(mock: Project) -> None:
    page(mock, "per_page=1000")
    path = mock.restores_url.removeprefix(mock.base_url)
    assert table(failure(mock))[1:] == [f"  GET {path}  per_page=1000  400"]


def test_where_the_journal_dropped_calls_no_walk_is_as_it_should_be(server: RunningServer) -> None:
    mock = Server(server.url).make_project(scenario="many", restores=1300)
    ask = partial(server.client.get, mock.restores_url, headers={"Authorization": f"Bearer {mock.token}"})
    ask(params={"per_page": 1})
    body = ask(params={"per_page": 1, "page": 3}).json()
    while body["pagination"]["hasNextPage"]:
        body = ask(params={"per_page": 1, "cursor": body["pagination"]["cursor"]}).json()
    assert [walk.verdict for walk in mock.walks] == ["complete"]
    assert failure(mock) == (
        'expected a walk that is "complete", and the journal dropped 299 calls, '
        "so the walk's beginning is unknown: use larger pages or reset()"
    )
    mock.reset()
    walk(mock, most=27)
    mock.assert_walk("complete")


def test_pages_before_a_walks_first_are_not_missed(mock: Project) -> None:
    page(mock, "per_page=20&page=3")
    assert table(failure(mock))[1:] == [
        "  3     per_page=20&page=3  200, 20 restores, a next page",
        "  4                         never asked for",
    ]


def test_of_many_walks_the_first_are_shown(mock: Project) -> None:
    for _ in range(6):
        walk(mock, most=2)
    reported = failure(mock)
    assert len(table(reported)) == 5 * 4
    assert reported.endswith('\n\nand 1 more walk: not "complete" either')


def test_a_long_query_makes_no_long_rows(mock: Project) -> None:
    page(mock, f"cursor={'x' * 300}")
    page(mock, f"colour={'x' * 300}&page=0")
    shown = table(failure(mock))[1:]
    assert shown[0].split()[2:] == ["cursor=...", "400"]
    assert shown[1].split()[2:] == [f"colour={'x' * 93}…", "400"]


def test_one_is_told_as_one(server: RunningServer) -> None:
    mock = Server(server.url).make_project(scenario="many", restores=2)
    page(mock, "per_page=1")
    reported = failure(mock)
    assert "200, 1 restore, a next page" in reported
    assert reported.endswith("missed: 1 of 2 restores")


def test_a_verdict_that_there_is_not_is_told_as_such(mock: Project) -> None:
    with pytest.raises(ValueError, match="no verdict 'completed': they are mixed, looped, "):
        mock.assert_walk("completed")  # type: ignore[arg-type]  # which mypy would tell, too


def test_of_many_calls_the_first_and_the_last_are_shown(mock: Project) -> None:
    for number in range(45):
        page(mock, f"per_page={number + 1}")
    shown = table(failure(mock))[1:]
    assert len(shown) == 41
    assert [line.split()[1] for line in (shown[0], shown[19], shown[21], shown[39])] == [
        "per_page=1",
        "per_page=20",
        "per_page=27",
        "per_page=45",
    ]
    assert shown[20] == "  ...   and 6 more"
