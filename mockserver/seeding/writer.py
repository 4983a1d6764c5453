"""Writes the projects of a scenario into a store."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, cast

from sqlmodel import Session, insert

from mockserver.clock import ClockState, FixedClock, ProjectClock
from mockserver.contract.lifecycle import Timeline
from mockserver.seeding import object_ids
from mockserver.seeding.names import FakeNames, free_slug
from mockserver.seeding.recipe import Recipe
from mockserver.seeding.scenario import AddonPart, BackupPart, ProjectPart, Scenario
from mockserver.store import changes
from mockserver.store import object_ids as stored_object_ids
from mockserver.store.queries import BackupKey
from mockserver.store.tables import Addon, Backup, Project

if TYPE_CHECKING:
    from mockserver.seeding.restores import RestoreProvider

_BATCH = 5_000

Report = Callable[[int], None]
"""Called with the number of restores written so far."""


def recipes(name: str, scenario: Scenario, seed: int) -> list[Recipe]:
    return [
        Recipe(scenario=name, part=part, seed=seed, position=position)
        for position, part in enumerate(scenario.projects)
    ]


def write_projects(session: Session, recipes: Iterable[Recipe], now: int, report: Report | None = None) -> None:
    """Writes projects into empty tables; ``now`` is the machine's present instant, in unix milliseconds.

    The random stream of a backup is seeded with its position in the scenario, so that a change of one backup does not
    affect the others.
    """
    recipes = list(recipes)
    used_ids = {recipe.part.id for recipe in recipes if recipe.part.id}
    written = 0
    for recipe in recipes:
        writer = ProjectWriter(session, recipe, now, written, report)
        writer.write(_id(recipe.part.id, writer.name, used_ids), token=None)
        written = writer.written


def count_restores(part: ProjectPart) -> int:
    return sum(
        len(backup.restores) if isinstance(backup.restores, tuple) else backup.restores.count
        for addon in part.addons
        for backup in addon.backups
    )


class ProjectWriter:
    """Writes one project into the store."""

    def __init__(
        self, session: Session, recipe: Recipe, now: int, written: int = 0, report: Report | None = None
    ) -> None:
        self._session = session
        self._recipe = recipe
        self._names = FakeNames(f"{recipe.seed}/{recipe.position}")
        self._report = report
        self.clock = ProjectClock(FixedClock(now), ClockState())
        self.clock.set(recipe.clock)
        self.written = written
        self.name = recipe.part.name or recipe.part.id or self._names.project()

    def write(self, project_id: str, token: str | None) -> None:
        """Writes the project and its contents."""
        part = self._recipe.part
        key = self._insert(
            Project,
            id=project_id,
            name=self.name,
            description=self._names.description() if part.description is None else part.description,
            token=token,
            recipe=self._recipe.model_dump_json(exclude_unset=True),
            clock=self.clock.state.model_dump_json(),
        )
        self.refill(key)

    def refill(self, project_key: int) -> None:
        """Writes the contents of an empty project."""
        used_ids = {addon.id for addon in self._recipe.part.addons if addon.id}
        for number, addon in enumerate(self._recipe.part.addons):
            self._write_addon(addon, f"{self._recipe.position}.{number}", project_key, used_ids)

    def _write_addon(self, part: AddonPart, position: str, project_key: int, used_ids: set[str]) -> None:
        name = part.name or part.id or self._names.addon()
        key = self._insert(
            Addon,
            project_key=project_key,
            id=_id(part.id, name, used_ids),
            name=name,
            description=self._names.description() if part.description is None else part.description,
            type=part.type,
            status=part.status,
        )
        used_backup_ids = {backup.id for backup in part.backups if backup.id}
        for number, backup in enumerate(part.backups):
            self._write_backup(backup, f"{position}.{number}", key, used_backup_ids)

    def _write_backup(self, part: BackupPart, position: str, addon_key: int, used_ids: set[str]) -> None:
        name = part.name or part.id or self._names.backup()
        key = self._insert(
            Backup,
            addon_key=addon_key,
            id=_id(part.id, name, used_ids),
            name=name,
            source="snapshot",
            **self._provider(f"{position}/backup").backup(),
        )
        if isinstance(part.restores, tuple):
            rows = object_ids.numbered(part.restores)
            restores = self._provider(position).restore_rows(rows, self.clock.now())
            self._write_restores(key, addon_key, restores)
            own_ids = object_ids.own_ids(rows, (number for number, _ in restores))
            stored_object_ids.add(self._session, key, own_ids)
        else:
            self._write_restores(key, addon_key, self._provider(position).generated_restores(part.restores))

    def _provider(self, stream: str) -> "RestoreProvider":
        # only here, so that serving an existing store does not import faker
        from mockserver.seeding.restores import seeded_provider

        return seeded_provider(f"{self._recipe.seed}/{stream}")

    def _write_restores(self, backup_key: int, addon_key: int, restores: Iterable[tuple[int, Timeline]]) -> None:
        backup, remaining = BackupKey(addon_key, backup_key), iter(restores)
        while written := changes.add_restores(self._session, backup, islice(remaining, _BATCH)):
            self.written += written
            if self._report:
                self._report(self.written)

    def _insert(self, table: type[Project | Addon | Backup], **values: str | int | None) -> int:
        """Inserts one row and returns its key; an ORM object would cost as much as a hundred restores."""
        result = self._session.connection().execute(insert(table), values)
        return cast(tuple[int], result.inserted_primary_key)[0]


def _id(requested: str | None, name: str, used_ids: set[str]) -> str:
    if requested is not None:
        return requested
    created = free_slug(name, used_ids)
    used_ids.add(created)
    return created
