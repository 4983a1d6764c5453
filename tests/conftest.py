"""What the tests share: servers, real ones, on loopback."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support import RunningServer, running_server

# no deadline, as a busy machine is no fault of ours; what failed is printed for replay, not kept in the working copy
settings.register_profile("tests", deadline=None, database=None, print_blob=True)
settings.load_profile("tests")

pytest_plugins = ["tests.leftovers"]


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """One server for every test that changes nothing in it: the default scenario, any token."""
    with running_server() as running:
        yield running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/seeding/golden anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether to write the golden files rather than compare with them."""
    return bool(request.config.getoption("--update-golden"))
