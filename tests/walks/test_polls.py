"""Clients that wait for one restore: how often they asked, what they saw, and whether they stopped."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import FINAL_STATUSES, Status
from mockserver.walks.polls import Polls, polls_of
from mockserver.walks.walks import ListRequest

ONE = ListRequest("one", "an-addon", "a-backup", 0, None, 1, failed=False)
RUNNING, DONE = Status.IN_PROGRESS, Status.COMPLETED


def poll(at: int, status: Status | None, *, client: str = "one", page: int = 1, others: int = 1) -> ListRequest:
    """A response with restore 7 in that status, if any, after restores that have ended."""
    held = () if status is None else ((7, status),)
    sent = (*((100 + number, DONE) for number in range(others)), *held)
    return replace(
        ONE,
        token=client,
        at=at,
        project_time=10 * at,
        page=page,
        restores=tuple(number for number, _ in sent),
        statuses=tuple(status for _, status in sent),
    )


def failed(at: int) -> ListRequest:
    return replace(ONE, at=at, project_time=10 * at, failed=True)


def test_the_polls_of_a_restore_have_its_statuses_and_the_shortest_interval_by_both_clocks() -> None:
    requests = [poll(0, Status.SCHEDULED), poll(500, RUNNING), poll(900, RUNNING), poll(1500, DONE)]
    assert polls_of(7, requests) == Polls(4, (Status.SCHEDULED, RUNNING, DONE), 400, 4000, 0)


def test_a_status_that_comes_back_is_listed_again() -> None:
    assert polls_of(7, [poll(0, RUNNING), poll(1, DONE), poll(2, RUNNING)]).statuses_seen == (RUNNING, DONE, RUNNING)


def test_responses_without_the_restore_do_not_count() -> None:
    requests = [poll(0, RUNNING), poll(10, None), failed(15), poll(30, DONE)]
    assert polls_of(7, requests) == Polls(2, (RUNNING, DONE), 30, 300, 0)


@pytest.mark.parametrize("requests", [[], [poll(0, None)], [failed(0)]])
def test_a_restore_that_no_response_held_has_no_polls(requests: list[ListRequest]) -> None:
    assert polls_of(7, requests) == Polls(0, (), None, None, 0)


def test_the_interval_is_between_the_requests_of_one_client() -> None:
    requests = [poll(0, RUNNING), poll(5, RUNNING, client="two"), poll(40, RUNNING), poll(65, DONE, client="two")]
    assert polls_of(7, requests) == Polls(4, (RUNNING, DONE), 40, 400, 0)
    assert polls_of(7, requests[:2]).shortest_interval_ms is None


@pytest.mark.parametrize("later", [poll(9, DONE), poll(9, None), failed(9)])
def test_any_request_after_the_restore_had_ended_is_one_too_many(later: ListRequest) -> None:
    assert polls_of(7, [poll(0, RUNNING), poll(5, DONE), later, replace(later)]).polled_after_end == 2


@pytest.mark.parametrize("status", Status)
def test_a_restore_has_ended_in_each_final_status(status: Status) -> None:
    assert polls_of(7, [poll(0, status), poll(5, status)]).polled_after_end == (status in FINAL_STATUSES)


def test_only_the_client_that_saw_the_end_should_have_stopped() -> None:
    requests = [poll(0, DONE), poll(1, RUNNING, client="two"), poll(2, RUNNING, client="two")]
    assert polls_of(7, requests).polled_after_end == 0


def test_the_other_pages_of_the_walk_that_showed_the_end_are_not_polls() -> None:
    first = replace(poll(0, DONE), next_cursor="c2")
    second = replace(poll(1, None, page=2), cursor="c2", next_cursor="c3")
    third = replace(poll(2, None, page=3), cursor="c3")
    assert polls_of(7, [first, second, third]).polled_after_end == 0
    again = [replace(request) for request in (first, second, third)]
    assert polls_of(7, [first, second, third, *again]).polled_after_end == 3


def test_the_same_page_again_is_a_poll_also_if_it_is_not_the_first() -> None:
    requests = [poll(0, None), poll(1, DONE, page=2), poll(2, DONE, page=2), poll(3, None, page=3)]
    assert polls_of(7, requests).polled_after_end == 1


polls = st.builds(
    poll,
    st.integers(0, 1000),
    st.none() | st.sampled_from(Status),
    client=st.sampled_from(["one", "two"]),
    page=st.integers(1, 3),
    others=st.integers(0, 2),
)


@given(st.lists(polls, max_size=20))
def test_any_requests_have_polls(requests: list[ListRequest]) -> None:
    polls = polls_of(7, requests)
    successful = [request for request in requests if 7 in request.restores]
    assert polls.responses == len(successful)
    assert set(polls.statuses_seen) == {request.statuses[-1] for request in successful}
    assert polls.polled_after_end <= len(requests) - bool(FINAL_STATUSES.intersection(polls.statuses_seen))
    assert (polls.shortest_interval_ms is None) == (len({request.token for request in successful}) == len(successful))
    if polls.shortest_interval_ms is not None:
        assert polls.shortest_project_interval_ms == 10 * polls.shortest_interval_ms
