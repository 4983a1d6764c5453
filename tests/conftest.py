"""What the tests share: servers, real ones, on loopback."""

from collections.abc import Iterator

import pytest

from tests.support import RunningServer, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """One server for every test that changes nothing in it: the default scenario, any token."""
    with running_server() as running:
        yield running
