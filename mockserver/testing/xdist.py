"""One server for all tests of a session, which the workers of pytest-xdist share.

The controller of pytest-xdist starts the server when a worker first requests it. So the server outlives every worker
and ends with the session. A worker sends the controller one line of JSON over a loopback socket, and receives one line.
Without the secret of the session, the controller closes the connection.
"""

import json
import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TypedDict

import pytest

from mockserver.testing.client import MockserverError, StartError, UnreachableError
from mockserver.testing.options import ServerOptions
from mockserver.testing.process import running
from mockserver.testing.project import READY_SECONDS, Project, Server
from mockserver.testing.values import as_arguments

__tracebackhide__ = True

URL_VARIABLE = "NORTHFLANK_MOCK_URL"
"""The environment variable with the URL of a running server, which the helpers in other languages read too."""

PATIENCE_SECONDS = 2 * READY_SECONDS

_NAME_MAX = 150
"""Characters in the name of a report."""


class SharedServer(TypedDict):
    """Where and with which secret a worker reaches the controller."""

    port: int
    secret: str


@contextmanager
def server_for(config: pytest.Config, options: ServerOptions) -> Iterator[Server]:
    """Yields a ready server: the one at the configured URL, the one that workers share, or a new one."""
    shared_server = getattr(config, "workerinput", {}).get("northflank_mock")
    with ExitStack() as stack:
        if url := configured_url(config):
            server = Server(url)
            _wait_until_ready(server, configured_timeout(config))
        elif shared_server is None:
            arguments = as_arguments(checked_options(options))
            server = Server(stack.enter_context(running(arguments, configured_command(config))))
        else:
            server = Server(_request_url(shared_server, as_arguments(checked_options(options))))
        yield server


def shared_server_for(config: pytest.Config) -> SharedServer | None:
    """Called in the controller: how its workers reach it, or None if a URL is configured."""
    if configured_url(config):
        return None
    if _SHARED not in config.stash:
        config.stash[_SHARED] = shared = SharedServers(configured_command(config))
        config.add_cleanup(shared.end)
    return config.stash[_SHARED].shared_server


def configured_url(config: pytest.Config) -> str:
    """The URL of a running server; empty if pytest starts one."""
    option = config.getoption("northflank_mock_url")
    return option or os.environ.get(URL_VARIABLE, "") or str(config.getini("northflank_mock_url"))


def configured_command(config: pytest.Config) -> str:
    """What starts the server; empty if this interpreter does."""
    return str(config.getini("northflank_mock_command"))


def configured_timeout(config: pytest.Config) -> float:
    """For how many seconds a running server may take to become ready."""
    value = config.getoption("northflank_mock_timeout") or config.getini("northflank_mock_timeout")
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"northflank_mock_timeout: expected a number of seconds, got {value!r}") from None


def _wait_until_ready(server: Server, seconds: float) -> None:
    try:
        server.wait_until_ready(seconds)
    except UnreachableError as failure:
        longer = f"waited {seconds:g} seconds; --northflank-mock-timeout waits longer"
        raise UnreachableError(f"{failure} ({longer})") from None


@contextmanager
def delete_after(project: Project) -> Iterator[Project]:
    """Deletes the project after the block, unless the block has deleted it."""
    try:
        yield project
    finally:
        with suppress(MockserverError):  # the project or the whole server is gone already
            project.delete()


def write_reports(folder: str, test: str, projects: Sequence[Project]) -> str:
    """Writes a report of each project of a test; returns the files' paths, or why there is none, one on each line."""
    lines = []
    for number, project in enumerate(projects, start=1):
        name = re.sub(r"[^\w.-]+", "-", test)[-_NAME_MAX:].strip("-")
        path = Path(folder, f"{name}{f'-{number}' if number > 1 else ''}.html")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            project.report(path)
            lines.append(str(path))
        except (MockserverError, OSError) as failure:
            lines.append(f"no report of {project.project_id}: {failure}")
    return "\n".join(lines)


@contextmanager
def report_errors(source: str) -> Iterator[None]:
    """Fails the test without a traceback on an error in the block, which comes from the setting ``source``."""
    try:
        yield
    except UnreachableError as failure:
        raise pytest.fail.Exception(str(failure), pytrace=False) from None
    except (MockserverError, ValueError) as failure:
        raise pytest.fail.Exception(f"{source}: {failure}", pytrace=False) from None


def checked_options(options: Any) -> dict[str, Any]:
    """The options that a fixture returned; raises ValueError if they are not a dict with string keys."""
    if isinstance(options, Mapping) and all(isinstance(name, str) for name in options):
        return dict(options)
    raise ValueError(f"expected a dict with string keys, got {options!r}")


class SharedServers:
    """The servers that a controller starts for its workers, one for each list of arguments."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.shared_server: SharedServer = {"port": self._listener.getsockname()[1], "secret": secrets.token_hex()}
        self._responses: dict[str, dict[str, str]] = {}
        self._servers = ExitStack()
        self._thread = threading.Thread(target=self._respond, daemon=True)
        self._thread.start()

    def end(self) -> None:
        _exchange(self.shared_server, None)
        self._thread.join()
        self._listener.close()
        self._servers.close()

    def _respond(self) -> None:
        """Responds to one request after another, until one has no arguments."""
        while True:
            connection, _ = self._listener.accept()
            with connection, suppress(OSError, ValueError, LookupError, TypeError):
                connection.settimeout(PATIENCE_SECONDS)
                with connection.makefile("rw") as stream:
                    request = json.loads(stream.readline())
                    if not secrets.compare_digest(request["secret"], self.shared_server["secret"]):
                        continue
                    if request["arguments"] is None:
                        return
                    stream.write(json.dumps(self._server(request["arguments"])) + "\n")

    def _server(self, arguments: Sequence[str]) -> dict[str, str]:
        key = json.dumps(arguments)
        if key not in self._responses:
            try:
                self._responses[key] = {"url": self._servers.enter_context(running(arguments, self._command))}
            except (MockserverError, OSError) as failure:
                self._responses[key] = {"problem": str(failure)}
        return self._responses[key]


_SHARED = pytest.StashKey[SharedServers]()


def _request_url(shared_server: SharedServer, arguments: Sequence[str]) -> str:
    response = _exchange(shared_server, arguments)
    if "url" not in response:
        raise StartError(response["problem"], "")
    return str(response["url"])


def _exchange(shared_server: SharedServer, arguments: Sequence[str] | None) -> Any:
    with (
        socket.create_connection(("127.0.0.1", shared_server["port"]), timeout=PATIENCE_SECONDS) as connection,
        connection.makefile("rw") as stream,
    ):
        stream.write(json.dumps({"secret": shared_server["secret"], "arguments": arguments}) + "\n")
        stream.flush()
        return json.loads(stream.readline() or "null")
