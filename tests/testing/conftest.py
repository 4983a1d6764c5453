"""A project of mockserver.testing, on the server that the tests share."""

import pytest

from mockserver.testing import Project, Server
from tests.support import RunningServer


@pytest.fixture
def mock(server: RunningServer) -> Project:
    return Server(server.url).make_project()
