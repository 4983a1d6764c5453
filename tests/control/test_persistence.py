"""What outlives a restart on the same file, and what ends with the process."""

from pathlib import Path
from typing import Any

from tests.contract.responses import ask, bearer
from tests.support import NOW, RunningServer, SandboxProject, SteppedClock, make_project, running_server


def again(project: SandboxProject, server: RunningServer) -> SandboxProject:
    return SandboxProject(server, project.created)


def test_data_clocks_and_rules_outlive_a_restart_and_counts_and_the_journal_do_not(tmp_path: Path) -> None:
    clock = SteppedClock()
    with running_server(clock, database=tmp_path / "store.db") as server:
        project = make_project(
            server, scenario="lifecycle", contract="2026", permissions=["Project > Addons > General > Read"]
        )
        project.freeze(NOW + 30_000)
        project.add(endsAfter=60)
        project.fault("status", {"nth": 2}, status=503)
        project.fault("latency", ms=0)
        project.ok("DELETE", "/faults/fault-1")
        project.fault("status", {"nth": 2}, status=502)
        project.page()
        before = project.ok("GET")
    clock.instant += 5
    with running_server(clock, database=tmp_path / "store.db") as server:
        project = again(project, server)
        after = project.ok("GET")
        assert [fault.pop("triggered") for fault in after["faults"]] == [0, 0]
        assert [fault.pop("triggered") for fault in before["faults"]] == [1, 0]
        assert after == before
        assert project.requests() == []
        assert [project.page().status_code for _ in range(3)] == [200, 502, 200]
        assert project.ask("POST", "/addons/example-addon/backups/example-backup/restore").status_code == 401
        assert project.fault("reset") == "fault-4"
        assert ask(server, "/v1/projects", headers=bearer(project.token)).status_code == 401


def test_each_kind_of_clock_goes_on_after_a_restart(tmp_path: Path) -> None:
    clock = SteppedClock()
    settings: list[dict[str, Any]] = [
        {"mode": "real", "now": "2030-01-01"},
        {"mode": "frozen", "now": "2030-01-01"},
        {"mode": "stepping", "now": "2030-01-01", "step": "PT1M"},
    ]
    with running_server(clock, database=tmp_path / "store.db") as server:
        projects = [make_project(server, restores=[], clock=setting) for setting in settings]
        for project in projects:
            project.advance(1)
            project.page()
        before = [project.ok("GET", "/clock") for project in projects]
    assert [reading["now"][-10:-1] for reading in before] == ["00:01.000", "00:01.000", "01:01.000"]
    clock.instant += 7
    with running_server(clock, database=tmp_path / "store.db") as server:
        after = [again(project, server).ok("GET", "/clock") for project in projects]
    assert after[1:] == before[1:]
    assert (before[0]["now"], after[0]["now"]) == ("2030-01-01T00:00:01.000Z", "2030-01-01T00:00:01.007Z")


def test_a_reset_after_a_restart_goes_back_as_far(tmp_path: Path) -> None:
    with running_server(database=tmp_path / "store.db") as server:
        project = make_project(server, scenario="many", restores=30, clock={"mode": "frozen"}, seed=9)
        before = project.ok("GET")
        started = server.client.get("/_mock/projects/default-project").json()["restores"]
        project.on_backup("DELETE", f"/{project.restores()[0]['id']}").raise_for_status()
    with running_server(database=tmp_path / "store.db", scenario="empty", seed=2) as server:
        project = again(project, server)
        assert project.ok("GET")["restores"] == 29
        assert project.ok("POST", "/reset") == before
        assert "default-project" in server.client.post("/_mock/reset").json()["projects"]
        assert project.control("GET").status_code == 404
        assert server.client.get("/_mock/projects/default-project").json()["restores"] == started


def test_new_ids_keep_clear_of_those_of_before(tmp_path: Path) -> None:
    with running_server(database=tmp_path / "store.db", scenario="example") as server:
        created = {make_project(server, scenario="single").id for _ in range(3)}
        server.client.delete("/_mock/projects/single-2").raise_for_status()
    with running_server(database=tmp_path / "store.db") as server:
        assert make_project(server, scenario="single").id not in created - {"single-2"}


def test_a_stepping_clock_is_written_once_a_second_at_most_and_at_the_end(tmp_path: Path) -> None:
    clock = SteppedClock()
    with running_server(clock, database=tmp_path / "store.db") as server:
        stepping = {"mode": "stepping", "now": "2030-01-01", "step": 1}
        project = make_project(server, restores=[], clock=stepping)
        project.page()
        written = server.emulator.store.connection.total_changes
        for _ in range(5):
            clock.seconds += 0.19
            project.page()
        assert server.emulator.store.connection.total_changes == written
        clock.seconds += 0.05
        project.page()
        assert server.emulator.store.connection.total_changes == written + 1
        project.page()
        before = project.ok("GET", "/clock")
        assert before["now"] == "2030-01-01T00:00:08.000Z"
    with running_server(clock, database=tmp_path / "store.db") as server:
        assert again(project, server).ok("GET", "/clock") == before
