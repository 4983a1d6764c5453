"""What is asked of the store: by an index, in one statement, and what is missing by name."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator

import pytest

from mockserver.store import Store, contents, listings, open_store, queries
from mockserver.store.queries import NEWEST, BackupPath, NotFoundError, Query, backup_key, restores
from tests.support import EXAMPLE, fill_with

QUERIES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in (queries, listings, contents)
    for name, value in vars(module).items()
    if isinstance(value, Query)
}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A private store with the default scenario."""
    opened = open_store(None, lambda session: fill_with(session, "default"))
    yield opened
    opened.close()


def plan(connection: sqlite3.Connection, query: Query) -> list[str]:
    """How SQLite would go about a query, a step a line."""
    rows = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", defaultdict(int))
    return [detail for _, _, _, detail in rows]


READ_WHOLE = {"listings._PROJECT_IDS"}
"""What a server reads of all projects, once, when it starts."""


@pytest.mark.parametrize("name", sorted(QUERIES.keys() - READ_WHOLE))
def test_a_query_searches_by_an_index_and_sorts_nothing(store: Store, name: str) -> None:
    steps = plan(store.connection, QUERIES[name])
    assert steps
    for step in steps:
        assert step.startswith("SEARCH"), steps
        assert "INDEX" in step or "PRIMARY KEY" in step, steps
        assert "AUTOMATIC" not in step, steps


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (BackupPath("none", "none", "none"), 'project "none"'),
        (BackupPath("default-project", "none", "none"), 'addon "none" in project "default-project"'),
        (
            BackupPath("default-project", "example-addon", "none"),
            'backup "none" of addon "example-addon" in project "default-project"',
        ),
        (BackupPath("default-project", "orders", "nightly"), 'addon "orders" in project "default-project"'),
        (
            BackupPath("default-project", "session-cache", "example-backup"),
            'backup "example-backup" of addon "session-cache" in project "default-project"',
        ),
    ],
)
def test_the_first_part_of_a_path_that_is_missing_is_named(store: Store, path: BackupPath, words: str) -> None:
    with pytest.raises(NotFoundError) as missing:
        backup_key(store.connection, path)
    assert str(missing.value) == words


def test_restores_come_newest_first_below_a_given_id_and_as_many_as_asked(store: Store) -> None:
    def ids(before: int, offset: int, limit: int) -> list[int]:
        rows = restores(store.connection, EXAMPLE, before=before, offset=offset, limit=limit)
        return [row[0] for row in rows]

    everything = ids(NEWEST, 0, 1000)
    assert len(everything) == 120
    assert everything == sorted(everything, reverse=True)
    assert ids(NEWEST, 0, 3) == everything[:3]
    assert ids(NEWEST, 50, 10) == everything[50:60]
    assert ids(everything[4], 0, 2) == everything[5:7]
    assert ids(everything[-1], 0, 2) == []
    assert ids(NEWEST, 120, 1) == []
