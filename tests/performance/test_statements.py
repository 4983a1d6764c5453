"""A list is one statement, however it is asked for. That each goes by an index, tests/store/test_queries.py shows."""

from collections.abc import Iterator

import pytest

from tests.support import RunningServer, running_server


@pytest.fixture(scope="module")
def many() -> Iterator[RunningServer]:
    """A server of this module's own, as its statements are traced."""
    with running_server(scenario="many") as running:
        yield running


@pytest.mark.parametrize("asked", ["", "per_page=7", "page=3", "page=20", "cursor", "per_page=7&cursor"])
def test_a_page_takes_one_statement(many: RunningServer, requested_at: str) -> None:
    query = requested_at
    if requested_at.endswith("cursor"):
        query = f"{requested_at}={many.page('page=4').json()['pagination']['cursor']}"
    statements: list[str] = []
    many.emulator.store.connection.set_trace_callback(statements.append)
    answer = many.page(query)
    many.emulator.store.connection.set_trace_callback(None)
    assert answer.status_code == 200
    assert answer.json()["pagination"]["count"] > 0
    (statement,) = statements
    assert statement.startswith("SELECT")
    assert "count(" not in statement
