"""Runs containers for tests through the ``docker`` command."""

import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[2]
BUILD_SECONDS = 600
PATIENCE_SECONDS = 60


def docker(*arguments: str, patience: float = PATIENCE_SECONDS) -> subprocess.CompletedProcess[str]:
    """Runs ``docker``, with any exit code."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=patience, check=False)


def ok(*arguments: str, patience: float = PATIENCE_SECONDS) -> str:
    """Runs ``docker``, which must succeed, and returns its output."""
    finished = docker(*arguments, patience=patience)
    assert finished.returncode == 0, f"docker {arguments[0]} failed: {finished.stdout}{finished.stderr}"
    return finished.stdout.strip()


def engine_problem() -> str | None:
    """Why no Docker engine can be used; None if one responds."""
    try:
        version = docker("version", "--format", "{{.Server.Version}}")
    except (OSError, subprocess.TimeoutExpired) as failure:
        return f"no Docker engine: {failure}"
    return f"no Docker engine: {version.stderr.strip()}" if version.returncode else None


def unique_name(kind: str) -> str:
    """A new name for an image, a network or a volume."""
    return f"nfmock-{kind}-{uuid.uuid4().hex[:12]}"


def make_image() -> str:
    """Builds the image with ``make image``, and returns its name."""
    name = unique_name("image")
    command = ["make", "--silent", "-C", str(ROOT), "image", f"IMAGE={name}", "ARGS=--quiet"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert finished.returncode == 0, finished.stderr
    return name


def compose(folder: Path, *arguments: str, variables: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs ``docker compose`` in a folder, or ``docker-compose`` if docker has no such command."""
    is_plugin = docker("compose", "version").returncode == 0
    command = ["docker", "compose"] if is_plugin else ["docker-compose"]
    environment = {**os.environ, **(variables or {})}
    return subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )


class Container:
    """A container, by its id."""

    def __init__(self, container_id: str) -> None:
        self.id = container_id

    def inspect(self, part: str) -> Any:
        """A field of ``docker inspect``, such as ``State.Health.Status``."""
        return json.loads(ok("inspect", "--format", f"{{{{json .{part}}}}}", self.id))

    @property
    def exit_code(self) -> int:
        return int(self.inspect("State.ExitCode"))

    def exec(self, *command: str) -> subprocess.CompletedProcess[str]:
        return docker("exec", self.id, *command)

    def logs(self) -> str:
        return ok("logs", self.id)

    def url(self, port: int = 8080) -> str:
        """The URL on this machine of a port that the container publishes, once requests get through to it.

        A server may be ready in its container before the engine forwards the port.
        """
        url = f"http://{ok('port', self.id, f'{port}/tcp').splitlines()[0]}"
        self._wait_until(lambda: _responds(url), f"cannot be reached at {url}")
        return url

    def wait_for_health(self, health: str) -> None:
        """Waits until the image's HEALTHCHECK has this result."""
        self._wait_until(lambda: self.inspect("State.Health.Status") == health, f"did not become {health}")

    def wait_until_ready(self) -> None:
        """Waits until the server in the container responds."""
        self._wait_until(lambda: self.exec("mockserver", "health").returncode == 0, "did not respond")

    def _wait_until(self, condition: Callable[[], bool], problem: str) -> None:
        # no pause between checks, since each runs a docker command
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.inspect("State.Running"), f"the container ended: {self.inspect('State')} {self.logs()}"
            assert time.monotonic() < deadline, f"the container {problem}: {self.inspect('State')} {self.logs()}"


def _responds(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/_mock/health", timeout=PATIENCE_SECONDS).is_success
    except httpx2.TransportError:
        return False


@contextmanager
def running(image: str, *options: str) -> Iterator[Container]:
    """Runs a container that publishes its port on loopback, and removes it after the block."""
    container = Container(ok("run", "--detach", "--publish", "127.0.0.1::8080", *options, image))
    try:
        yield container
    finally:
        ok("rm", "--force", "--volumes", container.id)


@contextmanager
def new(kind: str) -> Iterator[str]:
    """Creates a volume or a network, and removes it after the block."""
    name = unique_name(kind)
    ok(kind, "create", name)
    try:
        yield name
    finally:
        ok(kind, "rm", name)
