"""Remembered pages: they equal what would be rendered now, and their memory is bounded."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import wire
from mockserver.contract.lifecycle import Outcome, Status, Timeline
from mockserver.contract.pagination import PageRequest, parse_page_request
from mockserver.contract.versions import Contract, number_from_public_id, public_id
from mockserver.instants import INSTANT_MAX
from mockserver.sandbox.pages import RememberedPages, RenderedPage, render_page
from mockserver.store import Store, changes, open_store, queries
from mockserver.store.queries import BackupPath, NotFoundError
from tests.support import EXAMPLE, NOW, fill_with
from tests.timelines import timelines as timelines_of

LIST_NAME = ("restores", EXAMPLE.project_id, EXAMPLE.addon_id, EXAMPLE.backup_id)
FIRST = parse_page_request(LIST_NAME, 50, 1, None)

instants = st.integers(0, 8) | st.integers(0, INSTANT_MAX)
timelines = timelines_of(instants)
restores = st.dictionaries(st.integers(1, 60), timelines, max_size=8)
page_requests = st.builds(PageRequest, st.just(LIST_NAME), st.integers(1, 4), st.integers(1, 3), st.none(), st.none())
contracts = st.sampled_from(Contract)


@pytest.fixture
def store() -> Iterator[Store]:
    """A private store with the scenario "many": 1,000 restores."""
    opened = open_store(None, lambda session: fill_with(session, "many"))
    yield opened
    opened.close()


def page(number: int) -> PageRequest:
    return parse_page_request(LIST_NAME, 50, number, None)


def get(pages: RememberedPages, request: PageRequest = FIRST, now: int = NOW) -> RenderedPage:
    return pages.restores(Contract.V2024, EXAMPLE, request, now)


@given(restores, st.lists(st.tuples(contracts, page_requests, instants), min_size=2, max_size=6))
def test_a_remembered_page_equals_a_rendered_one(
    stored: dict[int, Timeline], requests: list[tuple[Contract, PageRequest, int]]
) -> None:
    store = open_store(None, lambda session: fill_with(session, "empty"))
    try:
        backup = queries.backup_key(store.connection, EXAMPLE)
        with store.writing() as session:
            changes.add_restores(session, backup, stored.items())
        pages = RememberedPages(store.connection)
        for contract, request, now in requests:
            remembered = pages.restores(contract, EXAMPLE, request, now)
            rendered = render_page(store.connection, contract, EXAMPLE, request, now)
            assert remembered.body == rendered.body
            assert remembered.valid_from <= now < remembered.valid_until == rendered.valid_until
    finally:
        store.close()


@given(restores, st.lists(st.tuples(contracts, instants), min_size=2, max_size=6))
def test_a_restore_on_a_page_is_as_it_is_at_that_instant(
    stored: dict[int, Timeline], reads: list[tuple[Contract, int]]
) -> None:
    store = open_store(None, lambda session: fill_with(session, "empty"))
    try:
        with store.writing() as session:
            changes.add_restores(session, queries.backup_key(store.connection, EXAMPLE), stored.items())
        for contract, now in reads:
            rendered = render_page(store.connection, contract, EXAMPLE, FIRST, now)
            assert json.loads(rendered.body)["data"]["restores"] == [
                wire.restore(contract, public_id(contract, number), timeline, now)
                for number, timeline in sorted(stored.items(), reverse=True)
            ]
    finally:
        store.close()


@given(restores, page_requests, contracts, instants)
def test_the_listing_of_a_page_is_what_was_sent(
    stored: dict[int, Timeline], request: PageRequest, contract: Contract, now: int
) -> None:
    store = open_store(None, lambda session: fill_with(session, "empty"))
    try:
        with store.writing() as session:
            changes.add_restores(session, queries.backup_key(store.connection, EXAMPLE), stored.items())
        rendered = render_page(store.connection, contract, EXAMPLE, request, now)
    finally:
        store.close()
    sent = json.loads(rendered.body)
    numbers, statuses = rendered.listing.restores()
    sent_restores = sent["data"]["restores"]
    assert [number_from_public_id(restore["id"]) for restore in sent_restores] == list(numbers)
    assert [Status(restore["status"]) for restore in sent_restores] == list(statuses)
    assert rendered.listing.next_cursor == sent["pagination"].get("cursor")


def test_a_page_is_remembered_until_something_is_written(store: Store) -> None:
    pages = RememberedPages(store.connection)
    first = get(pages)
    assert get(pages) is first
    with store.writing() as session:
        changes.delete_restore(
            session, queries.backup_key(store.connection, EXAMPLE).backup, first.listing.restores()[0][0]
        )
    after = get(pages)
    assert after.listing.restores()[0] != first.listing.restores()[0]
    assert get(pages) is after


def test_a_page_is_rendered_again_if_the_clock_is_set_back(store: Store) -> None:
    pages = RememberedPages(store.connection)
    later = get(pages, now=NOW)
    earlier = get(pages, now=0)
    assert earlier.body != later.body
    assert earlier.valid_until <= NOW


def test_a_page_with_a_running_restore_is_remembered_until_it_changes(store: Store) -> None:
    key = queries.backup_key(store.connection, EXAMPLE)
    with store.writing() as session:
        changes.add_restores(session, key, [(NOW, Timeline(NOW, NOW, NOW + 60_000, Outcome.COMPLETED))])
    pages = RememberedPages(store.connection)
    running = get(pages, now=NOW)
    assert get(pages, now=NOW + 59_999) is running
    completed = get(pages, now=NOW + 60_000)
    assert completed.listing.restores()[1][0] is Status.COMPLETED
    assert get(pages, now=INSTANT_MAX) is completed


def test_a_rolled_back_write_leaves_no_stale_page(store: Store) -> None:
    pages = RememberedPages(store.connection)
    before = get(pages)
    key = queries.backup_key(store.connection, EXAMPLE)

    def fail() -> None:
        with store.writing() as session:
            changes.delete_restore(session, key.backup, before.listing.restores()[0][0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert get(pages).body == before.body


def test_no_page_is_rendered_inside_a_transaction(store: Store) -> None:
    pages = RememberedPages(store.connection)
    with store.writing() as session:
        session.connection()
        with pytest.raises(AssertionError):
            get(pages)


def test_pages_stay_within_the_capacity_and_the_least_recently_used_is_forgotten_first(store: Store) -> None:
    size = get(RememberedPages(store.connection)).size
    pages = RememberedPages(store.connection, capacity=3 * size + size // 2)
    first, second = get(pages), get(pages, page(2))
    get(pages, page(3))
    assert get(pages) is first
    get(pages, page(4))
    assert get(pages) is first
    assert get(pages, page(2)) is not second
    for number in range(1, 21):
        get(pages, page(number))
        assert 0 < pages.size <= 3 * size + size // 2


def test_pages_of_different_contracts_and_sizes_are_different(store: Store) -> None:
    pages = RememberedPages(store.connection)
    of_2024 = pages.restores(Contract.V2024, EXAMPLE, FIRST, NOW)
    of_2026 = pages.restores(Contract.V2026, EXAMPLE, FIRST, NOW)
    ten = get(pages, parse_page_request(LIST_NAME, 10, 1, None))
    assert len({of_2024.body, of_2026.body, ten.body}) == 3
    assert get(pages) is of_2024


@pytest.mark.parametrize("missing", ["project_id", "addon_id", "backup_id"])
def test_nothing_is_remembered_of_a_backup_that_does_not_exist(store: Store, missing: str) -> None:
    path = BackupPath(
        **{"project_id": "default-project", "addon_id": "example-addon", "backup_id": "x"} | {missing: "nope"}
    )
    pages = RememberedPages(store.connection)
    with pytest.raises(NotFoundError, match=f'{missing.partition("_")[0]} "(nope|x)"'):
        pages.restores(Contract.V2024, path, FIRST, NOW)
    assert pages.size == 0
