"""Projects that tests create through the control plane."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from mockserver.store.queries import BackupPath
from tests.support import PATIENCE_SECONDS, RunningServer


@dataclass(frozen=True)
class Project:
    """A project for one test, with its own token. ``url`` is the list of restores of ``backup``."""

    server: RunningServer
    backup: BackupPath
    token: str
    url: str

    def add_fault(self, kind: str, *, page: int | None = None, times: int | None = None, **settings: Any) -> None:
        """Adds a rule that matches requests for the list of restores."""
        rule = {"page": page, "times": times, "fault": {"kind": kind, **settings}}
        self._post("faults", {name: value for name, value in rule.items() if value is not None})

    @property
    def triggered(self) -> int:
        """How often its faults have triggered."""
        return sum(fault["triggered"] for fault in self._get("faults")["faults"])

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests in its journal."""
        return cast(list[dict[str, Any]], self._get("requests")["requests"])

    @property
    def walk(self) -> dict[str, Any]:
        """Its only walk, with the verdict."""
        (walk,) = self._get("walks")["walks"]
        return cast(dict[str, Any], walk)

    def reset(self) -> None:
        self._post("reset")

    def advance(self, seconds: float) -> None:
        """Moves its clock ahead."""
        self._post("clock/advance", {"by": seconds})

    def _get(self, part: str) -> dict[str, Any]:
        response = self.server.client.get(f"/_mock/projects/{self.backup.project_id}/{part}")
        return cast(dict[str, Any], response.raise_for_status().json())

    def _post(self, part: str, body: dict[str, Any] | None = None) -> None:
        self.server.client.post(f"/_mock/projects/{self.backup.project_id}/{part}", json=body).raise_for_status()


def make_project(server: RunningServer, **options: Any) -> Project:
    """Creates a project with these options of the control plane."""
    created = server.client.post("/_mock/projects", json=options).raise_for_status().json()
    backup = BackupPath(created["projectId"], created["addonId"], created["backupId"])
    return Project(server, backup, created["token"], created["restoresUrl"])


def until(condition: Callable[[], object]) -> None:
    """Polls the condition until it is true; fails after ``PATIENCE_SECONDS``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"still false after {PATIENCE_SECONDS} seconds"
