"""Scenario files: their format, and where they are.

A scenario is a TOML file with one line of ``help`` and a list of projects. These have addons, which have backups, which
have restores, either generated or listed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationError, model_validator

from mockserver.contract.lifecycle import Outcome, Status, Timeline, plan_timeline
from mockserver.contract.shapes import AddonStatus
from mockserver.contract.versions import is_object_id, second_of
from mockserver.durations import Duration
from mockserver.errors import UsageError
from mockserver.instants import INSTANT_MAX, Moment, timestamp, unix_milliseconds
from mockserver.messages import format_location, location_of, quoted, sentence
from mockserver.seeding.parts import Part, RowError, Slug, check_unique_ids
from mockserver.seeding.source import read_toml

GENERATED = "(generated)"
ROWS = "(rows)"
HELD = "(held)"
PLANNED = "(planned)"
EXACT = "(exact)"
NUMBER = "(number)"
"""Tags of the forms that restores can have; in parentheses, so that messages leave them out of a field's location."""

ABORTING_FOR = 10_000
"""How long a restore is aborting, in milliseconds, if a scenario does not say."""


def _check_one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def _check_object_id(text: str) -> str:
    if not is_object_id(text):
        raise ValueError(f"must be 24 hexadecimal digits in lower case; got {quoted(text)}")
    return text


class _Row(Part):
    """A restore's ids. An ObjectId as ``id`` is short for ``objectId``."""

    id: Annotated[int, Field(ge=0, le=INSTANT_MAX, strict=True)] | None = None
    objectId: Annotated[str, AfterValidator(_check_object_id)] | None = None
    restoreTimestamp: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _take_object_id(cls, content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("id"), str) or not is_object_id(content["id"]):
            return content
        if "objectId" in content:
            raise ValueError("must not have an ObjectId both as id and as objectId")
        return {**{key: value for key, value in content.items() if key != "id"}, "objectId": content["id"]}

    @classmethod
    def hint(cls, name: str, content: Mapping[str, Any]) -> str:
        if "plan" in content:
            return super().hint(name, content)
        if name in PlannedRestore.model_fields and "status" in content:
            return "a restore has a status, in which it stays, or a plan"
        return f"allowed: {', '.join(dict.fromkeys((*RestoreRow.model_fields, *PlannedRestore.model_fields, 'plan')))}"

    def initiated(self, default: int) -> int:
        """When the restore is initiated: what its row says, else its id, else its ObjectId, else ``default``."""
        if self.restoreTimestamp is not None:
            return unix_milliseconds(self.restoreTimestamp)
        if self.id is None and self.objectId is not None:
            return second_of(self.objectId)
        return default if self.id is None else self.id


class RestoreRow(_Row):
    """A restore that stays in ``status``. Fields that are left out are generated."""

    status: Status
    completedAt: Moment | None = None

    @model_validator(mode="after")
    def _check_completed_at(self) -> Self:
        if self.completedAt and self.status is not Status.COMPLETED:
            raise ValueError(f'must not have completedAt unless its status is "completed"; it is "{self.status}"')
        return self

    def ends_at(self, now: int) -> int | None:
        """The instant of ``completedAt``; raises RowError if it is after ``now``, the project's present instant."""
        ends_at = unix_milliseconds(self.completedAt) if self.completedAt else None
        if ends_at is not None and ends_at > now:
            problem = f"must not be after the project's present instant, {timestamp(now)}: choose an earlier one"
            raise RowError("completedAt", problem)
        return ends_at


class PlannedRestore(Part):
    """What a restore does as the project's clock moves on from its present instant; see ``plan_timeline``."""

    startsAfter: Duration | None = None
    endsAfter: Duration | None = None
    abortAfter: Duration | None = None
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _check_plan(self) -> Self:
        self.timeline(0)
        return self

    def timeline(self, now: int, aborting_for: int = ABORTING_FOR) -> Timeline:
        """The timeline if the project's clock is at ``now``."""
        return plan_timeline(
            now,
            starts_after=self.startsAfter,
            ends_after=self.endsAfter,
            outcome=self.outcome,
            abort_after=self.abortAfter,
            aborting_for=aborting_for,
        )


class PlannedRow(PlannedRestore, _Row):
    """A restore with a plan."""

    def timeline_at(self, now: int, aborting_for: int = ABORTING_FOR) -> Timeline:
        """Its timeline, initiated at ``now`` unless the row says otherwise; raises RowError beyond the last instant."""
        timeline = self.timeline(now, aborting_for)
        for field, instant in (
            ("startsAfter", timeline.starts_at),
            ("endsAfter", timeline.ends_at),
            ("abortAfter", timeline.abort_requested_at),
        ):
            if instant is not None and instant > INSTANT_MAX:
                raise RowError(field, "would be after 2106-02-07, the last supported date")
        return timeline._replace(initiated=self.initiated(now))


class Instants(Part):
    """The instants of a restore, whatever the project's clock says; one that is left out never comes."""

    startsAt: Moment | None = None
    endsAt: Moment | None = None
    abortRequestedAt: Moment | None = None
    outcome: Outcome | None = None


class ExactRow(_Row):
    """A restore whose plan has instants, as the control plane lists it and as an exported scenario has it."""

    plan: Instants

    def timeline_at(self, now: int, _: int = ABORTING_FOR) -> Timeline:
        """Its timeline, initiated at ``now`` unless the row says otherwise."""
        starts_at, ends_at, requested_at = (
            None if moment is None else unix_milliseconds(moment)
            for moment in (self.plan.startsAt, self.plan.endsAt, self.plan.abortRequestedAt)
        )
        return Timeline(self.initiated(now), starts_at, ends_at, self.plan.outcome, requested_at)


def _tag_of_row(row: Any) -> str:
    if isinstance(row, dict):
        return EXACT if "plan" in row else HELD if row.keys() & {"status", "completedAt"} else PLANNED
    return EXACT if isinstance(row, ExactRow) else HELD if isinstance(row, RestoreRow) else PLANNED


AnyRestore = Annotated[
    Annotated[RestoreRow, Tag(HELD)] | Annotated[PlannedRow, Tag(PLANNED)] | Annotated[ExactRow, Tag(EXACT)],
    Discriminator(_tag_of_row),
]
"""An item with a plan is an ``ExactRow``, one with a status a ``RestoreRow``; any other is a ``PlannedRow``."""


class GeneratedRestores(Part):
    """``count`` restores between two instants, with statuses in the proportions of ``outcomes``."""

    count: Annotated[int, Field(ge=0, strict=True)]
    outcomes: dict[Status, Annotated[int, Field(ge=1)]] = Field({Status.COMPLETED: 1}, min_length=1)
    since: Moment = datetime(2024, 1, 1, tzinfo=UTC)
    until: Moment = datetime(2024, 7, 1, tzinfo=UTC)

    @model_validator(mode="after")
    def _check_room(self) -> Self:
        room = unix_milliseconds(self.until) - unix_milliseconds(self.since)
        if room < 0:
            raise ValueError("must not have until before since")
        if self.count > room:
            raise ValueError(
                f"must not have {self.count} restores in the {room} milliseconds between since and until: "
                "the id of each restore is a different millisecond"
            )
        return self


def _tag_of_restores(restores: Any) -> str | None:
    if isinstance(restores, dict | GeneratedRestores):
        return GENERATED
    return ROWS if isinstance(restores, list | tuple) else None


class BackupPart(Part):
    """A backup, and its restores."""

    id: Slug | None = None
    name: str | None = None
    restores: Annotated[
        Annotated[GeneratedRestores, Tag(GENERATED)]
        | Annotated[tuple[AnyRestore, ...], Field(fail_fast=True), AfterValidator(check_unique_ids), Tag(ROWS)],
        Discriminator(
            _tag_of_restores,
            custom_error_type="restores",
            custom_error_message="must be a table with a count, or a list of restores",
        ),
    ] = ()


class AddonPart(Part):
    """An addon, and its backups."""

    id: Slug | None = None
    name: str | None = None
    description: str | None = None
    type: str = "postgresql"
    status: AddonStatus = AddonStatus.RUNNING
    backups: Annotated[tuple[BackupPart, ...], Field(fail_fast=True), AfterValidator(check_unique_ids)] = ()


class ProjectPart(Part):
    """A project, and its addons."""

    id: Slug | None = None
    name: str | None = None
    description: str | None = None
    addons: Annotated[tuple[AddonPart, ...], Field(fail_fast=True), AfterValidator(check_unique_ids)] = ()


class Scenario(Part):
    """One scenario file, read."""

    help: Annotated[str, AfterValidator(_check_one_line)]
    projects: Annotated[tuple[ProjectPart, ...], Field(fail_fast=True), AfterValidator(check_unique_ids)] = ()

    def with_restores(self, count: int) -> "Scenario":
        """The same scenario with ``count`` restores in its first generated backup; raises UsageError if it has none."""
        content = self.model_dump(exclude_unset=True)
        addons = [addon for project in content.get("projects", ()) for addon in project.get("addons", ())]
        all_restores = [backup.get("restores") for addon in addons for backup in addon.get("backups", ())]
        generated = [restores for restores in all_restores if isinstance(restores, dict)]
        if generated:
            generated[0]["count"] = count
            return _validate(content, "--restores")
        raise UsageError("this scenario generates no restores, so their number cannot be set: choose another scenario")


def builtin_scenarios() -> dict[str, Path]:
    """The built-in scenarios: names to files, in alphabetical order."""
    installed = Path(str(files("mockserver"))) / "seed"
    folder = installed if installed.is_dir() else installed.parents[1] / "seed"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_scenario(path: Path) -> Scenario:
    """Reads a scenario file; raises UsageError if it is not valid."""
    try:
        content = read_toml(path)
    except OSError as failure:
        raise UsageError(f"cannot read the scenario {path}: {failure.strerror}") from None
    except UnicodeDecodeError as failure:
        raise UsageError(f"the scenario {path} is not UTF-8, at byte {failure.start}: save it as UTF-8") from None
    except ValueError as failure:  # TOMLDecodeError, or int() on a number with too many digits
        raise UsageError(f"the scenario {path} is not TOML: {failure}") from None
    except RecursionError:
        raise UsageError(f"the scenario {path} is nested too deeply") from None
    return _validate(content, str(path))


def _validate(content: dict[str, Any], source: str) -> Scenario:
    try:
        return Scenario.model_validate(content)
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        location = format_location(location_of(first)) or "the file"
        raise UsageError(f"{source}: {sentence(location, first)}") from None
