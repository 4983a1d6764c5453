"""Failure messages of ``assert_walk``."""

import re
from functools import partial

import pytest

from mockserver.testing import Project, Server
from tests.support import RunningServer
from tests.testing.asking import failure_of, page, walk


def failure(mock: Project, verdict: str = "complete") -> str:
    return failure_of(mock.assert_walk, verdict)


def table(message: str) -> list[str]:
    """The rows without request ids, their last column."""
    return [re.sub(" +request( id|-[0-9]+)$", "", line) for line in message.splitlines() if line.startswith("  ")]


def two_pages(mock: Project, per_page: int) -> None:
    """Requests two pages and stops, which no other ``per_page`` explains in the same words."""
    cursor = page(mock, f"per_page={per_page}")[1]["pagination"]["cursor"]
    page(mock, f"per_page={per_page}&cursor={cursor}")


def test_the_last_column_has_the_request_id_of_each_response(mock: Project) -> None:
    walk(mock, max_pages=2)
    first, second = mock.requests
    head, *rows = [line for line in failure(mock).splitlines() if line.startswith("  ")]
    assert head.endswith("  request id")
    assert [row.split()[-1] for row in rows] == [first.request_id, second.request_id, "requested"]


def test_an_abandoned_walk_shows_its_requests_responses_and_the_page_not_requested(mock: Project) -> None:
    mock.faults.add("status", status=503, page=2, times=1)
    mock.faults.add("latency", ms=1, page=1)
    walk(mock, max_pages=2)
    message = failure(mock)
    assert message.startswith('expected walk verdict "complete", got "abandoned": stopped after page 2')
    assert table(message) == [
        "  page  requested with  response",
        "  1     -               200, 50 restores, has a next page, fault latency",
        "  2     cursor=...      503, fault status",
        "  2     cursor=...      200, 50 restores, has a next page",
        "  3                     not requested",
    ]
    assert (
        f"\n\nnever seen: 20 of 120 restores\n\nlive page: {mock.base_url}/_mock/#/p/{mock.project_id}/walks/1"
        in message
    )


def test_a_walk_that_skipped_pages_shows_which(mock: Project) -> None:
    page(mock, "per_page=50")
    page(mock, "per_page=50&page=3")
    message = failure(mock)
    assert '"skipped"' in message
    assert table(message)[1:] == [
        "  1     per_page=50         200, 50 restores, has a next page",
        "  3     per_page=50&page=3  200, 20 restores, last page",
        "  2                         not requested",
    ]


def test_a_complete_walk_with_another_verdict_than_expected_has_no_restores_never_seen(mock: Project) -> None:
    walk(mock)
    message = failure(mock, "poll")
    assert message.startswith('expected walk verdict "poll", got "complete": ')
    assert "never seen" not in message
    assert len(table(message)) == 4


def test_a_request_without_a_response_is_shown(mock: Project) -> None:
    mock.faults.add("reset")
    with pytest.raises(OSError, match="reset"):
        page(mock)
    assert table(failure(mock))[1:] == ["  1     -               no response, fault reset"]


def test_only_walks_with_the_wrong_verdict_are_shown_each_with_its_own_requests(mock: Project) -> None:
    walk(mock)
    walk(mock, max_pages=1)
    message = failure(mock)
    assert message.count("expected walk verdict") == 1
    assert len(table(message)) == 3
    assert re.findall(r"/walks/\d+", message) == ["/walks/2"]


def test_without_a_request_the_message_says_what_to_check(mock: Project) -> None:
    message = failure(mock)
    assert f"got no walk: no page of {mock.restores_url} was returned" in message
    assert "received no request: check the client's base URL, ids and token" in message


def test_requests_that_all_got_error_responses_are_shown(mock: Project) -> None:
    mock.clock.freeze("2030-01-01T00:00:00.25Z")
    page(mock, "per_page=1000")
    path = mock.restores_url.removeprefix(mock.base_url)
    refused = '400, per_page must be an integer from 1 to 100, in plain digits; got "1000"'
    message = failure(mock)
    assert f"\n\nGET {path}\n  project time  requested with  response" in message
    assert table(message)[1:] == [f"  00:00:00.250  per_page=1000   {refused}"]


def test_requests_for_different_things_are_shown_with_what_they_are(mock: Project, server: RunningServer) -> None:
    mock.clock.freeze("2030-01-01T00:00:00Z")
    for path in ("/nope", "/v1/nope"):
        server.client.get(path, headers={"Authorization": f"Bearer {mock.token}"})
    page(mock, "page=0")
    rows = table(failure(mock))
    assert rows[0].split() == ["request", "project", "time", "requested", "with", "response"]
    assert [row.split()[1] for row in rows[1:]] == ["/v1/nope", mock.restores_url.removeprefix(mock.base_url)]


def test_assert_walk_fails_if_the_journal_dropped_requests(server: RunningServer) -> None:
    mock = Server(server.url).make_project(scenario="many", restores=1300)
    get = partial(server.client.get, mock.restores_url, headers={"Authorization": f"Bearer {mock.token}"})
    get(params={"per_page": 1})
    body = get(params={"per_page": 1, "page": 3}).json()
    while body["pagination"]["hasNextPage"]:
        body = get(params={"per_page": 1, "cursor": body["pagination"]["cursor"]}).json()
    assert [walk.verdict for walk in mock.walks] == ["complete"]
    assert failure(mock) == (
        'expected walk verdict "complete", but the journal dropped 299 requests, '
        "so the start of the walk is unknown: use larger pages or reset()"
    )
    mock.reset()
    walk(mock, max_pages=27)
    mock.assert_walk("complete")


def test_pages_before_the_first_of_a_walk_are_not_listed(mock: Project) -> None:
    page(mock, "per_page=20&page=3")
    assert table(failure(mock))[1:] == [
        "  3     per_page=20&page=3  200, 20 restores, has a next page",
        "  4                         not requested",
    ]


def test_only_the_first_of_many_walks_are_shown(mock: Project) -> None:
    for per_page in range(10, 16):
        two_pages(mock, per_page)
    message = failure(mock)
    assert len(table(message)) == 5 * 4
    assert message.endswith("\n\nand 1 more walk")


def test_walks_with_the_same_explanation_are_shown_once_with_their_number(mock: Project) -> None:
    for per_page in (10, 10, 11, 10):
        two_pages(mock, per_page)
    message = failure(mock)
    assert message.count("expected walk verdict") == 2
    assert 'got "abandoned" (3 walks): stopped after page 2' in message
    assert 'got "abandoned": stopped after page 2' in message
    assert len(table(message)) == 2 * 4


def test_a_long_query_is_clipped(mock: Project) -> None:
    page(mock, f"cursor={'x' * 300}")
    page(mock, f"colour={'x' * 300}&page=0")
    rows = table(failure(mock))[1:]
    assert rows[0].split()[1:3] == ["cursor=...", "400,"]
    assert rows[1].split()[1:3] == [f"colour={'x' * 93}…", "400,"]


def test_a_single_restore_is_counted_in_the_singular(server: RunningServer) -> None:
    mock = Server(server.url).make_project(scenario="many", restores=2)
    page(mock, "per_page=1")
    message = failure(mock)
    assert "200, 1 restore, has a next page" in message
    assert "never seen: 1 of 2 restores\n" in message


def test_an_unknown_verdict_raises_an_error_that_lists_the_known_ones(mock: Project) -> None:
    with pytest.raises(ValueError, match="unknown verdict 'completed': expected one of mixed, looped, "):
        mock.assert_walk("completed")  # type: ignore[arg-type]  # mypy reports it too


def test_only_the_first_and_last_of_many_requests_are_shown(mock: Project) -> None:
    for number in range(45):
        page(mock, f"per_page={number + 1}")
    rows = table(failure(mock))[1:]
    assert len(rows) == 41
    assert [line.split()[1] for line in (rows[0], rows[19], rows[21], rows[39])] == [
        "per_page=1",
        "per_page=20",
        "per_page=27",
        "per_page=45",
    ]
    assert rows[20] == "  ...   6 more"
