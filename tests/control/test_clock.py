"""A project's clock over HTTP: read it, set it, move it ahead; restores follow it."""

from typing import Any

import pytest

from mockserver.instants import INSTANT_MAX, timestamp
from tests.contract.responses import error_of
from tests.support import FROZEN, NOW, RunningServer, SteppedClock, make_project

MINUTE = 60_000


def shifted(by: int) -> str:
    return timestamp(NOW + by)


def test_a_clock_is_the_machines_unless_it_is_set(own: RunningServer, clock: SteppedClock) -> None:
    project = make_project(own, scenario="single")
    assert project.ok("GET", "/clock") == {"mode": "real", "now": shifted(0)}
    clock.instant += 5
    assert project.ok("GET", "/clock") == {"mode": "real", "now": shifted(5)}


@pytest.mark.parametrize(
    ("setting", "reading"),
    [
        ({"mode": "frozen"}, {"mode": "frozen", "now": shifted(0)}),
        ({"mode": "real"}, {"mode": "real", "now": shifted(0)}),
        ({"mode": "stepping", "step": 90}, {"mode": "stepping", "now": shifted(0), "step": "PT1M30S"}),
        ({"mode": "frozen", "now": "2030-01-01"}, {"mode": "frozen", "now": "2030-01-01T00:00:00.000Z"}),
        ({"mode": "real", "now": "2030-01-01T02:00:00+02:00"}, {"mode": "real", "now": "2030-01-01T00:00:00.000Z"}),
        ({"mode": "frozen", "now": "2030-01-01T00:00:00.0019"}, {"mode": "frozen", "now": "2030-01-01T00:00:00.001Z"}),
    ],
)
def test_a_clock_follows_its_setting(still: RunningServer, setting: dict[str, Any], reading: dict[str, str]) -> None:
    project = make_project(still, scenario="single")
    assert project.ok("PUT", "/clock", json=setting) == reading
    assert project.ok("GET", "/clock") == project.ok("GET")["clock"] == reading


def test_a_clock_can_be_set_from_any_mode_to_any_other(own: RunningServer, clock: SteppedClock) -> None:
    project = make_project(own, scenario="single").freeze(NOW + MINUTE)
    clock.instant += 7
    assert project.ok("PUT", "/clock", json={"mode": "real"})["now"] == shifted(MINUTE)
    clock.instant += 7
    assert project.ok("PUT", "/clock", json={"mode": "frozen"})["now"] == shifted(MINUTE + 7)
    clock.instant += 7
    assert project.ok("GET", "/clock")["now"] == shifted(MINUTE + 7)


@pytest.mark.parametrize("mode", [{"mode": "real"}, {"mode": "frozen"}, {"mode": "stepping", "step": 1}])
@pytest.mark.parametrize(("by", "milliseconds"), [("PT5M", 5 * MINUTE), (1.5, 1500), (0, 0), ("P1D", 86_400_000)])
def test_a_clock_moves_ahead(still: RunningServer, mode: dict[str, Any], by: str | float, milliseconds: int) -> None:
    project = make_project(still, scenario="single", clock=mode)
    moved = project.ok("POST", "/clock/advance", json={"by": by})
    assert moved["now"] == shifted(milliseconds)
    assert project.ok("GET", "/clock") == moved


@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("PUT", "/clock", {}, "mode"),
        ("PUT", "/clock", None, "body"),
        ("PUT", "/clock", {"mode": "slow"}, "mode"),
        ("PUT", "/clock", {"mode": "stepping"}, "body"),
        ("PUT", "/clock", {"mode": "frozen", "step": 5}, "body"),
        ("PUT", "/clock", {"mode": "frozen", "now": "soon"}, "now"),
        ("PUT", "/clock", {"mode": "frozen", "now": True}, "now"),
        ("PUT", "/clock", {"mode": "frozen", "now": "2107-01-01"}, "now"),
        ("PUT", "/clock", {"mode": "stepping", "step": "-PT5M"}, "step"),
        ("PUT", "/clock", {"mode": "frozen", "by": 5}, "by"),
        ("POST", "/clock/advance", {}, "by"),
        ("POST", "/clock/advance", None, "body"),
        ("POST", "/clock/advance", {"by": None}, "by"),
        ("POST", "/clock/advance", {"by": -5}, "by"),
        ("POST", "/clock/advance", {"by": "-PT5M"}, "by"),
        ("POST", "/clock/advance", {"by": "P1M"}, "by"),
        ("POST", "/clock/advance", {"by": "P40000D"}, "by"),
        ("POST", "/clock/advance", {"by": "P99999999D"}, "by"),
        ("POST", "/clock/advance", {"by": 5, "to": 5}, "to"),
    ],
)
def test_an_invalid_setting_is_rejected_with_its_location_and_changes_nothing(
    server: RunningServer, method: str, path: str, body: Any, place: str
) -> None:
    project = make_project(server, scenario="single", clock=FROZEN)
    error = error_of(project.control(method, path, json=body), 400)
    assert error["details"].keys() == {place}
    assert project.ok("GET", "/clock") == FROZEN


def test_a_clock_cannot_be_moved_past_2106(server: RunningServer) -> None:
    project = make_project(server, scenario="single").freeze(INSTANT_MAX - 1)
    project.advance(0.001)
    error = error_of(project.control("POST", "/clock/advance", json={"by": 0.001}), 400)
    assert "2106-02-07" in error["message"]
    assert project.restores()


@pytest.mark.parametrize(
    ("scenario", "after_30_seconds", "after_5_minutes"),
    [
        ("lifecycle", ["scheduled", "in-progress"], ["in-progress", "completed"]),
        ("failing", ["scheduled", "in-progress"], ["in-progress", "failed"]),
        ("aborting", ["aborting", "aborted"], ["aborted", "aborted"]),
        ("stuck", ["in-progress", "in-progress"], ["in-progress", "in-progress"]),
    ],
)
def test_a_restore_lives_as_the_clock_moves(
    server: RunningServer, scenario: str, after_30_seconds: list[str], after_5_minutes: list[str]
) -> None:
    project = make_project(server, scenario=scenario, clock=FROZEN)
    first, *seen = project.statuses_after(29.999, 0.001, 269.999, 0.001)
    assert (first, seen) == (after_30_seconds[0], after_30_seconds + after_5_minutes)
    project.advance("P3650D")
    assert project.statuses() == after_5_minutes[-1:]
    (restore,) = project.restores()
    assert restore.get("completedAt") == (shifted(5 * MINUTE) if scenario == "lifecycle" else None)
    assert (restore["id"], restore["restoreTimestamp"]) == (NOW, shifted(0))


def test_a_clock_that_is_set_back_takes_restores_back(server: RunningServer) -> None:
    project = make_project(server, scenario="lifecycle", clock=FROZEN)
    project.advance("PT1H")
    assert project.statuses() == ["completed"]
    assert project.freeze(NOW + MINUTE).statuses() == ["in-progress"]
    assert project.freeze(NOW - MINUTE).statuses() == ["scheduled"]


@pytest.mark.parametrize("scenario", ["lifecycle", "failing", "aborting", "stuck"])
def test_a_life_counts_from_the_projects_now_at_its_making(server: RunningServer, scenario: str) -> None:
    project = make_project(server, scenario=scenario, clock={"mode": "frozen", "now": "2030-01-01"})
    assert project.restores()[0]["restoreTimestamp"] == "2030-01-01T00:00:00.000Z"
    before = project.restores()
    project.advance("PT1H")
    project.ok("POST", "/reset")
    assert project.restores() == before


def test_a_stepping_clock_steps_after_each_list_of_restores(server: RunningServer) -> None:
    project = make_project(
        server, scenario="lifecycle", clock={"mode": "stepping", "now": timestamp(NOW), "step": "PT2M30S"}
    )
    assert [project.statuses()[0] for _ in range(4)] == ["scheduled", "in-progress", "completed", "completed"]
    assert project.ok("GET", "/clock")["now"] == shifted(10 * MINUTE)


def test_no_other_request_moves_a_stepping_clock(server: RunningServer) -> None:
    project = make_project(server, scenario="single", clock={"mode": "stepping", "now": timestamp(NOW), "step": 1})
    on_addon = "/addons/example-addon"
    for path in ("/addons", f"{on_addon}/backups", f"{on_addon}/backups/example-backup"):
        assert project.ask("GET", path).status_code == 200
    assert project.page("page=0").status_code == 400
    project.fault("status", {"times": 1}, status=503)
    project.fault("malformed", {"times": 1})
    assert [project.page().status_code for _ in range(2)] == [503, 200]
    assert project.ok("GET", "/clock")["now"] == shifted(0)
    assert project.page().status_code == 200
    assert project.ok("GET", "/clock")["now"] == shifted(1000)
    project.fault("malformed", {"operation": "list-addon-restores", "times": 1})
    assert project.ask("GET", f"{on_addon}/restores").status_code == 200
    assert project.ok("GET", "/clock")["now"] == shifted(1000)
    assert project.ask("GET", f"{on_addon}/restores").status_code == 200
    assert project.ok("GET", "/clock")["now"] == shifted(2000)


def test_a_clock_steps_no_further_than_time_goes(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    project.ok("PUT", "/clock", json={"mode": "stepping", "now": timestamp(INSTANT_MAX - 1500), "step": 1})
    assert [project.page().status_code for _ in range(3)] == [200] * 3
    assert project.ok("GET", "/clock")["now"] == timestamp(INSTANT_MAX - 500)


def test_a_real_clock_stops_at_the_last_supported_instant(own: RunningServer, clock: SteppedClock) -> None:
    project = make_project(own, scenario="stuck", contract="2026")
    project.ok("PUT", "/clock", json={"mode": "real", "now": timestamp(INSTANT_MAX)})
    clock.instant += 10_000
    assert project.ok("GET", "/clock")["now"] == timestamp(INSTANT_MAX)
    assert len(project.add()["id"]) == 24
