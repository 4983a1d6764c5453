"""A page takes one statement, however it is requested. tests/store/test_queries.py checks the plans."""

from collections.abc import Iterator

import pytest

from tests.support import RunningServer, running_server


@pytest.fixture(scope="module")
def many() -> Iterator[RunningServer]:
    """A server for this module only, because its statements are traced."""
    with running_server(scenario="many") as running:
        yield running


@pytest.mark.parametrize("query", ["", "per_page=7", "page=3", "page=20", "cursor", "per_page=7&cursor"])
def test_a_page_takes_one_statement(many: RunningServer, query: str) -> None:
    if query.endswith("cursor"):
        query += f"={many.page('page=4').json()['pagination']['cursor']}"
    with many.statements() as statements:
        response = many.page(query)
    assert response.status_code == 200
    assert response.json()["pagination"]["count"] > 0
    (statement,) = statements
    assert statement.startswith("SELECT")
    assert "count(" not in statement
