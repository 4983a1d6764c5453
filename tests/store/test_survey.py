"""Counting restores by status in SQLite: the same statuses as the contract's rules give."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import Timeline, next_change, status_at
from mockserver.store import Store, changes, open_store, queries, survey
from mockserver.store.queries import BackupKey, Query, backup_key
from tests.support import EXAMPLE, fill_with, scenario_named
from tests.timelines import timelines

instants = st.integers(min_value=0, max_value=12)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A private store whose only backup has no restores between two tests."""
    opened = open_store(None, lambda session: fill_with(session, scenario_named("empty")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def key(store: Store) -> BackupKey:
    return backup_key(store.connection, EXAMPLE)


def replace(store: Store, key: BackupKey, rows: list[tuple[int, Timeline]]) -> None:
    store.connection.execute("DELETE FROM restore")
    with store.writing() as session:
        changes.add_restores(session, key, rows)


@given(restores=st.lists(timelines(instants), max_size=8), instant=instants)
def test_counts_and_the_next_change_are_those_of_the_contracts_rules(
    store: Store, key: BackupKey, restores: list[Timeline], instant: int
) -> None:
    replace(store, key, list(enumerate(restores)))
    expected = Counter(status_at(timeline, instant) for timeline in restores)
    project = queries.project_key(store.connection, EXAMPLE.project_id)
    counts = survey.count_by_status(store.connection, project, instant)
    assert {status: count for status, count in counts.items() if count} == expected
    binned: Counter[str] = Counter()
    for one in survey.bins(store.connection, key.backup, instant):
        binned.update(one.statuses)
    assert binned == expected
    upcoming = [change for timeline in restores if (change := next_change(timeline, instant)) is not None]
    assert survey.next_change(store.connection, key.backup, instant) == min(upcoming, default=None)


@given(
    ids=st.lists(st.integers(min_value=1_700_000_000_000, max_value=1_700_000_100_000), unique=True, max_size=30),
    instant=st.integers(min_value=1_699_999_999_000, max_value=1_700_000_101_000),
)
def test_bins_cover_every_restore_and_the_nearest_restores_are_listed(
    store: Store, key: BackupKey, ids: list[int], instant: int
) -> None:
    replace(store, key, [(number, Timeline(number)) for number in ids])
    bins = survey.bins(store.connection, key.backup, instant)
    assert [sum(one.statuses.values()) for one in bins] == [
        sum(one.since <= number < one.until for number in ids) for one in bins
    ]
    assert sum(sum(one.statuses.values()) for one in bins) == len(ids)
    assert len(bins) <= survey.MAX_BINS
    around = [number for number, _ in queries.restores_around(store.connection, key.backup, instant, 5)]
    distances = sorted(abs(number - instant) for number in ids)
    assert sorted(abs(number - instant) for number in around) == distances[:5]
    assert around == sorted(around, reverse=True)


@pytest.mark.parametrize("name", [name for name, value in vars(survey).items() if isinstance(value, Query)])
def test_a_survey_reads_only_the_restores_of_its_backup_or_project(store: Store, name: str) -> None:
    sql = f"EXPLAIN QUERY PLAN {vars(survey)[name].sql}"
    steps = [detail for _, _, _, detail in store.connection.execute(sql, defaultdict(int))]
    of_tables = [step for step in steps if any(table in step for table in ("restore", "addon", "backup"))]
    assert of_tables
    assert all(step.startswith("SEARCH") and "AUTOMATIC" not in step for step in of_tables), steps
