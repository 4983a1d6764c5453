"""The vendor's JavaScript clients as programs, and the responses that clients should get."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from mockserver.contract import wire
from mockserver.contract.versions import Contract, public_id
from mockserver.store.queries import BackupPath
from tests.clients.terminal import Terminal, at_terminal
from tests.support import EXAMPLE, TOKEN, RunningServer, SandboxProject, skip_or_fail

UNKNOWN = EXAMPLE._replace(backup_id="unknown-backup")
BACKUPS = (
    EXAMPLE,
    EXAMPLE._replace(backup_id="no-restores"),
    EXAMPLE._replace(backup_id="single-restore"),
    BackupPath("default-project", "session-cache", "one-page"),
    BackupPath("default-project", "session-cache", "two-pages"),
)
"""Backups with three pages of restores, none, a single restore, exactly one page, and exactly two."""

PROGRAM_SECONDS = 180
"""The time limit of a program. A misleading response can keep the JavaScript client busy forever."""

INSTALL_SECONDS = 600
OLDEST_NODE = (20, 19)

FOLDER = Path(__file__).parent
PROGRAMS = FOLDER / "node_modules" / ".bin"
NORTHFLANK = PROGRAMS / "northflank"
NO_NAMES = f"--import={(FOLDER / 'no-names.mjs').as_uri()}"
"""Value of ``NODE_OPTIONS`` for the vendor's command line."""


def expected_restores(
    server: RunningServer, backup: BackupPath = EXAMPLE, contract: Contract = Contract.V2024
) -> list[Any]:
    """A backup's restores as JSON of the API, rendered from the store."""
    now = server.emulator.clock.now()
    return [
        wire.restore(contract, public_id(contract, number), timeline, now) for number, timeline in server.stored(backup)
    ]


def python_ids(backup: BackupPath) -> dict[str, Any]:
    """The arguments of the Python SDK's methods for a backup."""
    return {"project_id": backup.project_id, "addon_id": backup.addon_id, "backup_id": backup.backup_id}


def error_response(server: RunningServer, query: str = "", backup: BackupPath = EXAMPLE) -> dict[str, Any]:
    """The error, without its id, with which the server responds to this request."""
    return without_id(server.page(query, backup).json()["error"])


def without_id(error: dict[str, Any]) -> dict[str, Any]:
    """An error without its id, which differs in each response. Fails if it has none."""
    assert error["id"]
    return {name: value for name, value in error.items() if name != "id"}


def ensure_installed() -> None:
    """Installs the JavaScript packages in the lock file, unless they are installed; one process at a time.

    Without Node it skips the test, or fails it if ``CI`` is ``true``.
    """
    if problem := _without_node():
        skip_or_fail(problem)
    lock_file = FOLDER / "package-lock.json"
    installed = FOLDER / "node_modules" / ".installed-from"
    with lock_file.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = hashlib.file_digest(lock, "sha256").hexdigest()
        if installed.exists() and installed.read_text() == digest:
            return
        finished = run(["npm", "ci", "--ignore-scripts"], dict(os.environ), INSTALL_SECONDS)
        assert finished.returncode == 0, f"`npm ci` failed in {FOLDER}: {finished.stderr}"
        installed.write_text(digest)


def _without_node() -> str | None:
    oldest = ".".join(map(str, OLDEST_NODE))
    requirement = f"the vendor's JavaScript clients and the examples need Node {oldest} or later, with npm"
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            return f"{requirement}: `{tool}` is not installed"
    version = run(["node", "--version"], dict(os.environ)).stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < OLDEST_NODE:
        return f"{requirement}: this is Node {version}"
    return None


def run(
    command: Sequence[str | Path], environment: dict[str, str], seconds: int = PROGRAM_SECONDS, folder: Path = FOLDER
) -> subprocess.CompletedProcess[str]:
    """Runs a program until it exits, with any exit code."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@dataclass(frozen=True)
class JavaScript:
    """Runs the programs of this folder, which use the vendor's JavaScript client."""

    url: str
    token: str = TOKEN
    package: str = "@northflank/js-client"

    def of(self, project: SandboxProject) -> Self:
        """The same client with the project's server and token."""
        return replace(self, url=project.server.url, token=project.token)

    def run(
        self, program: str, options: dict[str, Any] | None = None, backup: BackupPath = EXAMPLE, **more_ids: str
    ) -> Any:
        """Runs a program and returns the JSON that it prints."""
        ids = {"projectId": backup.project_id, "addonId": backup.addon_id, "backupId": backup.backup_id} | more_ids
        request = {"parameters": ids, "options": options or {}}
        environment = {
            "PATH": os.environ["PATH"],
            "NORTHFLANK_HOST": self.url,
            "NORTHFLANK_TOKEN": self.token,
            "JS_CLIENT": self.package,
        }
        finished = run(["node", program, json.dumps(request)], environment)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)


@dataclass(frozen=True)
class CommandLine:
    """The vendor's command line, with its own home directory."""

    home_folder: Path

    def run(self, *arguments: str, options: str = NO_NAMES) -> subprocess.CompletedProcess[str]:
        return run([NORTHFLANK, *arguments], {**self._environment, "NODE_OPTIONS": options})

    def at_terminal(self, *arguments: str) -> AbstractContextManager[Terminal]:
        """Runs it at a pseudo-terminal, where the test answers its prompts."""
        return at_terminal([NORTHFLANK, *arguments], self._environment, FOLDER)

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home_folder),
            "NODE_OPTIONS": NO_NAMES,
        }

    @property
    def config(self) -> Path:
        """Where it stores hosts and tokens."""
        return self.home_folder / ".northflank" / "config.json"

    def login(self, url: str, token: str = TOKEN, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        return self.run("login", "--host", url, "--token", token, *options)

    def restores(self, *options: str, backup: BackupPath = EXAMPLE) -> subprocess.CompletedProcess[str]:
        """Runs ``northflank get addon backup restores`` for a backup, with ``options``."""
        ids = ("--projectId", backup.project_id, "--addonId", backup.addon_id, "--backupId", backup.backup_id)
        return self.run("get", "addon", "backup", "restores", *ids, *options)
