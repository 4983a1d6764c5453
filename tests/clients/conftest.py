"""Servers that the vendor's clients talk to, and the clients, ready to use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.support import CommandLine, JavaScript, ensure_installed
from tests.support import RunningServer, running_server

GOOD_TOKEN = "the-only-good-token"  # noqa: S105 - it opens nothing


@pytest.fixture(scope="session")
def guarded_server() -> Iterator[RunningServer]:
    """A server that knows one token, which is not the one that the tests send."""
    with running_server(token=(GOOD_TOKEN,)) as running:
        yield running


@pytest.fixture(scope="session")
def _javascript_clients() -> None:
    ensure_installed()


@pytest.fixture
def javascript(_javascript_clients: None, server: RunningServer) -> JavaScript:
    return JavaScript(server.url)


@pytest.fixture
def command_line(_javascript_clients: None, tmp_path: Path) -> CommandLine:
    """The command line of a person who has not logged in yet."""
    return CommandLine(tmp_path)


@pytest.fixture(scope="session")
def _config(_javascript_clients: None, server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    command_line = CommandLine(tmp_path_factory.mktemp("home"))
    command_line.login(server.url)
    return command_line.config.read_bytes()


@pytest.fixture
def logged_in(command_line: CommandLine, _config: bytes) -> CommandLine:
    """The command line of a person who has."""
    command_line.config.parent.mkdir()
    command_line.config.write_bytes(_config)
    return command_line
