"""Fixtures: three servers behind HAProxy, for tests that change only their own projects."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mockserver.testing import Server
from tests.balancer.haproxy import balancer, ensure_installed
from tests.support import running_server


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """HAProxy in front of three servers."""
    ensure_installed()
    with ExitStack() as stack:
        urls = [stack.enter_context(running_server(scenario="single")).url for _ in range(3)]
        yield stack.enter_context(balancer(urls, tmp_path_factory.mktemp("haproxy")))
