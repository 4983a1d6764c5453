"""The changes that a client makes to a project: for each, the request and its documented effect. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from endurance.model.answers import WrongResponseError, at, check, check_part
from endurance.model.lives import ALWAYS, BEGINNINGS, ENDINGS, Step, Window
from endurance.model.project import ADDON, BACKUP, Project
from endurance.model.rules import Rule

SECOND = 1000
SCHEDULED_FOR, IN_PROGRESS_FOR, ABORTING_FOR = 5 * SECOND, 60 * SECOND, 10 * SECOND
Apply = Callable[[Project, Window, Any], None]


class InconclusiveError(Exception):
    """The effect of a change depends on an unknown instant, so the model cannot follow the project any longer."""


@dataclass(frozen=True, slots=True)
class Write:
    """One change. ``apply`` makes it in the model, and raises WrongResponseError if the response is wrong.

    It takes the window of the machine's instant, and the body of the response, or None if that was lost.
    ``operation`` is its name in fault rules; changes through the control plane have none.
    """

    method: str
    path: str
    body: dict[str, Any] | None
    status: int
    apply: Apply
    operation: str | None = None


def create(project: Project) -> Write:
    """Creates the project."""

    def apply(model: Project, machine: Window, body: Any) -> None:
        model.start(machine)
        if body is not None:
            expected = {"projectId": model.id, "token": model.token, "restores": len(model.rows)}
            check_part(expected, body, "project")

    return Write("POST", "/_mock/projects", project.body, 201, apply)


def delete(project: Project) -> Write:
    """Deletes the project; afterwards the model is not used any more."""
    return Write("DELETE", control_path(project), None, 204, lambda *_: None)


def reset(project: Project) -> Write:
    """Resets the project."""

    def apply(model: Project, machine: Window, _: Any) -> None:
        model.start(machine)

    return Write("POST", f"{control_path(project)}/reset", None, 200, apply)


def start_restore(project: Project) -> Write:
    """Starts a restore with the vendor's operation."""

    def apply(model: Project, machine: Window, body: Any) -> None:
        now = model.clock.now(machine)
        got = at(body, "data", "restoreId")
        initiated = _initiated(now, got)
        starts_after = initiated.later(SCHEDULED_FOR)
        steps = [Step("in-progress", starts_after), Step("completed", starts_after.later(IN_PROGRESS_FOR))]
        model.add(now, [Step("scheduled", ALWAYS), *steps], got)

    return Write("POST", f"{api_path(project)}/restore", None, 200, apply, "restore-backup")


def abort(project: Project, number: int, now: Window) -> Write:
    """Aborts a restore; the response is a 409 if it has ended."""
    has_ended = project.lives[number].statuses(now) <= {*ENDINGS}

    def apply(model: Project, machine: Window, _: Any) -> None:
        instant = model.clock.now(machine)
        life = model.lives[number]
        statuses = life.statuses(instant)
        if len(statuses) > 1:
            raise InconclusiveError
        if statuses <= {*BEGINNINGS}:
            life.continue_with(Step("aborting", instant), Step("aborted", instant.later(ABORTING_FOR)))

    body = {"restoreId": str(project.shown_id(number))}
    return Write("POST", f"{api_path(project)}/abort-restore", body, 409 if has_ended else 200, apply, "abort-restore")


def add_restore(project: Project, plan: dict[str, Any]) -> Write:
    """Adds a restore with a plan: ``startsAfter``, ``endsAfter``, ``outcome``."""

    def apply(model: Project, machine: Window, body: Any) -> None:
        now = model.clock.now(machine)
        got = at(body, "id")
        initiated = _initiated(now, got)
        life = model.add(now, _planned(initiated, plan), got)
        if body is not None:
            model.check_restore(life.number, body, now)

    return Write("POST", control_restores(project), plan, 201, apply)


def force(project: Project, number: int, status: str) -> Write:
    """Forces a restore to a status, in which it stays."""

    def apply(model: Project, machine: Window, body: Any) -> None:
        now = model.clock.now(machine)
        model.lives[number].steps = (
            [Step(status, ALWAYS)]
            if status in {"scheduled", "not-supported"}
            else [Step("scheduled", ALWAYS), Step(status, now)]
        )
        if body is not None:
            model.check_restore(number, body, now)

    path = f"{control_restores(project)}/{project.shown_id(number)}"
    return Write("PATCH", path, {"status": status}, 200, apply)


def remove(project: Project, number: int) -> Write:
    """Removes a restore."""

    def apply(model: Project, *_: Any) -> None:
        del model.lives[number]

    return Write("DELETE", f"{control_restores(project)}/{project.shown_id(number)}", None, 204, apply)


def set_clock(project: Project, setting: dict[str, Any]) -> Write:
    """Sets the clock."""

    def apply(model: Project, machine: Window, body: Any) -> None:
        model.clock.set(setting, machine)
        _check_clock(model, machine, body)

    return Write("PUT", f"{control_path(project)}/clock", setting, 200, apply)


def advance(project: Project, seconds: int) -> Write:
    """Moves the clock ahead."""

    def apply(model: Project, machine: Window, body: Any) -> None:
        model.clock.advance(seconds * SECOND)
        _check_clock(model, machine, body)

    return Write("POST", f"{control_path(project)}/clock/advance", {"by": f"PT{seconds}S"}, 200, apply)


def add_rule(project: Project, rule: dict[str, Any]) -> Write:
    """Adds a fault rule."""

    def apply(model: Project, _: Window, body: Any) -> None:
        rule_id = at(body, "id")
        if body is not None:
            check_part(rule, body, "rule")
            if not isinstance(rule_id, str) or rule_id in {other.id for other in model.rules}:
                raise WrongResponseError("the id of a rule", "a string that no other rule has", rule_id)
        model.rules.append(Rule(rule, rule_id))

    return Write("POST", f"{control_path(project)}/faults", rule, 201, apply)


def delete_rules(project: Project, rule_id: str | None = None) -> Write:
    """Deletes one fault rule, or all."""

    def apply(model: Project, *_: Any) -> None:
        model.rules[:] = [rule for rule in model.rules if rule_id not in {None, rule.id}]

    path = f"{control_path(project)}/faults"
    return Write("DELETE", path if rule_id is None else f"{path}/{rule_id}", None, 204, apply)


def control_path(project: Project) -> str:
    return f"/_mock/projects/{project.id}"


def api_path(project: Project) -> str:
    return f"/v1/projects/{project.id}/addons/{ADDON}/backups/{BACKUP}"


def control_restores(project: Project) -> str:
    return f"{control_path(project)}/addons/{ADDON}/backups/{BACKUP}/restores"


def _initiated(now: Window, got: Any) -> Window:
    """When a restore was initiated: at the instant of its id, or before it if that id was taken."""
    number = int(got) if str(got).isdigit() else now.latest
    return now if now.is_exact else Window(now.earliest, max(now.earliest, min(number, now.latest)))


def _planned(now: Window, plan: dict[str, Any]) -> list[Step]:
    """The steps of a restore with that plan, counted from ``now``."""
    starts_after, ends_after = plan.get("startsAfter"), plan.get("endsAfter")
    outcome = plan.get("outcome", "completed")
    steps = [Step("scheduled", ALWAYS)]
    if starts_after is not None or ends_after is not None:
        steps.append(Step("in-progress", now.later((starts_after or 0) * SECOND)))
    if ends_after is not None and outcome == "aborted":
        steps.append(Step("aborting", now.later(max((starts_after or 0) * SECOND, ends_after * SECOND - ABORTING_FOR))))
    if ends_after is not None:
        steps.append(Step(outcome, now.later(ends_after * SECOND)))
    return steps


def _check_clock(project: Project, machine: Window, body: Any) -> None:
    if body is not None:
        rendered = project.clock.rendered(machine, body)
        check(rendered, body, "clock")
        project.clock.learn(rendered)
