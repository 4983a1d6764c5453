"""One server for all of a session's tests, and for all workers of pytest-xdist.

The workers' controller starts it, when the first of them asks, and so it outlives each of them and ends with the
session. They ask over a socket on loopback: a line of JSON there, a line back. Who has not the secret gets nothing.
"""

import json
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypedDict

import pytest

from mockserver.testing.client import MockserverError, StartError, UnreachableError
from mockserver.testing.options import ServerOptions
from mockserver.testing.process import running
from mockserver.testing.project import READY_SECONDS, Project, Server
from mockserver.testing.values import as_arguments

__tracebackhide__ = True

PATIENCE_SECONDS = 2 * READY_SECONDS


class SharedServer(TypedDict):
    """How a worker reaches its controller."""

    port: int
    secret: str


@contextmanager
def server_of(config: pytest.Config, options: ServerOptions) -> Iterator[Server]:
    """The server for a session's tests, ready: the one that runs already, the workers', or one of its own."""
    shared_server = getattr(config, "workerinput", {}).get("northflank_mock")
    with ExitStack() as stack:
        if url := url_given(config):
            server = Server(url)
            server.wait_until_ready()
        elif shared_server is None:
            server = Server(stack.enter_context(running(as_arguments(checked_options(options)))))
        else:
            server = Server(_asked_for(shared_server, as_arguments(checked_options(options))))
        yield server


def shared_server_for(config: pytest.Config) -> SharedServer | None:
    """In the controller of pytest-xdist: how its workers reach it; None where they need no server of its own."""
    if url_given(config):
        return None
    if _SHARED not in config.stash:
        config.stash[_SHARED] = shared = SharedServers()
        config.add_cleanup(shared.end)
    return config.stash[_SHARED].shared_server


def url_given(config: pytest.Config) -> str:
    """Where the server runs already; empty where the session is to start it."""
    return config.getoption("northflank_mock_url") or str(config.getini("northflank_mock_url"))


@contextmanager
def deleted(project: Project) -> Iterator[Project]:
    """Deletes the project behind the block, unless the block did."""
    try:
        yield project
    finally:
        with suppress(MockserverError):  # it is gone already, or the server is
            project.delete()


@contextmanager
def reported(place: str) -> Iterator[None]:
    """What is wrong in the block is told to the person who runs the tests, without a traceback: it is of ``place``."""
    try:
        yield
    except UnreachableError as failure:
        raise pytest.fail.Exception(str(failure), pytrace=False) from None
    except (MockserverError, ValueError) as failure:
        raise pytest.fail.Exception(f"{place}: {failure}", pytrace=False) from None


def checked_options(options: Any) -> dict[str, Any]:
    """A fixture's options; raises ValueError where they are none."""
    if isinstance(options, Mapping) and all(isinstance(name, str) for name in options):
        return dict(options)
    raise ValueError(f"it should be a dict of names and values, and is {options!r}")


class SharedServers:
    """The servers that a controller has started for its workers: one for each choice of arguments that they made."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.shared_server: SharedServer = {"port": self._listener.getsockname()[1], "secret": secrets.token_hex()}
        self._answers: dict[str, dict[str, str]] = {}
        self._servers = ExitStack()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def end(self) -> None:
        _exchange(self.shared_server, None)
        self._thread.join()
        self._listener.close()
        self._servers.close()

    def _answer(self) -> None:
        """One call after another, until one has no arguments."""
        while True:
            connection, _ = self._listener.accept()
            with connection, suppress(OSError, ValueError, LookupError, TypeError):
                connection.settimeout(PATIENCE_SECONDS)
                with connection.makefile("rw") as stream:
                    asked = json.loads(stream.readline())
                    if not secrets.compare_digest(asked["secret"], self.shared_server["secret"]):
                        continue
                    if asked["arguments"] is None:
                        return
                    stream.write(json.dumps(self._server(asked["arguments"])) + "\n")

    def _server(self, arguments: Sequence[str]) -> dict[str, str]:
        key = json.dumps(arguments)
        if key not in self._answers:
            try:
                self._answers[key] = {"url": self._servers.enter_context(running(arguments))}
            except (MockserverError, OSError) as failure:
                self._answers[key] = {"problem": str(failure)}
        return self._answers[key]


_SHARED = pytest.StashKey[SharedServers]()


def _asked_for(shared_server: SharedServer, arguments: Sequence[str]) -> str:
    answer = _exchange(shared_server, arguments)
    if "url" not in answer:
        raise StartError(answer["problem"], "")
    return str(answer["url"])


def _exchange(shared_server: SharedServer, arguments: Sequence[str] | None) -> Any:
    with (
        socket.create_connection(("127.0.0.1", shared_server["port"]), timeout=PATIENCE_SECONDS) as connection,
        connection.makefile("rw") as stream,
    ):
        stream.write(json.dumps({"secret": shared_server["secret"], "arguments": arguments}) + "\n")
        stream.flush()
        return json.loads(stream.readline() or "null")
