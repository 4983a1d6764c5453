"""The scenario file: what a person may write in one, and where the files are.

A scenario is a TOML file: one line of ``help``, then projects, their addons, their backups, and for each backup its
restores, generated or row by row.
"""

import re
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from mockserver.contract.lifecycle import Outcome, Status, Timeline, plan_timeline
from mockserver.contract.shapes import AddonStatus
from mockserver.durations import Duration
from mockserver.errors import UsageError
from mockserver.instants import INSTANT_MAX, Moment, unix_milliseconds
from mockserver.messages import describe, format_location, quoted

SLUG_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"

GENERATED = "(generated)"
ROWS = "(rows)"
HELD = "(held)"
PLANNED = "(planned)"
NUMBER = "(number)"
"""How pydantic calls the ways to write restores; no keys of a file."""


_Listed = TypeVar("_Listed", bound=BaseModel)

ABORTING_FOR = 10_000
"""How long a restore is aborting, in milliseconds, where a scenario does not say."""


def _a_slug(text: str) -> str:
    if not re.fullmatch(SLUG_PATTERN, text):
        raise ValueError(f"must be letters a-z and digits, with single hyphens between; it is {quoted(text)}")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def ids_differ(parts: tuple[_Listed, ...]) -> tuple[_Listed, ...]:
    """The same parts; raises ValueError where two of them have one id."""
    seen: set[str | int | None] = set()
    for part in parts:
        part_id = getattr(part, "id", None)
        if part_id in seen:
            raise ValueError(f"has more than one with the id {quoted(str(part_id))}: give each an id of its own")
        seen |= {part_id} - {None}
    return parts


Slug = Annotated[str, Field(max_length=100), AfterValidator(_a_slug)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _has_no_other_keys(cls, content: Any) -> Any:
        for key in content if isinstance(content, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"has no key {quoted(str(key))}: there are {', '.join(cls.model_fields)}")
        return content


class RestoreRow(_Part):
    """One restore, held in ``status``. What is left out is made up."""

    status: Status
    id: Annotated[int, Field(ge=0, le=INSTANT_MAX, strict=True)] | None = None
    restoreTimestamp: Moment | None = None  # noqa: N815 - the vendor's name
    completedAt: Moment | None = None  # noqa: N815 - the vendor's name

    @model_validator(mode="after")
    def _only_the_completed_were_completed(self) -> Self:
        if self.completedAt and self.status is not Status.COMPLETED:
            raise ValueError(
                f'has completedAt, which only a restore that is completed has; this one is "{self.status}"'
            )
        return self


class PlannedRestore(_Part):
    """One restore that lives on the project's clock, counted from its now; what is left out stays open."""

    startsAfter: Duration | None = None  # noqa: N815 - as the vendor writes its names
    endsAfter: Duration | None = None  # noqa: N815 - the same
    abortAfter: Duration | None = None  # noqa: N815 - the same
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.timeline(0)
        return self

    def timeline(self, now: int, aborting_for: int = ABORTING_FOR) -> Timeline:
        """Its life, where the project's clock says ``now``."""
        return plan_timeline(
            now,
            starts_after=self.startsAfter,
            ends_after=self.endsAfter,
            outcome=self.outcome,
            abort_after=self.abortAfter,
            aborting_for=aborting_for,
        )


def _kind(row: Any) -> str:
    if isinstance(row, dict):
        return HELD if row.keys() & RestoreRow.model_fields.keys() else PLANNED
    return HELD if isinstance(row, RestoreRow) else PLANNED


AnyRestore = Annotated[Annotated[RestoreRow, Tag(HELD)] | Annotated[PlannedRestore, Tag(PLANNED)], Discriminator(_kind)]
"""A row with a ``status``, or whatever else only those have, is held in it; any other is planned."""


class GeneratedRestores(_Part):
    """``count`` restores, spread over a stretch of time, their statuses shared out in the given proportions."""

    count: Annotated[int, Field(ge=0, strict=True)]
    outcomes: Annotated[dict[Status, Annotated[int, Field(ge=1)]], Field(min_length=1)] = {Status.COMPLETED: 1}
    since: Moment = datetime(2024, 1, 1, tzinfo=UTC)
    until: Moment = datetime(2024, 7, 1, tzinfo=UTC)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        room = unix_milliseconds(self.until) - unix_milliseconds(self.since)
        if room < 0:
            raise ValueError("has its until before its since")
        if self.count > room:
            raise ValueError(
                f"has {self.count} restores, and only {room} milliseconds between since and until: "
                "each restore takes one of its own as its id"
            )
        return self


def _way_to_write(restores: Any) -> str | None:
    match restores:
        case dict() | GeneratedRestores():
            return GENERATED
        case list() | tuple():
            return ROWS
        case _:
            return None


class BackupPart(_Part):
    """A backup, and its restores."""

    id: Slug | None = None
    name: str | None = None
    restores: Annotated[
        Annotated[GeneratedRestores, Tag(GENERATED)]
        | Annotated[tuple[AnyRestore, ...], Field(fail_fast=True), AfterValidator(ids_differ), Tag(ROWS)],
        Discriminator(
            _way_to_write,
            custom_error_type="restores",
            custom_error_message="must be a table with a count, or a list of restores",
        ),
    ] = ()


class AddonPart(_Part):
    """An addon, and its backups."""

    id: Slug | None = None
    name: str | None = None
    description: str | None = None
    type: str = "postgresql"
    status: AddonStatus = AddonStatus.RUNNING
    backups: Annotated[tuple[BackupPart, ...], Field(fail_fast=True), AfterValidator(ids_differ)] = ()


class ProjectPart(_Part):
    """A project, and its addons."""

    id: Slug | None = None
    name: str | None = None
    description: str | None = None
    addons: Annotated[tuple[AddonPart, ...], Field(fail_fast=True), AfterValidator(ids_differ)] = ()


class Scenario(_Part):
    """One scenario file, read."""

    help: Annotated[str, AfterValidator(_one_line)]
    projects: Annotated[tuple[ProjectPart, ...], Field(fail_fast=True), AfterValidator(ids_differ)] = ()

    def with_restores(self, count: int) -> "Scenario":
        """The same scenario, its first generated restores ``count`` in number; raises UsageError where it has none."""
        for p, project in enumerate(self.projects):
            for a, addon in enumerate(project.addons):
                for b, backup in enumerate(addon.backups):
                    if isinstance(backup.restores, GeneratedRestores):
                        return self._replaced(p, a, b, count)
        raise UsageError("this scenario generates no restores, so their number cannot be set: choose another scenario")

    def _replaced(self, p: int, a: int, b: int, count: int) -> "Scenario":
        changed = self.model_dump(exclude_unset=True)
        changed["projects"][p]["addons"][a]["backups"][b]["restores"]["count"] = count
        return _checked(changed, "--restores")


def builtin_scenarios() -> dict[str, Path]:
    """The scenarios that come with mockserver: name to file, in the order of their names."""
    installed = Path(str(files("mockserver"))) / "seed"
    folder = installed if installed.is_dir() else installed.parents[1] / "seed"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file; raises UsageError, naming file, place and remedy, where it is not one."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # as editors on Windows save it
    except OSError as failure:
        raise UsageError(f"cannot read the scenario {path}: {failure.strerror}") from None
    except UnicodeDecodeError as failure:
        raise UsageError(f"the scenario {path} is not UTF-8, at byte {failure.start}: save it as UTF-8") from None
    except ValueError as failure:  # TOMLDecodeError, or what tomllib lets through of a number with too many digits
        raise UsageError(f"the scenario {path} is not TOML: {failure}") from None
    except RecursionError:
        raise UsageError(f"the scenario {path} is nested too deep to be read") from None
    return _checked(content, str(path))


def _checked(content: dict[str, Any], source: str) -> Scenario:
    try:
        return Scenario.model_validate(content)
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        raise UsageError(f"{source}: {format_location(first['loc']) or 'the file'} {describe(first)}") from None
