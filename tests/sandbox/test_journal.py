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
from mockserver.sandbox.journal import CAPACITY, TARGET_MAX, Journal, Journals, RequestRecord, fingerprint
from mockserver.sandbox.pages import Listing
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
    journals = Journals(40 * record(1).size)
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
    assert LISTED.as_list_request() == ListRequest(
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
    record = replace(LISTED, status=status, corrupted=effects.corrupted).as_list_request()
    assert record
    assert record.failed
    assert (record.restores, record.statuses, record.next_cursor) == ((), (), None)
    assert (record.page, record.cursor) == (2, "a-cursor")


def test_a_delayed_request_is_a_successful_step() -> None:
    record = replace(LISTED, corrupted=ResponseEffects(wait_ms=5, bytes_per_second=5).corrupted).as_list_request()
    assert record
    assert not record.failed
    assert record.restores


@pytest.mark.parametrize(
    "other",
    [
        {"method": "HEAD"},
        {"operation": OperationName.LIST_ADDON_RESTORES},
        {"operation": None},
        {"listing": None},
        {"status": 404},
        {"status": 429},
        {"status": 500},
    ],
)
def test_other_requests_and_rejected_ones_are_no_steps(other: dict[str, Any]) -> None:
    assert replace(LISTED, **other).as_list_request() is None


def test_a_journal_that_alone_exceeds_the_limit_drops_its_oldest_records() -> None:
    journals = Journals(10 * record(1).size)
    journal = Journal(journals)
    for number in range(15):
        journal.add(record(number))
    assert [each.number for each in journal] == list(range(5, 15))
    assert (journal.dropped, journal.out_of_memory) == (5, True)
