"""The model that both tests compare the server with; it is written from the documentation only."""

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from endurance.model import choices
from endurance.model.answers import WrongResponseError
from endurance.model.clocks import Clock
from endurance.model.lives import ALWAYS, STATUSES, Life, Step, Window, exactly, instant_of, timestamp
from endurance.model.project import Project, Query
from endurance.model.rules import BY_CHANCE, Rule, Rules

ROOT = Path(__file__).parents[2]
NOW = 1_700_000_000_000
MACHINE = exactly(NOW)


def a_project(contract: str = "2024", *numbers: int) -> Project:
    rows = [{"id": number, "status": "failed", "restoreTimestamp": timestamp(number)} for number in numbers]
    project = Project("a", contract, rows, {"mode": "frozen", "now": timestamp(NOW)})
    project.start(MACHINE)
    return project


def page_of(project: Project, *numbers: int, cursor: str | None = None, **more: Any) -> dict[str, Any]:
    restores = [{"id": number, "restoreTimestamp": timestamp(number), "status": "failed", **more} for number in numbers]
    pagination = {"hasNextPage": cursor is not None} | ({} if cursor is None else {"cursor": cursor})
    assert project.contract == "2024"
    return {"data": {"restores": restores}, "pagination": pagination | {"count": len(restores)}}


def test_the_model_uses_no_code_of_the_server() -> None:
    sources = list((ROOT / "endurance").rglob("*.py"))
    assert len(sources) > 5
    assert not [
        path.name for path in sources if re.search(r"^\s*(from|import) mockserver", path.read_text(), re.MULTILINE)
    ]


def test_an_instant_is_written_as_a_timestamp_of_the_contract() -> None:
    assert timestamp(1_611_141_594_494) == "2021-01-20T11:19:54.494Z"
    assert instant_of("2021-01-20T11:19:54.494Z") == 1_611_141_594_494
    assert [instant_of(text) for text in ("2021-01-20", "2021-01-20T11:19:54Z", None)] == [None, None, None]


@pytest.mark.parametrize(
    ("since_now", "status"),
    [(-1, "scheduled"), (0, "in-progress"), (999, "in-progress"), (1000, "completed"), (9999, "completed")],
)
def test_a_restore_has_the_status_of_its_last_step_in_the_past(since_now: int, status: str) -> None:
    steps = [Step("scheduled", ALWAYS), Step("in-progress", exactly(NOW)), Step("completed", exactly(NOW + 1000))]
    assert Life(1, timestamp(1), steps).statuses(exactly(NOW + since_now)) == {status}


def started_at_some_time() -> Life:
    steps = [Step("scheduled", ALWAYS), Step("completed", Window(NOW, NOW + 100))]
    return Life(1, timestamp(1), steps)


def test_a_restore_may_have_either_status_until_its_change_is_certain() -> None:
    life = started_at_some_time()
    assert life.statuses(exactly(NOW + 50)) == {"scheduled", "completed"}
    assert life.statuses(exactly(NOW + 100)) == {"completed"}


def test_a_status_that_was_seen_does_not_go_back() -> None:
    life = started_at_some_time()
    life.learn(life.rendered(exactly(NOW + 50), {"status": "completed"}), exactly(NOW + 50))
    assert life.statuses(exactly(NOW + 60)) == {"completed"}


def test_a_status_that_was_seen_at_an_instant_has_not_changed_before_it() -> None:
    life = started_at_some_time()
    life.learn(life.rendered(exactly(NOW + 50), {"status": "scheduled"}), exactly(NOW + 50))
    assert life.statuses(exactly(NOW + 40)) == {"scheduled"}


def test_a_completion_time_that_was_seen_does_not_change() -> None:
    life, now = started_at_some_time(), exactly(NOW + 200)
    seen = {"status": "completed", "completedAt": timestamp(NOW + 7)}
    life.learn(life.rendered(now, seen), now)
    assert life.rendered(now, {"status": "completed", "completedAt": timestamp(NOW + 8)})["completedAt"] == timestamp(
        NOW + 7
    )


def test_a_stepping_clock_steps_and_a_real_one_follows_the_machine() -> None:
    clock = Clock()
    clock.set({"mode": "stepping", "now": timestamp(5000), "step": 2}, MACHINE)
    clock.tick()
    assert clock.now(exactly(NOW + 9)) == exactly(7000)
    clock.set({"mode": "real"}, Window(NOW, NOW + 10))
    clock.tick()
    assert clock.now(Window(NOW + 100, NOW + 101)) == Window(7000 + 90, 7000 + 101)


def test_the_first_exclusive_rule_wins_and_delays_add_up() -> None:
    faults: list[dict[str, Any]] = [
        {"kind": "latency", "ms": 5},
        {"kind": "reset"},
        {"kind": "malformed"},
        {"kind": "latency", "ms": 7},
    ]
    rules = Rules(Rule({"operation": "list-restores", "times": 1, "fault": fault}) for fault in faults)
    outcomes = [rules.trigger("list-restores", 1, NOW, by_chance=False) for _ in range(3)]
    assert [(outcome.kind, outcome.delay_ms) for outcome in outcomes] == [("reset", 12), ("malformed", 0), (None, 0)]


@pytest.mark.parametrize(
    ("when", "triggered"),
    [
        ({}, [1, 1, 1, 1]),
        ({"page": 2}, [0, 1, 0, 1]),
        ({"nth": 2}, [0, 1, 0, 0]),
        ({"times": 2}, [1, 1, 0, 0]),
        ({"page": 2, "nth": 2}, [0, 0, 0, 1]),
        ({"operation": "get-backup"}, [0, 0, 0, 0]),
        ({"probability": 0.5}, [0, 0, 0, 1]),
    ],
)
def test_a_rule_is_triggered_by_the_requests_that_match(when: dict[str, Any], triggered: list[int]) -> None:
    fault = {"kind": "status", "status": BY_CHANCE}
    rules = Rules([Rule({"operation": "list-restores", "fault": fault, **when})])
    requests = [(1, False), (2, False), (1, False), (2, True)]
    outcomes = [rules.trigger("list-restores", page, NOW, by_chance=by_chance) for page, by_chance in requests]
    assert [len(outcome.triggered) for outcome in outcomes] == triggered


@pytest.mark.parametrize(
    ("rule", "resets"),
    [
        ({"fault": {"kind": "rate-limit", "reset": 2}}, [2, 2, 1, None, None]),
        ({"fault": {"kind": "status", "status": 503}, "for": "PT2S"}, [2, 2, 1, None, None]),
        ({"fault": {"kind": "rate-limit", "reset": 0}}, [0, None, None, None, None]),
    ],
)
def test_a_rule_holds_on_the_clock_of_the_project(rule: dict[str, Any], resets: list[int | None]) -> None:
    rules = Rules([Rule({"operation": "list-restores", "times": 1, **rule})])
    outcomes = [rules.trigger("list-restores", 1, NOW + later, by_chance=False) for later in (0, 500, 1999, 2000, 9000)]
    assert [outcome.reset if outcome.decisive else None for outcome in outcomes] == resets
    assert rules[0].triggered == 1


def test_pages_come_newest_first_and_go_on_behind_the_last_restore() -> None:
    project = a_project("2024", 1, 3, 5)
    page = project.check_page(Query(2), page_of(project, 5, 3, cursor="c"), MACHINE)
    assert page.following == Query(2, 2, after=3)
    del project.lives[5]
    assert project.check_page(page.following, page_of(project, 1), MACHINE).following is None
    assert project.check_page(Query(2, 9), page_of(project), MACHINE).numbers == []


@pytest.mark.parametrize(
    ("numbers", "cursor", "more"),
    [
        ((3, 5), "c", {}),
        ((5,), "c", {}),
        ((5, 3, 1), None, {}),
        ((5, 3), None, {}),
        ((5, 3), "c/", {}),
        ((5, 3), "c", {"completedAt": None}),
        ((5, 3), "c", {"status": "aborted"}),
    ],
)
def test_any_other_page_is_wrong(numbers: tuple[int, ...], cursor: str | None, more: dict[str, Any]) -> None:
    project = a_project("2024", 1, 3, 5)
    with pytest.raises(WrongResponseError):
        project.check_page(Query(2), page_of(project, *numbers, cursor=cursor, **more), MACHINE)


def test_the_same_position_has_the_same_cursor() -> None:
    project = a_project("2024", 1, 3, 5)
    for cursor in ("c", "c"):
        project.check_page(Query(2), page_of(project, 5, 3, cursor=cursor), MACHINE)
    with pytest.raises(WrongResponseError, match="cursor: expected c, got d"):
        project.check_page(Query(2), page_of(project, 5, 3, cursor="d"), MACHINE)


def test_an_object_id_begins_with_the_seconds_and_stays_the_same() -> None:
    project = a_project("2026", 0x4D2_000)
    number = 0x4D2_000
    restore = {"restoreTimestamp": timestamp(number), "status": "failed"}
    good = f"{number // 1000:08x}" + "0" * 16
    for reported in ("f" * 24, good[:-1], number):
        with pytest.raises(WrongResponseError):
            project.check_restore(number, {"id": reported, **restore}, MACHINE)
    project.check_restore(number, {"id": good, **restore}, MACHINE)
    with pytest.raises(WrongResponseError):
        project.check_restore(number, {"id": good[:-1] + "1", **restore}, MACHINE)


def test_a_new_restore_has_the_next_free_id() -> None:
    project = a_project("2024", NOW, NOW + 1)
    with pytest.raises(WrongResponseError):
        project.add(MACHINE, [Step("scheduled", ALWAYS)], str(NOW + 3))
    assert project.add(MACHINE, [Step("scheduled", ALWAYS)], str(NOW + 2)).number == NOW + 2


@pytest.mark.parametrize(
    ("got", "is_right"), [(-1, False), (0, False), (1, True), (10, True), (11, False), ("x", False)]
)
def test_on_a_real_clock_a_new_id_is_within_the_window_of_the_request(got: int | str, is_right: bool) -> None:
    project = a_project("2024", NOW)
    reported = NOW + got if isinstance(got, int) else got
    if is_right:
        assert project.add(Window(NOW, NOW + 10), [Step("scheduled", ALWAYS)], reported).number == reported
    else:
        with pytest.raises(WrongResponseError):
            project.add(Window(NOW, NOW + 10), [Step("scheduled", ALWAYS)], reported)


def test_a_mutation_changes_the_newest_first() -> None:
    project = a_project("2024", 1, 2, 3)
    project.lives[2].steps = [Step("in-progress", ALWAYS)]
    project.mutate(MACHINE, {"insert": 2, "delete": 1, "finish": 5})
    assert project.newest_first() == [NOW + 1, NOW, 2, 1]
    assert [project.lives[number].statuses(MACHINE) for number in (NOW, 2, 1)] == [
        {"in-progress"},
        {"completed"},
        {"failed"},
    ]


def test_the_statuses_of_a_project_are_counted() -> None:
    project = a_project("2024", 1, 2)
    counts = dict.fromkeys(STATUSES, 0) | {"failed": 2}
    project.check_statuses(counts, MACHINE)
    with pytest.raises(WrongResponseError, match=r"statuses\.failed: expected 2, got 1"):
        project.check_statuses(counts | {"failed": 1}, MACHINE)


def test_a_lasting_write_never_forces_a_restore_to_the_status_that_it_has() -> None:
    project = a_project("2024", 1)
    project.lives[1].steps = [Step("in-progress", ALWAYS)]
    written = [choices.lasting_write(Random(seed), project, MACHINE) for seed in range(300)]  # noqa: S311 - no secret
    forced = {write.body["status"] for write in written if write.method == "PATCH" and write.body}
    assert forced == {*STATUSES} - {"in-progress"}
