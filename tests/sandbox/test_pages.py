"""Remembered pages: what is served from memory is what the store would say now, and memory is bounded."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import Outcome, Status, Timeline
from mockserver.contract.pagination import PageRequest, parse_page_request
from mockserver.contract.versions import Contract, number_from_public_id
from mockserver.instants import INSTANT_MAX
from mockserver.sandbox.pages import RememberedPages, RenderedPage, render_page
from mockserver.store import Store, changes, open_store, queries
from mockserver.store.queries import BackupPath, NotFoundError
from tests.support import EXAMPLE, NOW, fill_with

LIST_NAME = ("restores", EXAMPLE.project_id, EXAMPLE.addon_id, EXAMPLE.backup_id)
FIRST = parse_page_request(LIST_NAME, 50, 1, None)

instants = st.integers(0, 8) | st.integers(0, INSTANT_MAX)
timelines = st.builds(
    Timeline,
    initiated=instants,
    starts_at=st.none() | instants,
    ends_at=st.none() | instants,
    outcome=st.none() | st.sampled_from(Outcome),
    abort_requested_at=st.none() | instants,
)
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


def ask(pages: RememberedPages, request: PageRequest = FIRST, now: int = NOW) -> RenderedPage:
    return pages.restores(Contract.V2024, EXAMPLE, request, now)


@given(restores, st.lists(st.tuples(contracts, page_requests, instants), min_size=2, max_size=6))
def test_a_remembered_page_is_what_would_be_rendered(
    made: dict[int, Timeline], requests: list[tuple[Contract, PageRequest, int]]
) -> None:
    store = open_store(None, lambda session: fill_with(session, "empty"))
    try:
        backup = queries.backup_key(store.connection, EXAMPLE)
        with store.writing() as session:
            changes.add_restores(session, backup, made.items())
        pages = RememberedPages(store.connection)
        for contract, request, now in requests:
            remembered = pages.restores(contract, EXAMPLE, request, now)
            rendered = render_page(store.connection, contract, EXAMPLE, request, now)
            assert remembered.body == rendered.body
            assert remembered.valid_from <= now < remembered.valid_until == rendered.valid_until
    finally:
        store.close()


@given(restores, page_requests, contracts, instants)
def test_what_the_journal_keeps_of_a_page_is_what_went_over_the_wire(
    made: dict[int, Timeline], request: PageRequest, contract: Contract, now: int
) -> None:
    store = open_store(None, lambda session: fill_with(session, "empty"))
    try:
        with store.writing() as session:
            changes.add_restores(session, queries.backup_key(store.connection, EXAMPLE), made.items())
        rendered = render_page(store.connection, contract, EXAMPLE, request, now)
    finally:
        store.close()
    sent = json.loads(rendered.body)
    numbers, statuses = rendered.listing.restores()
    shown = sent["data"]["restores"]
    assert [number_from_public_id(restore["id"]) for restore in shown] == list(numbers)
    assert [Status(restore["status"]) for restore in shown] == list(statuses)
    assert rendered.listing.next_cursor == sent["pagination"].get("cursor")


def test_a_page_is_remembered_until_something_is_written(store: Store) -> None:
    pages = RememberedPages(store.connection)
    first = ask(pages)
    assert ask(pages) is first
    with store.writing() as session:
        changes.delete_restore(
            session, queries.backup_key(store.connection, EXAMPLE).backup, first.listing.restores()[0][0]
        )
    after = ask(pages)
    assert after.listing.restores()[0] != first.listing.restores()[0]
    assert ask(pages) is after


def test_a_clock_that_is_set_back_has_the_page_rendered_again(store: Store) -> None:
    pages = RememberedPages(store.connection)
    later = ask(pages, now=NOW)
    earlier = ask(pages, now=0)
    assert earlier.body != later.body
    assert earlier.valid_until <= NOW


def test_a_page_with_a_running_restore_is_remembered_until_it_changes(store: Store) -> None:
    key = queries.backup_key(store.connection, EXAMPLE)
    with store.writing() as session:
        changes.add_restores(session, key, [(NOW, Timeline(NOW, NOW, NOW + 60_000, Outcome.COMPLETED))])
    pages = RememberedPages(store.connection)
    running = ask(pages, now=NOW)
    assert ask(pages, now=NOW + 59_999) is running
    completed = ask(pages, now=NOW + 60_000)
    assert completed.listing.restores()[1][0] is Status.COMPLETED
    assert ask(pages, now=INSTANT_MAX) is completed


def test_a_write_that_is_rolled_back_leaves_nothing_stale_and_nothing_lost(store: Store) -> None:
    pages = RememberedPages(store.connection)
    before = ask(pages)
    key = queries.backup_key(store.connection, EXAMPLE)

    def fail() -> None:
        with store.writing() as session:
            changes.delete_restore(session, key.backup, before.listing.restores()[0][0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert ask(pages).body == before.body


def test_no_page_is_rendered_inside_a_transaction(store: Store) -> None:
    pages = RememberedPages(store.connection)
    with store.writing() as session:
        session.connection()
        with pytest.raises(AssertionError):
            ask(pages)


def test_pages_are_forgotten_within_a_bound_the_least_recently_used_first(store: Store) -> None:
    size = ask(RememberedPages(store.connection)).size
    pages = RememberedPages(store.connection, capacity=3 * size + size // 2)
    first, second = ask(pages), ask(pages, page(2))
    ask(pages, page(3))
    assert ask(pages) is first
    ask(pages, page(4))
    assert ask(pages) is first
    assert ask(pages, page(2)) is not second
    for number in range(1, 21):
        ask(pages, page(number))
        assert 0 < pages.size <= 3 * size + size // 2


def test_contracts_lists_and_sizes_are_remembered_apart(store: Store) -> None:
    pages = RememberedPages(store.connection)
    of_2024 = pages.restores(Contract.V2024, EXAMPLE, FIRST, NOW)
    of_2026 = pages.restores(Contract.V2026, EXAMPLE, FIRST, NOW)
    ten = ask(pages, parse_page_request(LIST_NAME, 10, 1, None))
    assert len({of_2024.body, of_2026.body, ten.body}) == 3
    assert ask(pages) is of_2024


@pytest.mark.parametrize("missing", ["project_id", "addon_id", "backup_id"])
def test_of_a_backup_that_does_not_exist_nothing_is_remembered(store: Store, missing: str) -> None:
    path = BackupPath(
        **{"project_id": "default-project", "addon_id": "example-addon", "backup_id": "x"} | {missing: "nope"}
    )
    pages = RememberedPages(store.connection)
    with pytest.raises(NotFoundError, match=f'{missing.partition("_")[0]} "(nope|x)"'):
        pages.restores(Contract.V2024, path, FIRST, NOW)
    assert pages.size == 0
