"""A write that the store rejects changes nothing, in the file or in memory, and the response says what to do."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.errors import StoreDamagedError, StoreFullError, UsageError
from mockserver.store import engine
from tests.contract.responses import ask, bearer, error_of
from tests.support import RunningServer, SandboxProject, SteppedClock, file_size_limit, make_project, running_server

PAGE = 4096
NOISE = b"\xa5" * PAGE

Write = Callable[[SandboxProject], httpx2.Response]

WRITES: dict[str, Write] = {
    "advance the clock": lambda project: project.control("POST", "/clock/advance", json={"by": "PT1H"}),
    "set the clock": lambda project: project.control("PUT", "/clock", json={"mode": "frozen", "now": "2030-01-01"}),
    "add a rule": lambda project: project.control("POST", "/faults", json={"fault": {"kind": "reset"}}),
    "delete a rule": lambda project: project.control("DELETE", "/faults/fault-1"),
    "delete all rules": lambda project: project.control("DELETE", "/faults"),
    "add a restore": lambda project: project.on_backup("POST", json={}),
    "list with a stepping clock": lambda project: project.page(),
    "create a project": lambda project: project.server.client.post("/_mock/projects", json={"scenario": "single"}),
    "reset a project": lambda project: project.control("POST", "/reset"),
    "delete a project": lambda project: project.control("DELETE"),
    "reset the server": lambda project: project.server.client.post("/_mock/reset"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def server(file: Path) -> Iterator[RunningServer]:
    """A server on a file, whose clock stands still."""
    with running_server(SteppedClock(seconds=100), database=file, scenario="example") as server:
        yield server


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    """A project that is not as it was created: its clock is advanced, and it has two fault rules and a restore more."""
    clock = {"mode": "stepping", "now": "2029-01-01", "step": "PT1M"}
    project = make_project(server, scenario="every-status", projectId="mine", clock=clock)
    project.advance("PT5M")
    project.fault("latency", {"page": 7}, ms=0)
    project.fault("status", {"page": 8}, status=503)
    project.add()
    return project


def state(project: SandboxProject) -> Any:
    """All that a client can see of a project and of the list of projects, without moving its clock."""
    listed = ask(project.server, "/v1/projects", headers=bearer(project.token))
    project_list = project.server.client.get("/_mock/projects")
    numbers = [record["number"] for record in project.requests() if record["operation"] != "list-projects"]
    return project.ok("GET"), listed.json(), project_list.json(), numbers


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """No room for another change."""
    with file_size_limit(Path(f"{file}-wal").stat().st_size):
        yield


@pytest.mark.parametrize("name", WRITES)
def test_on_a_full_disk_a_write_is_a_507_that_changes_nothing_and_succeeds_once_there_is_room(
    project: SandboxProject, file: Path, name: str
) -> None:
    project.server.emulator.clock.seconds += 100  # type: ignore[attr-defined]  # time to write down a step
    before = state(project)
    with full_disk(file):
        error = error_of(WRITES[name](project), 507)
    assert error["message"].startswith(f"the database {file} cannot be written (")
    assert error["message"].endswith("); nothing is changed: make room on its disk, and send the request again")
    assert state(project)[:3] == before[:3]
    assert WRITES[name](project).is_success


def test_after_a_full_disk_ids_go_on_without_a_gap(project: SandboxProject, file: Path) -> None:
    with full_disk(file):
        error_of(WRITES["create a project"](project), 507)
        error_of(WRITES["add a rule"](project), 507)
    assert make_project(project.server, scenario="single").id == "single-2"
    assert project.fault("reset") == "fault-3"


def test_on_a_full_disk_a_mutation_by_a_fault_is_a_507_that_changes_nothing(
    project: SandboxProject, file: Path
) -> None:
    project.freeze()
    project.fault("mutate", {"times": 2}, insert=1, delete=2, finish=1)
    before = project.ok("GET")["statuses"]
    with full_disk(file):
        error = error_of(project.page(), 507)
    assert "make room on its disk" in error["message"]
    assert project.requests()[-1]["status"] == 507
    assert project.ok("GET")["statuses"] == before
    assert project.page().status_code == 200
    assert project.ok("GET")["statuses"] != before


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("replaced", [False, True], ids=["deleted", "replaced"])
def test_a_write_to_a_file_that_was_deleted_or_replaced_is_rejected_and_changes_nothing(
    project: SandboxProject, file: Path, name: str, *, replaced: bool
) -> None:
    project.server.emulator.clock.seconds += 100  # type: ignore[attr-defined]  # time to write down a step
    before = state(project)
    moved = file.with_name("moved.db")
    file.rename(moved)
    if replaced:
        shutil.copy(moved, file)
    error = error_of(WRITES[name](project), 500)
    assert error["message"] == (
        f"the database {file} was moved, deleted or replaced while the server runs; nothing is changed: "
        "put the same file back, or restart the server with the one that is there, or a new one"
    )
    assert state(project)[:3] == before[:3]
    moved.replace(file)
    assert WRITES[name](project).is_success


def test_steps_of_a_clock_that_cannot_be_written_at_the_end_are_reported_in_one_line(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running_server(SteppedClock(), database=file) as server:
        project = make_project(server, clock={"mode": "stepping", "step": "PT1M"})
        assert [project.page().status_code for _ in range(2)] == [200, 200]
        file.unlink()
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"mockserver: the last steps of clocks are lost: the database {file} was moved, deleted")


def test_errors_of_the_store_have_codes() -> None:
    assert (StoreFullError("").error_id, StoreDamagedError("").error_id) == ("nf-store-full", "nf-store-damaged")


# Damaged files


def overwrite(file: Path, page: int) -> None:
    with file.open("r+b") as opened:
        opened.seek((page - 1) * PAGE)
        opened.write(NOISE)


@pytest.fixture
def written(file: Path) -> Path:
    """A file with the example scenario and one more project, closed."""
    with running_server(database=file, scenario="example") as server:
        make_project(server, projectId="mine")
    return file


def change(file: Path, statement: str, *values: bytes) -> None:
    """Writes to a file what the server never writes."""
    store = engine.open_store(file, lambda _: None)
    store.connection.execute(statement, values)
    store.close()


@pytest.mark.parametrize("checked", [engine.CHECKED_BYTES, 0], ids=["checked", "too large to be checked"])
def test_a_file_with_noise_behind_its_first_page_is_refused_in_one_line(
    written: Path, checked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in range(2, written.stat().st_size // PAGE + 1):
        overwrite(written, page)
    monkeypatch.setattr(engine, "CHECKED_BYTES", checked)
    with pytest.raises(UsageError) as refused, running_server(database=written):
        pass
    assert str(refused.value) == (
        f"the database {written} is damaged: delete it to have it filled again, or name another file"
    )


def test_a_small_file_is_checked_beyond_what_the_start_reads(written: Path) -> None:
    overwrite(written, root_page(written, "restore"))
    with pytest.raises(UsageError, match="is damaged"), running_server(database=written):
        pass


def root_page(file: Path, table: str) -> int:
    store = engine.open_store(file, lambda _: None)
    ((page,),) = store.connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
    store.close()
    return int(page)


def test_damage_that_is_met_while_serving_is_a_500_that_says_so(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = root_page(written, "restore")
    monkeypatch.setattr(engine, "CHECKED_BYTES", 0)
    with running_server(database=written) as server:
        overwrite(written, page)
        error = error_of(server.page(), 500)
        assert error["message"] == (
            f"the database {written} is damaged (database disk image is malformed); nothing is changed: "
            "end the server, delete the file to have it filled again, and start the server"
        )
        error = error_of(server.client.post("/_mock/projects"), 500)
        assert "is damaged (database disk image is malformed)" in error["message"]


@pytest.mark.parametrize("value", [b"{", b"{}", b"\xff"])
def test_a_project_whose_row_is_damaged_is_a_500_that_says_so(written: Path, value: bytes) -> None:
    change(written, "UPDATE project SET recipe = CAST(? AS TEXT) WHERE token IS NOT NULL", value)
    with running_server(database=written) as server:
        assert server.page().status_code == 200
        error = error_of(server.client.get("/_mock/projects/mine"), 500)
        assert error["message"].startswith(f"the database {written} is damaged (")


def test_a_file_whose_first_rows_are_damaged_is_refused(written: Path) -> None:
    change(written, "UPDATE project SET clock = 'noon'")
    with (
        pytest.raises(UsageError, match="is damaged: delete it to have it filled again"),
        running_server(database=written),
    ):
        pass
