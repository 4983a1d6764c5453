"""A server as a process that the tests start, and that ends with them."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Unpack, cast

from mockserver.testing.client import StartError
from mockserver.testing.options import ProjectOptions, ServeOptions, ServerOptions
from mockserver.testing.project import READY_SECONDS, Project, Server
from mockserver.testing.values import as_arguments

__tracebackhide__ = True

GRACE_SECONDS = 5
"""How long it may take to end before it is killed; a request in flight takes a second at most."""

ENVIRONMENT_PREFIX = "NFMOCK_"
_OF_PROJECT_ALONE = ProjectOptions.__optional_keys__ - ServerOptions.__optional_keys__
_READY = re.compile(r"^mockserver is ready at (\S+)")


@contextmanager
def serve(**options: Unpack[ServeOptions]) -> Iterator[Project]:
    """A fresh project on a server of its own, on a free port, which ends with the block, or with this process.

    Raises StartError, with what it has written, where it does not get ready. Variables ``NFMOCK_...`` do not count.
    """
    of_project = {name: value for name, value in options.items() if name in ProjectOptions.__optional_keys__}
    of_server = {name: value for name, value in options.items() if name not in _OF_PROJECT_ALONE}
    with running(as_arguments(of_server)) as url:
        yield Server(url).make_project(**of_project)  # type: ignore[arg-type]  # by the names that there are


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[str]:
    """The URL of ``mockserver serve`` with these arguments, once it is ready."""
    with subprocess.Popen(  # noqa: S603 - this interpreter, and options of ours
        [sys.executable, "-P", "-m", "mockserver.testing", "serve", "--port=0", *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,  # Ctrl-C is for the tests, which may need the server to end well
    ) as process:
        try:
            url = _url(process)
            Server(url).wait_until_ready()
            yield url
        finally:
            _end(process)


def _url(process: "subprocess.Popen[str]") -> str:
    """Where it listens, by its log; of that the rest is nobody's, and the server goes on without one."""
    overdue = threading.Timer(READY_SECONDS, process.kill)
    overdue.start()
    output = ""
    try:
        with cast(IO[str], process.stdout) as log:
            for line in log:
                if ready := _READY.match(line):
                    return ready[1]
                output += line
    finally:
        overdue.cancel()
    raise StartError(f"mockserver did not start (exit code {process.wait()}):", output)


def _end(process: "subprocess.Popen[str]") -> None:
    cast(IO[str], process.stdin).close()
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    process.kill()
