"""The torture finds no loss in a correct server, and notices every difference from the acknowledged writes."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from copy import deepcopy
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from endurance.connection import Address, Connection
from endurance.model.project import Project
from endurance.model.writes import control_path, control_restores
from endurance.torture.run import Torture
from endurance.torture.stored import integrity
from endurance.torture.writer import InFlight
from tests.support import RunningServer, running_server

WRITES = 12


def address_of(server: RunningServer) -> Address:
    where = urlsplit(server.url)
    return Address(str(where.hostname), int(where.port or 0))


async def write(torture: Torture, server: RunningServer, times: int = WRITES) -> None:
    """Has each writer make this number of changes, all of them acknowledged."""
    with closing(Connection(address_of(server))) as connection:
        for writer in torture.writers:
            for _ in range(times):
                await writer.write(connection)


def a_torture() -> Torture:
    return Torture(cycles=1, seed=7, say=lambda _: None)


def project_with_restores(torture: Torture) -> Project:
    """A written project with restores whose ids are known."""
    return next(
        project
        for writer in torture.writers
        for project in writer.projects.values()
        if len(project.lives) > 1 and not project.clock.is_real and project.contract == "2024"
    )


def test_acknowledged_writes_are_found_and_counted() -> None:
    torture = a_torture()
    with running_server() as server:
        asyncio.run(write(torture, server))
        asyncio.run(torture.verify(address_of(server)))
    assert (torture.lost, torture.failures) == ([], [])
    assert WRITES < torture.checked <= WRITES * len(torture.writers)


def test_an_earlier_copy_of_the_file_has_lost_writes(tmp_path: Path) -> None:
    torture = a_torture()
    for times in (WRITES, 1):
        with running_server(database=tmp_path / "a.db") as server:
            asyncio.run(write(torture, server, times))
        if times == WRITES:
            shutil.copy(tmp_path / "a.db", tmp_path / "b.db")
    with running_server(database=tmp_path / "b.db") as server:
        asyncio.run(torture.verify(address_of(server)))
    assert torture.lost


Loss = Callable[[httpx2.Client, Project], httpx2.Response]


def remove_a_restore(client: httpx2.Client, project: Project) -> httpx2.Response:
    return client.delete(f"{control_restores(project)}/{project.newest_first()[-1]}")


def move_the_clock(client: httpx2.Client, project: Project) -> httpx2.Response:
    return client.post(f"{control_path(project)}/clock/advance", json={"by": "PT1S"})


def add_a_rule(client: httpx2.Client, project: Project) -> httpx2.Response:
    rule = {"operation": "login", "fault": {"kind": "reset"}}
    return client.post(f"{control_path(project)}/faults", json=rule)


def delete_the_project(client: httpx2.Client, project: Project) -> httpx2.Response:
    return client.delete(control_path(project))


def change_a_status(client: httpx2.Client, project: Project) -> httpx2.Response:
    number = project.newest_first()[0]
    (step, *_) = project.lives[number].possible(project.clock.value)
    status = "failed" if step.status != "failed" else "aborted"
    return client.patch(f"{control_restores(project)}/{number}", json={"status": status})


@pytest.mark.parametrize("lose", [remove_a_restore, move_the_clock, add_a_rule, delete_the_project, change_a_status])
def test_every_difference_from_the_acknowledged_writes_is_noticed(lose: Loss) -> None:
    torture = a_torture()
    with running_server() as server:
        asyncio.run(write(torture, server))
        project = project_with_restores(torture)
        assert lose(server.client, project).is_success
        asyncio.run(torture.verify(address_of(server)))
    assert [lost.project for lost in torture.lost] == [project.id]


def test_a_project_that_nobody_created_is_noticed() -> None:
    torture = a_torture()
    with running_server() as server:
        server.client.post("/_mock/projects", json={"projectId": "torture-of-nobody"})
        asyncio.run(torture.verify(address_of(server)))
    assert torture.failures == ["projects that nobody created, or that were deleted: torture-of-nobody"]


@asynccontextmanager
async def in_flight(server: RunningServer) -> AsyncIterator[tuple[Torture, Project, Project]]:
    """A project with a change in flight that removes two restores: its states before and after that change."""
    torture = a_torture()
    await write(torture, server)
    before = project_with_restores(torture)
    after = deepcopy(before)
    for number in before.newest_first()[:2]:
        del after.lives[number]
    writer = next(writer for writer in torture.writers if before.id in writer.projects)
    writer.in_flight = InFlight(before.id, before, after)
    yield torture, before, after
    await torture.verify(address_of(server))


@pytest.mark.parametrize(
    ("removed", "share"), [(0, "not made"), (1, None), (2, "completely made")], ids=["not at all", "half", "completely"]
)
def test_a_write_in_flight_is_made_completely_or_not_at_all(removed: int, share: str | None) -> None:
    async def run(server: RunningServer) -> Torture:
        async with in_flight(server) as (torture, before, _):
            for number in before.newest_first()[:removed]:
                server.client.delete(f"{control_restores(before)}/{number}")
        return torture

    with running_server() as server:
        torture = asyncio.run(run(server))
    assert [name for name, count in torture.in_flight.items() if count] == ([] if share is None else [share])
    assert [lost.difference.partition(",")[0] for lost in torture.lost] == (["half made"] if share is None else [])


def test_a_damaged_file_fails_the_integrity_check(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY, text TEXT UNIQUE)")
        connection.executemany("INSERT INTO numbers (text) VALUES (?)", [(f"number {n}" * 20,) for n in range(1000)])
        connection.commit()
    assert integrity(database) == []
    data = bytearray(database.read_bytes())
    data[-20_000:-19_000] = bytes(1000)
    database.write_bytes(data)
    assert integrity(database)
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
