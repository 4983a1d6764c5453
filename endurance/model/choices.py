"""Chooses what a client does next, from a seeded random: projects, changes of them, fault rules. Pure."""

from collections.abc import Sequence
from random import Random
from typing import Any

from endurance.model import writes
from endurance.model.lives import STATUSES, Window, timestamp
from endurance.model.project import Project, Query
from endurance.model.rules import BY_CHANCE, LOSING
from endurance.model.writes import SECOND, Write

DAY = 24 * 60 * 60 * SECOND
MAX_RESTORES = 400
PAGE_MAX = 1_000_000_000
STEADY = 3 * SECOND
"""A restore is aborted only if its status stays the same for this time; otherwise the response is unpredictable."""

_BEGINNING_OF_2001 = 978_307_200_000
_ERRORS = (400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504)
_LIST_OPERATIONS = ("list-restores", "list-restores", "list-restores", "list-addon-restores")
_OTHER_OPERATIONS = ("get-backup", "restore-backup", "abort-restore")


def new_project(random: Random, project_id: str, modes: Sequence[str] = ("frozen", "stepping", "real")) -> Project:
    """A new project, whose restores are in a period of their own, so no other project has their ids."""
    began = _BEGINNING_OF_2001 + random.randrange(8000 * DAY)
    count = random.choice([0, 1, 7, 50, random.randrange(120), random.randrange(MAX_RESTORES)])
    clock: dict[str, Any] = {"mode": random.choice(modes)}
    if clock["mode"] != "real":
        clock["now"] = timestamp(began + 1000 * DAY)
    if clock["mode"] == "stepping":
        clock["step"] = random.randint(1, 50)
    contract = "2024" if clock["mode"] == "real" else random.choice(["2024", "2026"])
    numbers = random.sample(range(began, began + 900 * DAY), count)
    return Project(project_id, contract, [_row(random, number) for number in numbers], clock)


def write(random: Random, project: Project, now: Window) -> Write:
    """A change of a project, at the instant ``now`` of its clock."""
    while True:
        kind = random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        if chosen := _write(random, project, now, kind):
            return chosen


def lasting_write(random: Random, project: Project, now: Window) -> Write:
    """A change whose effect is known even if its response is lost, and stays the same when the project is read.

    So nothing is added or ended on a real clock, no clock steps, no fault is triggered, and no restore is forced to the
    status that it has: that changes only what comes later, so nobody could see whether it was made.
    """
    while True:
        kind = random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        if kind == "clock":
            modes = ["frozen", "real"] if now.is_exact and project.contract == "2024" else ["frozen"]
            return writes.set_clock(project, _clock(random, now, modes))
        if kind == "rule":
            no_request = {"operation": "list-restores", "page": PAGE_MAX}
            return writes.add_rule(project, rule(random, project) | no_request)
        is_known = now.is_exact or kind not in {"restore", "add", "abort", "force"}
        kind = "change" if kind == "force" else kind
        if is_known and (chosen := _write(random, project, now, kind)):
            return chosen


def _write(random: Random, project: Project, now: Window, kind: str) -> Write | None:
    """A change of that kind; None if none is possible."""
    known = [number for number in project.newest_first() if project.shown_id(number) is not None]
    number = random.choice(known[:5] + known) if known else None
    is_full = len(project.lives) >= MAX_RESTORES
    if kind == "restore" and not is_full:
        return writes.start_restore(project)
    if kind == "add" and not is_full:
        return writes.add_restore(project, _plan(random))
    if kind in {"force", "change"} and number is not None:
        current = project.lives[number].statuses(now) if kind == "change" else ()
        return writes.force(project, number, random.choice([each for each in STATUSES if each not in current]))
    if kind == "remove" and number is not None:
        return writes.remove(project, number)
    if kind == "abort" and number is not None and _is_steady(project, number, now):
        return writes.abort(project, number, now)
    if kind == "advance":
        return writes.advance(project, random.choice([0, 1, 5, 30, 60, 3600]))
    if kind == "clock":
        can_run = project.contract == "2024" and not project.rules
        return writes.set_clock(project, _clock(random, now, ["frozen", "stepping", *(["real"] if can_run else [])]))
    if kind == "rule":
        return writes.add_rule(project, rule(random, project))
    if kind == "no rule" and project.rules:
        return writes.delete_rules(project, random.choice([None, random.choice(project.rules).id]))
    return writes.reset(project) if kind == "reset" else None


_WEIGHTS = {
    "restore": 4,
    "add": 4,
    "abort": 4,
    "force": 4,
    "remove": 2,
    "advance": 4,
    "clock": 2,
    "rule": 16,
    "no rule": 2,
    "reset": 1,
}


def rule(random: Random, project: Project) -> dict[str, Any]:
    """A fault rule, of any kind that the model can follow.

    On a real clock, the model learns instants only from responses. So no rule there changes a list, loses the response
    to a change, or holds.
    """
    fault = random.choice(_FAULTS)(random)
    kind = fault["kind"]
    is_hidden = kind == "mutate" or kind in LOSING
    operations = _LIST_OPERATIONS if project.clock.is_real and is_hidden else (*_LIST_OPERATIONS, *_OTHER_OPERATIONS)
    operation = "list-restores" if kind == "mutate" else random.choice(operations)
    if kind == "mutate" and project.clock.is_real:
        fault = {"kind": "latency", "ms": 1}
    if kind == "rate-limit" and project.clock.is_real:
        fault = {"kind": "rate-limit", "reset": 0}
    body: dict[str, Any] = {"operation": operation, "times": random.randint(1, 3), "fault": fault}
    if operation in _LIST_OPERATIONS and random.random() < 0.5:
        body["page"] = random.choice([1, 1, 2, 3])
    if random.random() < 0.2:
        body["nth"] = random.randint(1, 4)
    elif fault.get("status") == BY_CHANCE:
        body["probability"] = 0.5
    if kind != "rate-limit" and not project.clock.is_real and random.random() < 0.2:
        body["for"] = random.choice(["PT0S", "PT1S", "PT30S"])
    return body


def query(random: Random, *, of_addon: bool = False) -> Query:
    """A page of a list, by number."""
    page = random.choice([1, 1, 1, 2, 3, random.randint(1, 20), PAGE_MAX])
    return Query(random.choice([50, 100, random.randint(1, 100)]), page, None, of_addon)


def _row(random: Random, number: int) -> dict[str, Any]:
    status = random.choice(STATUSES)
    row = {"id": number, "status": status, "restoreTimestamp": timestamp(number - random.choice([0, 0, DAY]))}
    return row | ({"completedAt": timestamp(number + random.randrange(DAY))} if status == "completed" else {})


def _plan(random: Random) -> dict[str, Any]:
    starts, lasts = random.choice([None, 0, 5, 40]), random.choice([None, 0, 20, 90])
    plan: dict[str, Any] = {} if starts is None else {"startsAfter": starts}
    if lasts is not None:
        plan["endsAfter"] = (starts or 0) + lasts
        if random.random() < 0.8:
            plan["outcome"] = random.choice(["completed", "failed", "aborted"])
    return plan


def _clock(random: Random, now: Window, modes: list[str]) -> dict[str, Any]:
    """A clock setting in one of these modes, which never moves the clock back."""
    setting: dict[str, Any] = {"mode": random.choice(modes)}
    if random.random() < 0.5:
        setting["now"] = timestamp(now.latest + random.randrange(60 * SECOND))
    return setting | ({"step": random.randint(1, 50)} if setting["mode"] == "stepping" else {})


def _is_steady(project: Project, number: int, now: Window) -> bool:
    window = now if now.is_exact else Window(now.earliest, now.latest + STEADY)
    return len(project.lives[number].statuses(window)) == 1


def _status(random: Random) -> dict[str, Any]:
    return {"kind": "status", "status": random.choice([BY_CHANCE, *_ERRORS])}


def _mutate(random: Random) -> dict[str, Any]:
    insert, delete, finish = (random.choice([0, random.randint(1, 5)]) for _ in range(3))
    return {"kind": "mutate", "insert": insert or int(not (delete or finish)), "delete": delete, "finish": finish}


_FAULTS = (
    _status,
    _mutate,
    lambda random: {"kind": "rate-limit", "reset": random.choice([0, 1, 5, 60, 3600])},
    lambda random: {"kind": "latency", "ms": random.randint(0, 300)},
    lambda random: {"kind": "slow", "bytesPerSecond": random.randint(20_000, 200_000)},
    lambda _: {"kind": "reset"},
    lambda _: {"kind": "truncate"},
    lambda _: {"kind": "malformed"},
)
