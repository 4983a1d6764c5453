"""Servers for tests: uvicorn in a thread of this process, on a port of its own."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from sqlmodel import Session

from mockserver.app import create_app
from mockserver.clock import Clock, MachineClock
from mockserver.emulator import Emulator
from mockserver.lifecycle import Timeline
from mockserver.log import Log
from mockserver.seeding.catalogue import Catalogue
from mockserver.seeding.fill import Report, fill, recipes
from mockserver.seeding.scenario import Scenario
from mockserver.server import bind, make_server, url_of
from mockserver.settings import LogFormat, LogRequests, Settings
from mockserver.store.queries import NEWEST, BackupPath, restores

EXAMPLE = BackupPath("default-project", "example-addon", "example-backup")
NOW = 1_750_000_000_000
"""An instant after all that the scenarios generate."""

TOKEN = "a-token"  # noqa: S105 - any will do
PATIENCE_SECONDS = 20


@dataclass
class SteppedClock:
    """A clock that a test moves."""

    instant: int = NOW
    seconds: float = 0.0

    def now(self) -> int:
        return self.instant

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class RunningServer:
    """A server that answers at ``url``."""

    url: str
    emulator: Emulator
    log: io.StringIO
    client: httpx2.Client = field(repr=False)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """Asks with a good token."""
        return self.client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}, **options)

    def page(self, query: str = "", backup: BackupPath = EXAMPLE) -> httpx2.Response:
        """Asks for one page of a backup's restores."""
        return self.get(restores_path(backup) + (f"?{query}" if query else ""))

    def stored(self, backup: BackupPath = EXAMPLE) -> list[tuple[int, Timeline]]:
        """All restores of a backup as the store has them, newest first."""
        return restores(self.emulator.store.connection, backup, before=NEWEST, skipped=0, most=NEWEST)


def scenario_named(name: str) -> Scenario:
    """One of the scenarios that come with mockserver."""
    return Catalogue().load(name)


def fill_with(session: Session, scenario: str | Scenario, seed: int = 1, report: Report | None = None) -> None:
    """Fills empty tables with a scenario, or the one of that name."""
    wanted = scenario_named(scenario) if isinstance(scenario, str) else scenario
    fill(session, recipes("a-scenario", wanted, seed), NOW, report)


def restores_path(backup: BackupPath = EXAMPLE) -> str:
    return f"/v1/projects/{backup.project_id}/addons/{backup.addon_id}/backups/{backup.backup_id}/restores"


@contextmanager
def running_server(clock: Clock | None = None, **settings: Any) -> Iterator[RunningServer]:
    """Serves on a free port of loopback until the block ends; ``log`` is what it logged."""
    chosen = Settings(port=0, **settings)
    log = io.StringIO()
    with bind(chosen) as bound:
        app = create_app(chosen, clock or MachineClock(), Log(chosen.log_requests, chosen.log_format, log))
        uvicorn_server = make_server(app, bound)
        ready = threading.Event()
        uvicorn_server.on_ready.append(ready.set)
        thread = threading.Thread(target=uvicorn_server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            assert ready.wait(PATIENCE_SECONDS), "the server did not get ready"
            with httpx2.Client(base_url=url_of(bound), timeout=PATIENCE_SECONDS) as client:
                yield RunningServer(url_of(bound), app.state.emulator, log, client)
        finally:
            uvicorn_server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "the server did not end"


__all__ = [
    "EXAMPLE",
    "TOKEN",
    "LogFormat",
    "LogRequests",
    "RunningServer",
    "SteppedClock",
    "fill_with",
    "restores_path",
    "running_server",
    "scenario_named",
]
