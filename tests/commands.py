"""Runs the command line in a process of its own or, if a test needs none, in this one."""

import gc
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

import mockserver
from mockserver.cli import main
from mockserver.settings import ENVIRONMENT_PREFIX
from tests.support import NO_CERTIFICATES, PATIENCE_SECONDS, TOKEN, restores_path

MOCKSERVER = (sys.executable, "-m", "mockserver")
NOTHING_SET: Mapping[str, str] = {}

WITHOUT_OTHER_PLUGINS = [
    f"-pno:{name}" for name in ("anyio", "faker", "hypothesispytest", "pytest_cov", "randomly", "schemathesis")
]
"""Options of a pytest that a test runs: plugins that are installed here too take most of the time of a short run."""


@dataclass
class Process:
    """A running process; ``started`` kills it when the test ends."""

    popen: "subprocess.Popen[str]" = field(repr=False)

    def read_line(self) -> str:
        """The next line of its standard output; empty once it has ended."""
        assert self.popen.stdout
        return self.popen.stdout.readline()

    def read_error_line(self) -> str:
        """The next line of its standard error; empty once it has ended."""
        assert self.popen.stderr
        return self.popen.stderr.readline()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Sends a signal and waits; returns the exit code and the unread output."""
        self.popen.send_signal(number)
        out, err = self.popen.communicate(timeout=PATIENCE_SECONDS)
        return self.popen.returncode, out, err


@dataclass
class Served(Process):
    """A server in a process of its own that is ready."""

    ready: str = ""

    @property
    def url(self) -> str:
        """The URL in its ready line."""
        match = re.search(r"http://[^\s\"]+", self.ready)
        assert match, self.ready
        return match[0]

    def get(self, path: str = restores_path()) -> httpx2.Response:
        return httpx2.get(
            f"{self.url}{path}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            verify=NO_CERTIFICATES,
        )


def environment(variables: Mapping[str, str] = NOTHING_SET) -> dict[str, str]:
    """This process's environment, with ``variables`` instead of its settings of mockserver."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)}
    return {**inherited, "PYTHONPATH": str(Path(mockserver.__file__).parents[1]), **variables}


def run_in_process(*arguments: str) -> Any:
    """Runs a command in this process and undoes its changes to the process; returns the exit code."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(SystemExit) as exit_info:
            main(arguments)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        gc.enable()
    return exit_info.value.code or 0


def run(
    *command: str, variables: Mapping[str, str] = NOTHING_SET, folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end, in a folder if one is given."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def started(
    *command: str,
    variables: Mapping[str, str] = NOTHING_SET,
    seconds: float = 3 * PATIENCE_SECONDS,
    stdout: int = subprocess.PIPE,
) -> Iterator[Process]:
    """Starts a command; kills it after ``seconds``, so that no test reads from a hanging process forever."""
    with subprocess.Popen(
        command,
        env=environment(variables),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    ) as popen:
        overdue = threading.Timer(seconds, popen.kill)
        overdue.start()
        try:
            yield Process(popen)
        finally:
            overdue.cancel()
            overdue.join()
            popen.kill()


@contextmanager
def serving(
    *options: str, variables: Mapping[str, str] = NOTHING_SET, seconds: float = 3 * PATIENCE_SECONDS
) -> Iterator[Served]:
    """Starts ``mockserver serve`` on a free port and waits until it is ready; kills it after ``seconds``."""
    with started(*MOCKSERVER, "serve", "--port", "0", *options, variables=variables, seconds=seconds) as process:
        ready = process.read_line()
        assert ready, process.popen.communicate()[1]
        yield Served(process.popen, ready)
