"""A server for the control plane's tests, whose clock they move, beside the one that all tests share."""

from collections.abc import Iterator

import pytest

from tests.support import FROZEN, RunningServer, SandboxProject, SteppedClock, make_project, running_server


@pytest.fixture
def own(clock: SteppedClock) -> Iterator[RunningServer]:
    """A server of the test's own, with only the example in it."""
    with running_server(clock, scenario="example") as running:
        yield running


@pytest.fixture(scope="package")
def still() -> Iterator[RunningServer]:
    """A server on a machine whose clock stands still at ``NOW``."""
    with running_server(SteppedClock(), scenario="example") as running:
        yield running


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    """A project without restores and with a frozen clock."""
    return make_project(server, scenario="empty", clock=FROZEN)
