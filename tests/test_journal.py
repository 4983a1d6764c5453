"""What is known of calls: the last thousand, and what a walk sees of each."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import ApiError
from mockserver.faults.base import Delivery
from mockserver.journal import KEPT, Call, Journal, Page, fingerprint
from mockserver.lifecycle import Status
from mockserver.operations import OperationName
from mockserver.walks import ListCall
from tests.support import NOW, TOKEN

SENT = b"""{"data": {"restores": [{"id": 9, "status": "failed"}, {"id": 8, "status": "aborted"}]}}"""
PAGE = Page(2, "a-cursor", "a-project", "an-addon", "a-backup", SENT, "another")
LISTED = Call(
    1, "GET", "/v1/x", "", NOW, token=TOKEN, operation=OperationName.LIST_RESTORES, page=PAGE, status=200, delivery=None
)


@given(st.integers(0, 3 * KEPT))
def test_a_journal_keeps_the_last_thousand_and_counts_the_rest(calls: int) -> None:
    journal = Journal()
    for number in range(calls):
        journal.add(replace(LISTED, number=number))
    assert [call.number for call in journal] == list(range(max(0, calls - KEPT), calls))
    assert journal.dropped == max(0, calls - KEPT)
    assert KEPT == 1000


@given(st.text(), st.text())
def test_a_fingerprint_tells_tokens_apart_and_gives_none_away(one: str, other: str) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)
    assert len(fingerprint(one)) == 12


def test_the_fingerprint_of_a_token_is_the_same_on_every_machine() -> None:
    assert fingerprint(TOKEN) == "1f6076e3a47b"


def test_an_error_id_names_the_call() -> None:
    assert replace(LISTED, number=7).error_id == "request-000007"
    assert replace(LISTED, number=12345678).error_id == "request-12345678"


def test_a_walk_sees_what_was_asked_and_what_was_sent() -> None:
    assert LISTED.as_list_call() == ListCall(
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
    )


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (503, Delivery(instead=ApiError(503, "struck"))),
        (404, Delivery(instead=ApiError(404, "struck"))),
        (200, Delivery(reset=True)),
        (200, Delivery(truncated=True)),
        (200, Delivery(body=b"{")),
    ],
)
def test_a_walk_sees_a_call_that_a_fault_spoilt_as_failed_with_nothing_sent(status: int, delivery: Delivery) -> None:
    call = replace(LISTED, status=status, delivery=delivery).as_list_call()
    assert call
    assert call.failed
    assert (call.restores, call.statuses, call.next_cursor) == ((), (), None)
    assert (call.page, call.cursor) == (2, "a-cursor")


def test_a_walk_sees_a_call_that_was_only_delayed_as_answered() -> None:
    call = replace(LISTED, delivery=Delivery(wait_ms=5, bytes_per_second=5)).as_list_call()
    assert call
    assert not call.failed
    assert call.restores


@pytest.mark.parametrize(
    "other",
    [
        {"method": "HEAD"},
        {"operation": OperationName.LIST_ADDON_RESTORES},
        {"operation": None},
        {"page": None},
        {"status": 404},
        {"status": 429},
        {"status": 500},
    ],
)
def test_no_walk_sees_other_calls_nor_those_that_were_refused(other: dict[str, Any]) -> None:
    assert replace(LISTED, **other).as_list_call() is None
