"""What the tests share: servers, real ones, on loopback."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support import RunningServer, running_server

# no deadline, as a busy machine is no fault of ours; what failed is printed for replay, not kept in the working copy
settings.register_profile("tests", deadline=None, database=None, print_blob=True)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """One server for every test that changes nothing in it: the default scenario, any token."""
    with running_server() as running:
        yield running
