"""What the client tests share: what a client should have got, and the JavaScript clients as programs."""

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
from typing import Any

from mockserver import wire
from mockserver.store.queries import BackupPath
from tests.clients.terminal import Terminal, at_terminal
from tests.support import EXAMPLE, TOKEN, RunningServer, unavailable

UNKNOWN = replace(EXAMPLE, backup_id="unknown-backup")
BACKUPS = (
    EXAMPLE,
    replace(EXAMPLE, backup_id="no-restores"),
    replace(EXAMPLE, backup_id="single-restore"),
    BackupPath("default-project", "session-cache", "one-page"),
    BackupPath("default-project", "session-cache", "two-pages"),
)
"""Backups whose walks differ: three pages, none, one restore, exactly one page, exactly two."""

PROGRAM_SECONDS = 180
"""What a program gets: the JavaScript client asks for ever where an answer misleads it."""

INSTALL_SECONDS = 600
OLDEST_NODE = (20, 19)

FOLDER = Path(__file__).parent
PROGRAMS = FOLDER / "node_modules" / ".bin"
NORTHFLANK = PROGRAMS / "northflank"
NO_NAMES = f"--import={(FOLDER / 'no-names.mjs').as_uri()}"
"""For ``NODE_OPTIONS``, where the vendor's command line runs."""


def shown(server: RunningServer, backup: BackupPath = EXAMPLE) -> list[Any]:
    """A backup's restores as its list shows them, made from what is stored; each client has types of its own."""
    now = server.emulator.clock.now()
    return [wire.restore(restore_id, timeline, now) for restore_id, timeline in server.stored(backup)]


def refusal(server: RunningServer, query: str = "", backup: BackupPath = EXAMPLE) -> dict[str, Any]:
    """What the server says when it refuses this, without the id."""
    return without_id(server.page(query, backup).json()["error"])


def without_id(error: dict[str, Any]) -> dict[str, Any]:
    """An error as a client has it, but for its id: there must be one, and each answer has another."""
    assert error["id"]
    return {name: value for name, value in error.items() if name != "id"}


def ensure_installed() -> None:
    """Installs the JavaScript packages that the lock file names, unless they are there; one process at a time.

    Without Node it skips the test that asked, and fails it where ``CI`` is ``true``.
    """
    if problem := _without_node():
        unavailable(problem)
    lock_file = FOLDER / "package-lock.json"
    installed = FOLDER / "node_modules" / ".installed-from"
    with lock_file.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.file_digest(lock, "sha256").hexdigest()
        if installed.exists() and installed.read_text() == wanted:
            return
        finished = run(["npm", "ci", "--ignore-scripts"], dict(os.environ), INSTALL_SECONDS)
        assert finished.returncode == 0, f"`npm ci` failed in {FOLDER}: {finished.stderr}"
        installed.write_text(wanted)


def _without_node() -> str | None:
    oldest = ".".join(map(str, OLDEST_NODE))
    needed = f"the vendor's JavaScript clients and the examples need Node {oldest} or later, with npm"
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            return f"{needed}: there is no `{tool}` here"
    version = run(["node", "--version"], dict(os.environ)).stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < OLDEST_NODE:
        return f"{needed}: this is Node {version}"
    return None


def run(
    command: Sequence[str | Path], environment: dict[str, str], seconds: int = PROGRAM_SECONDS, folder: Path = FOLDER
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, which may be a failure."""
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
    """The programs of this folder, which use the vendor's JavaScript client against one server."""

    url: str
    token: str = TOKEN

    def run(
        self, program: str, options: dict[str, Any] | None = None, backup: BackupPath = EXAMPLE, **more_ids: str
    ) -> Any:
        """Runs a program and reads what it printed."""
        ids = {"projectId": backup.project_id, "addonId": backup.addon_id, "backupId": backup.backup_id} | more_ids
        request = {"parameters": ids, "options": options or {}}
        environment = {"PATH": os.environ["PATH"], "NORTHFLANK_HOST": self.url, "NORTHFLANK_TOKEN": self.token}
        finished = run(["node", program, json.dumps(request)], environment)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)


@dataclass(frozen=True)
class CommandLine:
    """The vendor's command line, with a home directory of its own."""

    home: Path

    def run(self, *arguments: str, options: str = NO_NAMES) -> subprocess.CompletedProcess[str]:
        return run([NORTHFLANK, *arguments], {**self._environment, "NODE_OPTIONS": options})

    def at_terminal(self, *arguments: str) -> AbstractContextManager[Terminal]:
        """Runs it as a person does, who answers what it asks."""
        return at_terminal([NORTHFLANK, *arguments], self._environment, FOLDER)

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "NODE_OPTIONS": NO_NAMES,
        }

    @property
    def config(self) -> Path:
        """Where it keeps the hosts and tokens that it was given."""
        return self.home / ".northflank" / "config.json"

    def login(self, url: str, token: str = TOKEN, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        return self.run("login", "--host", url, "--token", token, *options)

    def restores(self, *options: str, backup: BackupPath = EXAMPLE) -> subprocess.CompletedProcess[str]:
        """``northflank get addon backup restores`` with a backup's ids and ``options``."""
        ids = ("--projectId", backup.project_id, "--addonId", backup.addon_id, "--backupId", backup.backup_id)
        return self.run("get", "addon", "backup", "restores", *ids, *options)
