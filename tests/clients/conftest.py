"""Fixtures for the tests of the vendor's clients: servers and installed clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.support import CommandLine, JavaScript, ensure_installed
from tests.support import RunningServer, running_server

ACCEPTED_TOKEN = "the-only-accepted-token"  # noqa: S105 - not a secret


@pytest.fixture(scope="session")
def restricted_server() -> Iterator[RunningServer]:
    """A server that accepts only ``ACCEPTED_TOKEN``, which is not the token that the tests send."""
    with running_server(token=(ACCEPTED_TOKEN,)) as running:
        yield running


@pytest.fixture(scope="session")
def _javascript_clients() -> None:
    ensure_installed()


@pytest.fixture
def javascript(_javascript_clients: None, server: RunningServer) -> JavaScript:
    return JavaScript(server.url)


@pytest.fixture
def command_line(_javascript_clients: None, tmp_path: Path) -> CommandLine:
    """The vendor's command line, not logged in."""
    return CommandLine(tmp_path)


@pytest.fixture(scope="session")
def _config(_javascript_clients: None, server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    command_line = CommandLine(tmp_path_factory.mktemp("home"))
    command_line.login(server.url)
    return command_line.config.read_bytes()


@pytest.fixture
def logged_in(command_line: CommandLine, _config: bytes) -> CommandLine:
    """The vendor's command line, logged in to ``server``."""
    command_line.config.parent.mkdir()
    command_line.config.write_bytes(_config)
    return command_line
