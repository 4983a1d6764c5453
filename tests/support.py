"""Servers in a thread of the test process, and projects on them."""

import asyncio
import io
import os
import resource
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

import httpx2
import pytest
from fastapi import FastAPI
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
from mockserver.settings import Settings
from mockserver.store import Store
from mockserver.store.queries import NEWEST, BackupPath, NotFoundError, backup_key, newest_restores
from mockserver.web.server import bind, make_server, url_of

EXAMPLE = BackupPath("default-project", "example-addon", "example-backup")
NOW = 1_750_000_000_000
"""A time later than everything that the scenarios generate."""

FROZEN = {"mode": "frozen", "now": timestamp(NOW)}
"""The clock of a project that stands still at ``NOW``."""

TOKEN = "a-token"  # noqa: S105 - any is accepted
PATIENCE_SECONDS = 60
"""How long a test waits for an event before it fails; long enough for a busy machine."""

BETWEEN_POLLS_SECONDS = 0.01

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that use only http: they would spend 30 ms on loading certificates."""


@dataclass
class SteppedClock:
    """A clock that moves only when a test sets it."""

    instant: int = NOW
    seconds: float = 0.0

    def now(self) -> int:
        return self.instant

    def monotonic(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class ServerLog:
    """The log of a server in this process."""

    log: Log
    written: io.StringIO
    loop: asyncio.AbstractEventLoop

    def getvalue(self) -> str:
        """The log so far; waits until every response that was sent is logged."""
        if not self.loop.is_closed():
            loop_has_turned = threading.Event()
            self.loop.call_soon_threadsafe(loop_has_turned.set)
            assert loop_has_turned.wait(PATIENCE_SECONDS)
        self.log.writer.flush(PATIENCE_SECONDS, PATIENCE_SECONDS)
        return self.written.getvalue()


@dataclass
class RunningServer:
    """A server that accepts requests at ``url``."""

    url: str
    emulator: Emulator
    log: ServerLog
    client: httpx2.Client = field(repr=False)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """Sends a GET with an accepted token."""
        return self.client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}, **options)

    def page(self, query: str = "", backup: BackupPath = EXAMPLE) -> httpx2.Response:
        """Requests one page of a backup's restores."""
        return self.get(restores_path(backup) + (f"?{query}" if query else ""))

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements that it executes in the block."""
        executed: list[str] = []
        self.emulator.store.connection.set_trace_callback(executed.append)
        yield executed
        self.emulator.store.connection.set_trace_callback(None)

    def stored(self, backup: BackupPath = EXAMPLE) -> list[tuple[int, Timeline]]:
        """All restores of a backup in the store, newest first."""
        return restores_in(self.emulator.store, backup)


def scenario_named(name: str) -> Scenario:
    """The built-in scenario of that name."""
    return Catalogue().load(name)


def fill_with(session: Session, scenario: str | Scenario, seed: int = 1, report: Report | None = None) -> None:
    """Writes a scenario's projects; ``scenario`` may be the name of a built-in one."""
    loaded = scenario_named(scenario) if isinstance(scenario, str) else scenario
    write_projects(session, recipes("a-scenario", loaded, seed), NOW, report)


def restores_in(store: Store, backup: BackupPath = EXAMPLE) -> list[tuple[int, Timeline]]:
    """All restores of a backup in a store, newest first; empty if there is no such backup."""
    try:
        key = backup_key(store.connection, backup)
    except NotFoundError:
        return []
    return newest_restores(store.connection, key.backup, limit=NEWEST)


def restores_path(backup: BackupPath = EXAMPLE) -> str:
    return f"/v1/projects/{backup.project_id}/addons/{backup.addon_id}/backups/{backup.backup_id}/restores"


@contextmanager
def running_server(
    clock: Clock | None = None, adapt: Callable[[FastAPI], None] = lambda _: None, **settings: Any
) -> Iterator[RunningServer]:
    """Serves on a free port of loopback until the block ends; ``adapt`` may change the application before."""
    server_settings = Settings(port=0, **settings)
    clock = clock or MachineClock()
    written = io.StringIO()
    log = Log(server_settings.log_requests, server_settings.log_format, clock, written)
    with bind(server_settings) as bound:
        app = create_app(server_settings, clock, log)
        adapt(app)
        uvicorn_server = make_server(app, bound)
        ready: Future[asyncio.AbstractEventLoop] = Future()
        uvicorn_server.on_ready.append(lambda: ready.set_result(asyncio.get_running_loop()))
        thread = threading.Thread(target=uvicorn_server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            loop = ready.result(PATIENCE_SECONDS)
            with httpx2.Client(base_url=url_of(bound), timeout=PATIENCE_SECONDS, verify=NO_CERTIFICATES) as client:
                yield RunningServer(url_of(bound), app.state.emulator, ServerLog(log, written, loop), client)
        finally:
            uvicorn_server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "the server did not stop"
            log.writer.flush(PATIENCE_SECONDS, PATIENCE_SECONDS)
            log.writer.close()


@contextmanager
def file_size_limit(limit: int) -> Iterator[None]:
    """Keeps the files of this process from growing beyond ``limit`` bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def traced_memory() -> Iterator[Callable[[], int]]:
    """A function that returns how many bytes are allocated, of those that were allocated in the block."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@dataclass(frozen=True)
class SandboxProject:
    """A project of one test; ``created`` is the control plane's response that created it."""

    server: RunningServer
    created: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.created["projectId"])

    @property
    def token(self) -> str:
        return str(self.created["token"])

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def backup(self) -> BackupPath:
        return BackupPath(self.id, self.created["addonId"], self.created["backupId"])

    @property
    def url(self) -> str:
        """The address of the list of its backup's restores."""
        return str(self.created["restoresUrl"])

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Sends the API a request with the project's token; ``path`` starts after the project's."""
        headers = self.authorization | options.pop("headers", {})
        return self.server.client.request(method, f"/v1/projects/{self.id}{path}", headers=headers, **options)

    def page(self, query: str = "", **options: Any) -> httpx2.Response:
        """Requests one page of its backup's restores."""
        return self.ask("GET", f"{self._backup_path}/restores?{query}", **options)

    def restores(self) -> list[dict[str, Any]]:
        """The newest 100 restores of its backup, as the API lists them."""
        response = self.page("per_page=100")
        assert response.status_code == 200, response.text
        restores: list[dict[str, Any]] = response.json()["data"]["restores"]
        return restores

    def statuses(self) -> list[str]:
        return [restore["status"] for restore in self.restores()]

    def statuses_after(self, *moves: float) -> list[str]:
        """Its statuses, now and after each move of the clock by so many seconds."""
        seen = self.statuses()
        for by in moves:
            self.advance(by)
            seen += self.statuses()
        return seen

    def restore(self) -> str:
        """Starts a restore of its backup through the API; returns the restore's id."""
        response = self.ask("POST", f"{self._backup_path}/restore")
        assert response.status_code == 200, response.text
        return str(response.json()["data"]["restoreId"])

    def abort(self, restore_id: str) -> httpx2.Response:
        return self.ask("POST", f"{self._backup_path}/abort-restore", json={"restoreId": restore_id})

    def control(self, method: str, path: str = "", **options: Any) -> httpx2.Response:
        """Sends the control plane a request; ``path`` starts after the project's."""
        return self.server.client.request(method, f"/_mock/projects/{self.id}{path}", **options)

    def ok(self, method: str, path: str = "", **options: Any) -> Any:
        """As ``control``, for a request that has to succeed; returns the response's JSON."""
        response = self.control(method, path, **options)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def on_backup(self, method: str, path: str = "", **options: Any) -> httpx2.Response:
        """As ``control``; ``path`` starts after the restores of its backup."""
        return self.control(method, f"{self._backup_path}/restores{path}", **options)

    def add(self, **plan: Any) -> dict[str, Any]:
        """Adds a restore through the control plane; returns it as the API lists it."""
        response = self.on_backup("POST", json=plan)
        assert response.status_code == 201, response.text
        restore: dict[str, Any] = response.json()
        return restore

    def freeze(self, instant: int = NOW) -> Self:
        self.ok("PUT", "/clock", json={"mode": "frozen", "now": timestamp(instant)})
        return self

    def advance(self, by: str | float) -> None:
        self.ok("POST", "/clock/advance", json={"by": by})

    def fault(self, kind: str, when: dict[str, Any] | None = None, **fault: Any) -> str:
        """Adds a fault rule; returns its id."""
        rule = self.ok("POST", "/faults", json={**(when or {}), "fault": {"kind": kind, **fault}})
        return str(rule["id"])

    def triggered(self) -> int:
        """How often its faults have triggered."""
        return sum(rule["triggered"] for rule in self.ok("GET", "/faults")["faults"])

    def requests(self) -> list[dict[str, Any]]:
        """The entries of its journal."""
        entries: list[dict[str, Any]] = self.ok("GET", "/requests")["requests"]
        return entries

    def walks(self) -> list[dict[str, Any]]:
        """The verdicts on its clients' walks."""
        walks: list[dict[str, Any]] = self.ok("GET", "/walks")["walks"]
        return walks

    def walk(self) -> dict[str, Any]:
        """The verdict on its only walk."""
        (walk,) = self.walks()
        return walk

    @property
    def _backup_path(self) -> str:
        return f"/addons/{self.backup.addon_id}/backups/{self.backup.backup_id}"


def make_project(server: RunningServer, **options: Any) -> SandboxProject:
    """Creates a project through the control plane."""
    response = server.client.post("/_mock/projects", json=options)
    assert response.status_code == 201, response.text
    return SandboxProject(server, response.json())


def until(condition: Callable[[], object]) -> None:
    """Polls the condition until it is true; fails after ``PATIENCE_SECONDS``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not condition():
        pause.wait(BETWEEN_POLLS_SECONDS)  # leaves the processor to what the test waits for
        assert time.monotonic() < deadline, f"still false after {PATIENCE_SECONDS} seconds"


def skip_or_fail(problem: str) -> NoReturn:
    """Skips a test that lacks a real part; fails it in CI, which has them all."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(problem)
