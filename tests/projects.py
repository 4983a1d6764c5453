"""Projects that a test makes for itself over the control plane, bends, and asks for verdicts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from mockserver.store.queries import BackupPath
from tests.support import PATIENCE_SECONDS, RunningServer


@dataclass(frozen=True)
class Project:
    """A project of one test's own, with a token of its own."""

    server: RunningServer
    backup: BackupPath
    token: str
    url: str

    def add_fault(self, kind: str, *, page: int | None = None, times: int | None = None, **settings: Any) -> None:
        """Adds a rule that strikes the list of restores."""
        rule = {"page": page, "times": times, "fault": {"kind": kind, **settings}}
        self._post("faults", {name: value for name, value in rule.items() if value is not None})

    @property
    def triggered(self) -> int:
        """How often its faults have triggered."""
        return sum(fault["triggered"] for fault in self._get("faults")["faults"])

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Its journal."""
        return cast(list[dict[str, Any]], self._get("requests")["requests"])

    @property
    def walk(self) -> dict[str, Any]:
        """The verdict on the one walk that there was."""
        (walk,) = self._get("walks")["walks"]
        return cast(dict[str, Any], walk)

    def reset(self) -> None:
        self._post("reset")

    def _get(self, what: str) -> dict[str, Any]:
        answer = self.server.client.get(f"/_mock/projects/{self.backup.project_id}/{what}")
        return cast(dict[str, Any], answer.raise_for_status().json())

    def _post(self, what: str, body: dict[str, Any] | None = None) -> None:
        self.server.client.post(f"/_mock/projects/{self.backup.project_id}/{what}", json=body).raise_for_status()


def make_project(server: RunningServer, **wanted: Any) -> Project:
    """Makes a project of what is ``wanted``."""
    made = server.client.post("/_mock/projects", json=wanted).raise_for_status().json()
    backup = BackupPath(made["projectId"], made["addonId"], made["backupId"])
    return Project(server, backup, made["token"], made["restoresUrl"])


def until(holds: Callable[[], object]) -> None:
    """Asks again and again; fails where patience runs out."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
