"""Servers for the contract's tests, beside the one that all tests share."""

from collections.abc import Iterator

import pytest

from tests.support import RunningServer, running_server


@pytest.fixture(scope="package")
def enforcing() -> Iterator[RunningServer]:
    """A server that enforces the rate limit; tests use up tokens of their own."""
    with running_server(enforce_rate_limit=True) as running:
        yield running


@pytest.fixture(scope="package")
def choosy() -> Iterator[RunningServer]:
    """A server for which two tokens are good, and no others."""
    with running_server(token=("first-good", "second-good")) as running:
        yield running
