"""Runs the server as a child process, which ends when the tests end."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Unpack, cast

from mockserver.installation import missing_dependencies
from mockserver.testing.client import StartError
from mockserver.testing.options import ProjectOptions, ServeOptions, ServerOptions
from mockserver.testing.project import READY_SECONDS, Project, Server
from mockserver.testing.values import as_arguments, in_python

__tracebackhide__ = True

GRACE_SECONDS = 5
"""How long the server may take to end before it is killed. Requests in flight take a second at most."""

ENVIRONMENT_PREFIX = "NFMOCK_"
_PROJECT_ONLY = ProjectOptions.__optional_keys__ - ServerOptions.__optional_keys__
_ELSEWHERE = (
    "install northflank-mockserver without --no-deps, use a running server (NORTHFLANK_MOCK_URL, Server(url)), "
    "or have pytest start one by another command (northflank_mock_command)"
)
_READY = re.compile(r"^mockserver is ready at (\S+)")


@contextmanager
def serve(**options: Unpack[ServeOptions]) -> Iterator[Project]:
    """Starts a server on a free port and yields a new project on it; the server ends with the block or this process.

    Raises StartError, with the server's output, if it does not become ready. Ignores variables ``NFMOCK_...``.
    """
    project_options = {name: value for name, value in options.items() if name in ProjectOptions.__optional_keys__}
    server_options = {name: value for name, value in options.items() if name not in _PROJECT_ONLY}
    misplaced = server_options if isinstance(options.get("rate_limit"), Mapping) else project_options
    misplaced.pop("rate_limit", None)
    with running(as_arguments(server_options)) as url:
        yield Server(url).make_project(**project_options)  # type: ignore[arg-type]  # only names of ProjectOptions


@contextmanager
def running(arguments: Sequence[str], command: str = "") -> Iterator[str]:
    """Runs ``mockserver serve`` with these arguments and yields its URL when it is ready.

    ``command`` runs mockserver if this interpreter should not, such as ``uvx --from northflank-mockserver mockserver``.
    """
    with subprocess.Popen(  # noqa: S603 - this interpreter or the test suite's own command, with our options
        [*_program(command), "serve", "--port=0", *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,  # Ctrl-C reaches only the tests, which may still need the server
    ) as process:
        try:
            url = _url(process)
            Server(url).wait_until_ready()
            yield url
        finally:
            _end(process)


def _program(command: str) -> list[str]:
    """The program and its first arguments; raises StartError if there is none."""
    if command:
        program, *first = shlex.split(command)
        path = shutil.which(program)
        if path is None:
            raise StartError(f"cannot run {program!r}, which should start the server: there is no such program", "")
        return [path, *first]
    if missing := missing_dependencies():
        raise StartError(f"the server needs packages that are not installed ({', '.join(missing)}): {_ELSEWHERE}", "")
    return [sys.executable, "-P", "-m", "mockserver.testing"]


def _url(process: "subprocess.Popen[str]") -> str:
    """Reads the URL from the server's log, then closes the log; the server runs on without it."""
    watchdog = threading.Timer(READY_SECONDS, process.kill)
    watchdog.start()
    output = ""
    try:
        with cast(IO[str], process.stdout) as log:
            for line in log:
                if ready := _READY.match(line):
                    return ready[1]
                output += line
    finally:
        watchdog.cancel()
    raise StartError(f"mockserver did not start (exit code {process.wait()}):", in_python(output))


def _end(process: "subprocess.Popen[str]") -> None:
    cast(IO[str], process.stdin).close()
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    process.kill()
