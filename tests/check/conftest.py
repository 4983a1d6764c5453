"""A server whose requests and responses a test may change."""

from collections.abc import Iterator

import pytest

from tests.check.support import Mutant, mutable_server
from tests.support import RunningServer


@pytest.fixture(scope="module")
def mutable() -> Iterator[tuple[RunningServer, Mutant]]:
    with mutable_server() as server:
        yield server
