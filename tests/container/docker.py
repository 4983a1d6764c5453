"""Containers for tests, through the ``docker`` command: whatever engine it reaches."""

import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILD_SECONDS = 600
PATIENCE_SECONDS = 60


def docker(*arguments: str, patience: float = PATIENCE_SECONDS) -> subprocess.CompletedProcess[str]:
    """Runs ``docker`` to its end, which may have failed."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=patience, check=False)


def done(*arguments: str, patience: float = PATIENCE_SECONDS) -> str:
    """What ``docker`` printed; it must have succeeded."""
    ended = docker(*arguments, patience=patience)
    assert ended.returncode == 0, f"docker {arguments[0]} failed: {ended.stdout}{ended.stderr}"
    return ended.stdout.strip()


def unreachable() -> str | None:
    """Why no engine can be used here; None where one answers."""
    try:
        version = docker("version", "--format", "{{.Server.Version}}")
    except (OSError, subprocess.TimeoutExpired) as failure:
        return f"no Docker engine: {failure}"
    return f"no Docker engine: {version.stderr.strip()}" if version.returncode else None


def name_of_its_own(kind: str) -> str:
    """A name for an image, a network or a volume that no other run has."""
    return f"nfmock-{kind}-{uuid.uuid4().hex[:12]}"


def make_image() -> str:
    """Builds the image from this tree as ``make image`` does; its name."""
    name = name_of_its_own("image")
    command = ["make", "--silent", "-C", str(ROOT), "image", f"IMAGE={name}", "ARGS=--quiet"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    return name


def compose(folder: Path, *arguments: str, variables: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs ``docker compose`` in a folder; where docker has no such command, the program ``docker-compose``."""
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
    """One container of the image, by its id."""

    def __init__(self, container_id: str) -> None:
        self.id = container_id

    def inspect(self, part: str) -> Any:
        """A part of what the engine knows of it, as ``State.Health.Status``."""
        return json.loads(done("inspect", "--format", f"{{{{json .{part}}}}}", self.id))

    @property
    def exit_code(self) -> int:
        return int(self.inspect("State.ExitCode"))

    def exec(self, *command: str) -> subprocess.CompletedProcess[str]:
        return docker("exec", self.id, *command)

    def logs(self) -> str:
        return done("logs", self.id)

    def url(self, port: int = 8080) -> str:
        """Where the host reaches a port that the container publishes."""
        return f"http://{done('port', self.id, f'{port}/tcp').splitlines()[0]}"

    def becomes(self, health: str) -> None:
        """Returns once the engine calls it ``health``, by the image's HEALTHCHECK."""
        self._eventually(lambda: self.inspect("State.Health.Status") == health, f"did not become {health}")

    def answers(self) -> None:
        """Returns once the server inside answers."""
        self._eventually(lambda: self.exec("mockserver", "health").returncode == 0, "did not answer")

    def _eventually(self, holds: Callable[[], bool], otherwise: str) -> None:
        # asking takes an engine long enough to need no pause between
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert self.inspect("State.Running"), f"the container ended: {self.inspect('State')} {self.logs()}"
            assert time.monotonic() < deadline, f"the container {otherwise}: {self.inspect('State')} {self.logs()}"


@contextmanager
def running(image: str, *options: str) -> Iterator[Container]:
    """A container with no arguments, its port published on loopback, removed when the block ends."""
    container = Container(done("run", "--detach", "--publish", "127.0.0.1::8080", *options, image))
    try:
        yield container
    finally:
        done("rm", "--force", "--volumes", container.id)


@contextmanager
def a_volume() -> Iterator[str]:
    """A new volume, removed when the block ends."""
    volume = name_of_its_own("volume")
    done("volume", "create", volume)
    try:
        yield volume
    finally:
        done("volume", "rm", volume)
