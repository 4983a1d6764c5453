"""Servers for tests: uvicorn in a thread of this process, on a port of its own."""

import asyncio
import io
import os
import resource
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

import httpx2
import pytest
from sqlmodel import Session

from mockserver.app import create_app
from mockserver.clock import Clock, MachineClock
from mockserver.contract.lifecycle import Timeline
from mockserver.emulator import Emulator
from mockserver.instants import timestamp
from mockserver.log import Log
from mockserver.seeding.catalogue import Catalogue
from mockserver.seeding.scenario import Scenario
from mockserver.seeding.writer import Report, recipes, write_projects
from mockserver.settings import LogFormat, LogRequests, Settings
from mockserver.store import Store
from mockserver.store.queries import NEWEST, BackupPath, NotFoundError, backup_key, newest_restores
from mockserver.web.server import bind, make_server, url_of

EXAMPLE = BackupPath("default-project", "example-addon", "example-backup")
NOW = 1_750_000_000_000
"""An instant after all that the scenarios generate."""

TOKEN = "a-token"  # noqa: S105 - any will do
PATIENCE_SECONDS = 60
"""How long a test waits for what must happen: long enough for a machine that runs other things at the same time."""


@dataclass
class SteppedClock:
    """A clock that a test moves."""

    instant: int = NOW
    seconds: float = 0.0

    def now(self) -> int:
        return self.instant

    def monotonic(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class ServerLog:
    """What a server that runs in this process has logged."""

    log: Log
    written: io.StringIO
    loop: asyncio.AbstractEventLoop

    def getvalue(self) -> str:
        """All lines of the requests that were answered: it waits for those that are still on their way."""
        if not self.loop.is_closed():
            turned = threading.Event()
            self.loop.call_soon_threadsafe(turned.set)
            assert turned.wait(PATIENCE_SECONDS)
        self.log.writer.flush(PATIENCE_SECONDS, PATIENCE_SECONDS)
        return self.written.getvalue()


@dataclass
class RunningServer:
    """A server that answers at ``url``."""

    url: str
    emulator: Emulator
    log: ServerLog
    client: httpx2.Client = field(repr=False)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """Asks with a good token."""
        return self.client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}, **options)

    def page(self, query: str = "", backup: BackupPath = EXAMPLE) -> httpx2.Response:
        """Asks for one page of a backup's restores."""
        return self.get(restores_path(backup) + (f"?{query}" if query else ""))

    def stored(self, backup: BackupPath = EXAMPLE) -> list[tuple[int, Timeline]]:
        """All restores of a backup as the store has them, newest first."""
        return restores_in(self.emulator.store, backup)


def scenario_named(name: str) -> Scenario:
    """One of the scenarios that come with mockserver."""
    return Catalogue().load(name)


def fill_with(session: Session, scenario: str | Scenario, seed: int = 1, report: Report | None = None) -> None:
    """Fills empty tables with a scenario, or the one of that name."""
    wanted = scenario_named(scenario) if isinstance(scenario, str) else scenario
    write_projects(session, recipes("a-scenario", wanted, seed), NOW, report)


def restores_in(store: Store, backup: BackupPath = EXAMPLE) -> list[tuple[int, Timeline]]:
    """All restores of a backup as a store has them, newest first; none of a backup that is not there."""
    try:
        key = backup_key(store.connection, backup)
    except NotFoundError:
        return []
    return newest_restores(store.connection, key.backup, limit=NEWEST)


def restores_path(backup: BackupPath = EXAMPLE) -> str:
    return f"/v1/projects/{backup.project_id}/addons/{backup.addon_id}/backups/{backup.backup_id}/restores"


@contextmanager
def running_server(clock: Clock | None = None, **settings: Any) -> Iterator[RunningServer]:
    """Serves on a free port of loopback until the block ends; ``log`` is what it logged."""
    chosen = Settings(port=0, **settings)
    clock = clock or MachineClock()
    written = io.StringIO()
    log = Log(chosen.log_requests, chosen.log_format, clock, written)
    with bind(chosen) as bound:
        app = create_app(chosen, clock, log)
        uvicorn_server = make_server(app, bound)
        ready: Future[asyncio.AbstractEventLoop] = Future()
        uvicorn_server.on_ready.append(lambda: ready.set_result(asyncio.get_running_loop()))
        thread = threading.Thread(target=uvicorn_server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            loop = ready.result(PATIENCE_SECONDS)
            with httpx2.Client(base_url=url_of(bound), timeout=PATIENCE_SECONDS) as client:
                yield RunningServer(url_of(bound), app.state.emulator, ServerLog(log, written, loop), client)
        finally:
            uvicorn_server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "the server did not end"
            log.writer.flush(PATIENCE_SECONDS, PATIENCE_SECONDS)
            log.writer.close()


@contextmanager
def file_size_limit(most: int) -> Iterator[None]:
    """Files of this process cannot grow beyond ``most`` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass(frozen=True)
class MadeProject:
    """A project that a test made for itself: bent through the control plane, and asked with the token of its own."""

    server: RunningServer
    made: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.made["projectId"])

    @property
    def token(self) -> str:
        return str(self.made["token"])

    @property
    def backup(self) -> BackupPath:
        return BackupPath(self.id, self.made["addonId"], self.made["backupId"])

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Calls the API; ``path`` goes on from the project's."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.server.client.request(method, f"/v1/projects/{self.id}{path}", headers=headers, **options)

    def page(self, query: str = "", **options: Any) -> httpx2.Response:
        """Asks for one page of its backup's restores."""
        return self.ask("GET", f"{self._backup}/restores?{query}", **options)

    def restores(self) -> list[dict[str, Any]]:
        """The newest 100 restores of its backup, as the list shows them."""
        answer = self.page("per_page=100")
        assert answer.status_code == 200, answer.text
        shown: list[dict[str, Any]] = answer.json()["data"]["restores"]
        return shown

    def statuses(self) -> list[str]:
        return [restore["status"] for restore in self.restores()]

    def restore(self) -> str:
        """Starts a restore of its backup as a client does; the id that the client is told."""
        answer = self.ask("POST", f"{self._backup}/restore")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["restoreId"])

    def abort(self, restore_id: str) -> httpx2.Response:
        return self.ask("POST", f"{self._backup}/abort-restore", json={"restoreId": restore_id})

    def control(self, method: str, path: str = "", **options: Any) -> httpx2.Response:
        """Calls the control plane; ``path`` goes on from the project's."""
        return self.server.client.request(method, f"/_mock/projects/{self.id}{path}", **options)

    def ok(self, method: str, path: str = "", **options: Any) -> Any:
        """As ``control``, where it has to succeed: what it answered."""
        answer = self.control(method, path, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def on_backup(self, method: str, path: str = "", **options: Any) -> httpx2.Response:
        """As ``control``; ``path`` goes on from its backup's restores."""
        return self.control(method, f"{self._backup}/restores{path}", **options)

    def add(self, **plan: Any) -> dict[str, Any]:
        """Adds a restore by hand: as the list shows it."""
        answer = self.on_backup("POST", json=plan)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def freeze(self, instant: int = NOW) -> Self:
        self.ok("PUT", "/clock", json={"mode": "frozen", "now": timestamp(instant)})
        return self

    def advance(self, by: str | float) -> None:
        self.ok("POST", "/clock/advance", json={"by": by})

    def fault(self, kind: str, when: dict[str, Any] | None = None, **fault: Any) -> str:
        """Adds a fault rule; its id."""
        rule = self.ok("POST", "/faults", json={**(when or {}), "fault": {"kind": kind, **fault}})
        return str(rule["id"])

    def requests(self) -> list[dict[str, Any]]:
        """What the journal holds."""
        listed: list[dict[str, Any]] = self.ok("GET", "/requests")["requests"]
        return listed

    def walks(self) -> list[dict[str, Any]]:
        """The verdicts on its clients."""
        judged: list[dict[str, Any]] = self.ok("GET", "/walks")["walks"]
        return judged

    @property
    def _backup(self) -> str:
        return f"/addons/{self.backup.addon_id}/backups/{self.backup.backup_id}"


def make_project(server: RunningServer, **wanted: Any) -> MadeProject:
    """Makes a project through the control plane."""
    answer = server.client.post("/_mock/projects", json=wanted)
    assert answer.status_code == 201, answer.text
    return MadeProject(server, answer.json())


def skip_or_fail(problem: str) -> NoReturn:
    """Skips a test for want of a real part, saying so; in CI, which has them all, it fails."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(problem)


__all__ = [
    "EXAMPLE",
    "TOKEN",
    "LogFormat",
    "LogRequests",
    "MadeProject",
    "RunningServer",
    "SteppedClock",
    "fill_with",
    "make_project",
    "restores_path",
    "running_server",
    "scenario_named",
    "skip_or_fail",
]
