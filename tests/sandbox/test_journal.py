"""The journal: the latest thousand requests of a project, a limit for all projects, and the steps of walks."""

from array import array
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import Status
from mockserver.contract.operations import OperationName
from mockserver.errors import ApiError
from mockserver.faults.base import ResponseEffects
from mockserver.rate_limit import RateLimitState
from mockserver.sandbox.journal import CAPACITY, Journal, Journals
from mockserver.sandbox.pages import Listing
from mockserver.sandbox.records import (
    HEADER_MAX,
    NO_HEADERS,
    TARGET_MAX,
    RequestRecord,
    SentHeaders,
    fingerprint,
    sent_headers,
)
from mockserver.walks.walks import ListRequest
from tests.support import NOW, TOKEN

PACKED = array("q", [9, 8]).tobytes() + bytes([5, 4])
LISTING = Listing(2, "a-cursor", "a-project", "an-addon", "a-backup", "another", PACKED)
LISTED = RequestRecord(
    1,
    "GET",
    "/v1/x",
    "",
    NOW,
    token=fingerprint(TOKEN),
    operation=OperationName.LIST_RESTORES,
    listing=LISTING,
    status=200,
)
PLENTY = 100_000_000


def record(number: int, listing: Listing | None = None, query: str = "per_page=50") -> RequestRecord:
    """A record that shares no object with other records except its listing."""
    return replace(LISTED, number=number, path=f"/v1/{number:0100}", query=query, arrived=NOW + number, listing=listing)


def step_of(**changes: Any) -> ListRequest:
    """The step of a walk that a request is whose record differs in these fields."""
    step = replace(LISTED, **changes).as_list_request()
    assert step
    return step


def listing_of_page(number: int) -> Listing:
    return Listing(number, None, "p", "a", "b", f"cursor-{number:030}", array("q", range(50)).tobytes() + bytes(50))


@given(st.integers(0, 3 * CAPACITY))
def test_a_journal_keeps_the_latest_thousand_and_counts_the_rest(records: int) -> None:
    journal = Journal(Journals(PLENTY))
    for number in range(records):
        journal.add(replace(LISTED, number=number))
    assert [record.number for record in journal] == list(range(max(0, records - CAPACITY), records))
    assert journal.dropped == max(0, records - CAPACITY)
    assert not journal.out_of_memory
    assert CAPACITY == 1000


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.text("q", max_size=300)), max_size=60))
def test_all_journals_stay_within_their_limit_and_the_one_being_written_to_loses_last(
    requests: list[tuple[int, int, str]],
) -> None:
    limit = 20_000
    journals = Journals(limit)
    projects = [Journal(journals) for _ in range(4)]
    pages = [None, listing_of_page(1), listing_of_page(2)]
    added = [0, 0, 0, 0]
    for number, (project, page, query) in enumerate(requests):
        others = [len(journal) for at, journal in enumerate(projects) if at != project]
        before = len(projects[project])
        projects[project].add(record(number, pages[page], query))
        added[project] += 1
        assert journals.size <= limit
        if len(projects[project]) <= before:
            assert not any(len(journal) for at, journal in enumerate(projects) if at != project), others
    for journal, records in zip(projects, added, strict=True):
        assert len(journal) + journal.dropped == records
        assert journal.out_of_memory == (journal.dropped > 0)
        journal.clear()
    assert journals.size == 0
    assert [page.records for page in pages if page] == [0, 0]


def test_the_journal_of_the_project_with_the_least_recent_request_is_emptied() -> None:
    journals = Journals(40 * record(1).measure())
    oldest, older, newest = (Journal(journals) for _ in range(3))
    for journal in (older, oldest, older, newest):
        for number in range(10):
            journal.add(record(number))
    assert [len(journal) for journal in (oldest, older, newest)] == [10, 20, 10]
    newest.add(record(11))
    assert [len(journal) for journal in (oldest, older, newest)] == [0, 20, 11]
    assert (oldest.dropped, oldest.out_of_memory) == (10, True)
    oldest.add(record(12))
    assert [len(journal) for journal in (oldest, older, newest)] == [1, 20, 11]


def test_a_long_target_is_cut() -> None:
    long = replace(LISTED, path="/" + "p" * 1000, query="q" * 60_000)
    long.cut_target()
    assert (len(long.path), len(long.path) + len(long.query), long.cut) == (1001, TARGET_MAX, True)


def test_the_names_of_ignored_parameters_are_recorded_while_there_is_room() -> None:
    many = replace(LISTED)
    for name in ("short", "n" * TARGET_MAX, "last"):
        many.ignore(name)
    assert many.ignored_parameters == ("short", "last")


@given(st.text(), st.text())
def test_a_fingerprint_identifies_a_token(one: str, other: str) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)
    assert len(fingerprint(one)) == 12


def test_the_fingerprint_of_a_token_is_the_same_on_every_machine() -> None:
    assert fingerprint(TOKEN) == "1f6076e3a47b"


def test_a_request_id_contains_the_number_of_the_request() -> None:
    assert replace(LISTED, number=7).request_id == "request-000007"
    assert replace(LISTED, number=12345678).request_id == "request-12345678"


def test_a_step_of_a_walk_has_what_was_requested_and_what_was_sent() -> None:
    assert step_of() == ListRequest(
        token=fingerprint(TOKEN),
        addon_id="an-addon",
        backup_id="a-backup",
        at=NOW,
        cursor="a-cursor",
        page=2,
        failed=False,
        restores=(9, 8),
        statuses=(Status.FAILED, Status.ABORTED),
        next_cursor="another",
        project_id="a-project",
        number=1,
        project_time=NOW,
    )


@pytest.mark.parametrize(
    ("status", "effects"),
    [
        (503, ResponseEffects(error_response=ApiError(503, "triggered"))),
        (404, ResponseEffects(error_response=ApiError(404, "triggered"))),
        (200, ResponseEffects(reset=True)),
        (200, ResponseEffects(truncated=True)),
        (200, ResponseEffects(body=b"{")),
    ],
)
def test_a_request_corrupted_by_a_fault_is_a_failed_step_with_nothing_sent(
    status: int, effects: ResponseEffects
) -> None:
    step = step_of(status=status, corrupted=effects.corrupted)
    assert step.failed
    assert (step.restores, step.statuses, step.next_cursor) == ((), (), None)
    assert (step.page, step.cursor) == (2, "a-cursor")


def test_a_429_of_the_rate_limit_is_a_failed_step() -> None:
    step = step_of(status=429)
    assert (step.failed, step.restores, step.next_cursor) == (True, (), None)


@pytest.mark.parametrize(
    ("query", "cursor", "page"),
    [
        ("cursor=a-cursor", "a-cursor", None),
        ("page=3&cursor=a-cursor", "a-cursor", 3),
        ("cursor=a-cursor&per_page=7&page=12", "a-cursor", 12),
        ("per_page=7&cursor=a-cursor", "a-cursor", None),
        ("page=3", None, None),
    ],
)
def test_a_step_has_the_page_number_that_was_sent_beside_a_cursor(
    query: str, cursor: str | None, page: int | None
) -> None:
    assert step_of(query=query, listing=replace(LISTING, cursor=cursor)).page_beside_cursor == page


def test_a_page_number_that_may_have_been_cut_is_not_used() -> None:
    assert step_of(query="cursor=a-cursor&page=1", cut=True).page_beside_cursor is None


USED_UP = RateLimitState(remaining=0, reset=90, exceeded=True)


@pytest.mark.parametrize(
    ("changes", "wait_ms"),
    [
        ({"status": 503}, None),
        ({"status": 503, "retry_after": "7"}, 7_000),
        ({"status": 503, "retry_after": "Sun, 15 Jun 2025 15:06:45 GMT"}, 5_000),
        ({"status": 503, "retry_after": "Sun, 15 Jun 2025 15:06:45 GMT", "project_time": NOW + 3_000}, 2_000),
        ({"status": 503, "retry_after": "Sun, 15 Jun 2025 15:06:45 -0000"}, None),
        ({"status": 503, "retry_after": "soon"}, None),
        ({"status": 503, "rate_limit_state": USED_UP}, None),
        ({"status": 429}, None),
        ({"status": 429, "rate_limit_state": USED_UP}, 90_000),
        ({"status": 429, "rate_limit_state": USED_UP, "retry_after": "7"}, 7_000),
    ],
)
def test_a_step_has_the_time_to_wait_that_its_response_named(changes: dict[str, Any], wait_ms: int | None) -> None:
    assert step_of(corrupted=True, **changes).wait_ms == wait_ms


def test_a_record_keeps_three_headers_and_cuts_long_ones() -> None:
    sent = [(b"accept", b"*/*"), (b"x", b"y"), (b"user-agent", b"u" * 300), (b"traceparent", b"00-\xff")]
    kept = replace(LISTED, headers=sent_headers(sent))
    assert kept.headers == SentHeaders("*/*", "u" * HEADER_MAX, "00-\xff", 3 * 60 + 3 + HEADER_MAX + 4)
    assert kept.measure() == LISTED.measure() + kept.headers.size
    assert sent_headers([]) == NO_HEADERS


def test_a_delayed_request_is_a_successful_step() -> None:
    step = step_of(corrupted=ResponseEffects(wait_ms=5, bytes_per_second=5).corrupted)
    assert not step.failed
    assert step.restores


@pytest.mark.parametrize(
    "other",
    [
        {"method": "HEAD"},
        {"operation": OperationName.LIST_ADDON_RESTORES},
        {"operation": None},
        {"listing": None},
        {"status": 404},
        {"status": 500},
    ],
)
def test_other_requests_and_rejected_ones_are_no_steps(other: dict[str, Any]) -> None:
    assert replace(LISTED, **other).as_list_request() is None


def test_a_journal_that_alone_exceeds_the_limit_drops_its_oldest_records() -> None:
    journals = Journals(10 * record(1).measure())
    journal = Journal(journals)
    for number in range(15):
        journal.add(record(number))
    assert [each.number for each in journal] == list(range(5, 15))
    assert (journal.dropped, journal.out_of_memory) == (5, True)
