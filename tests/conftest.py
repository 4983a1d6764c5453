"""Fixtures and settings of all tests."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support import RunningServer, SteppedClock, running_server

# no deadline, as the machine may be busy; a failure is printed for replay, not saved in the working copy
settings.register_profile("tests", deadline=None, database=None, print_blob=True)
settings.load_profile("tests")


pytest_plugins = ["tests.leftovers"]

COVERAGE = "COVERAGE_PROCESS_CONFIG"
"""The variable that has coverage.py measure a new process."""


@pytest.fixture(scope="session", autouse=True)
def _coverage() -> Iterator[str | None]:
    """The value of ``COVERAGE``, which is not set in most tests: a server takes twice as long to start with it."""
    with pytest.MonkeyPatch.context() as patch:
        value = os.environ.get(COVERAGE)
        patch.delenv(COVERAGE, raising=False)
        yield value


@pytest.fixture
def measured_processes(_coverage: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Includes the processes that the test starts in the coverage, for code that runs in no other way."""
    if _coverage is not None:
        monkeypatch.setenv(COVERAGE, _coverage)


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """One server with the default scenario, for all tests that leave its own projects unchanged."""
    with running_server() as running:
        yield running


@pytest.fixture
def clock() -> SteppedClock:
    """The machine's clock of a server of the test's own."""
    return SteppedClock()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether to rewrite the golden files instead of comparing with them."""
    return bool(request.config.getoption("--update-golden"))
