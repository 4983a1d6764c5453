"""Runs servers and commands, each pinned to one core, and measures their time and memory."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.client import HOST, PATIENCE_SECONDS, Client
from bench.errors import UnusableError

ROOT = Path(__file__).resolve().parents[1]
RESTORES_PATH = "/v1/projects/default-project/addons/example-addon/backups/example-backup/restores"
PORT = "{port}"
"""Stands in a command for the port to listen on."""

PAUSE_SECONDS = 0.002
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")

CORES = sorted(os.sched_getaffinity(0))
IS_PINNED = len(CORES) > 1 and shutil.which("taskset") is not None


@dataclass(frozen=True)
class Contestant:
    """A server to measure: what it is, and how it is started.

    ``path`` is the page that is requested of it, ``port`` where it listens if no command can say, and ``root`` the
    checkout whose modules it imports. ``opens`` is a page of it that a browser has open while it is measured.
    """

    name: str
    about: str
    command: Sequence[str]
    path: str = RESTORES_PATH
    port: int | None = None
    root: Path = ROOT
    opens: str | None = None


@dataclass(frozen=True)
class Running:
    """A server that responds."""

    pid: int
    port: int
    path: str
    first_response_s: float

    def url(self) -> str:
        return f"http://{HOST}:{self.port}{self.path}"

    def cpu_seconds(self) -> float:
        """The CPU time of its process so far."""
        stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        user, system = stat[11:13]
        return (int(user) + int(system)) * TICK_SECONDS

    def peak_mb(self) -> float:
        """Its peak memory so far."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024


def on_core(core: int, command: Sequence[str]) -> list[str]:
    """The command, pinned to a core if there are two: 0 for the server or command measured, 1 for the client."""
    return ["taskset", "--cpu-list", str(CORES[core]), *command] if IS_PINNED else list(command)


@dataclass
class Workplace:
    """A folder for one run, with the data that the contestants serve, and their environment."""

    folder: Path
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("NFMOCK_")}
        inherited.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # otherwise our modules would be compiled at each start, unlike installed ones
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = inherited | {
            "BENCH_MATERIAL": str(self.folder),
            "PATH": programs,
            "NODE_ENV": "production",
        }

    def environment_of(self, root: Path) -> dict[str, str]:
        """The environment of a process that imports the modules of this checkout."""
        return self.environment | {"PYTHONPATH": str(root)}

    @contextmanager
    def serving(self, contestant: Contestant) -> Iterator[Running]:
        """Serves until the block ends; raises UnusableError, with its last output, if it does not respond."""
        port = contestant.port or free_port()
        command = on_core(0, [word.replace(PORT, str(port)) for word in contestant.command])
        with (self.folder / "errors.txt").open("w+") as errors:
            began = time.perf_counter()
            popen = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment_of(contestant.root),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            try:
                _wait_for_response(popen, port, contestant.path)
                yield Running(popen.pid, port, contestant.path, time.perf_counter() - began)
            except UnusableError as failure:
                errors.seek(0)
                raise UnusableError(f"{failure} {self._reason(errors, contestant.root)}".rstrip()) from None
            finally:
                end(popen)

    def _reason(self, errors: Iterable[str], root: Path) -> str:
        """What a server said was wrong, without the paths of this machine."""
        said = next((line.strip() for line in errors if "error" in line.lower()), "")
        return said.replace(str(self.folder), "").replace(f"{root}/", "")

    def run(self, command: Sequence[str], root: Path = ROOT) -> float:
        """Runs a command to its end; returns the seconds that it took. Raises UnusableError if it fails."""
        began = time.perf_counter()
        try:
            finished = subprocess.run(
                on_core(0, command),
                cwd=self.folder,
                env=self.environment_of(root),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=5 * PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnusableError(f"{' '.join(command)}: took too long") from None
        took = time.perf_counter() - began
        if finished.returncode:
            raise UnusableError(f"{' '.join(command)}: {finished.stderr.strip()}")
        return took


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_response(popen: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with Client(port) as client:
                client.get(path)
        except UnusableError:
            if popen.poll() is not None:
                raise UnusableError(f"it ended with exit code {popen.returncode}.") from None
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def end(popen: "subprocess.Popen[bytes]") -> None:
    """Ends a process, at once if it does not end by itself."""
    popen.terminate()
    try:
        popen.wait(10)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
