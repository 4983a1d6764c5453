"""Fills a store from a scenario."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, cast

from sqlmodel import Session, insert

from mockserver.clock import ClockState, FixedClock, ProjectClock
from mockserver.contract.lifecycle import Timeline
from mockserver.seeding.names import FakeNames, free_slug
from mockserver.seeding.recipe import Recipe
from mockserver.seeding.scenario import AddonPart, BackupPart, ProjectPart, Scenario
from mockserver.store import changes
from mockserver.store.queries import BackupKey
from mockserver.store.tables import Addon, Backup, Project

if TYPE_CHECKING:
    from mockserver.seeding.restores import RestoreProvider

ROWS_AT_ONCE = 5_000

Report = Callable[[int], None]
"""Told how many restores have been written so far."""


def recipes(name: str, scenario: Scenario, seed: int) -> list[Recipe]:
    """What it takes to make each project of a scenario."""
    return [
        Recipe(scenario=name, part=part, seed=seed, position=position)
        for position, part in enumerate(scenario.projects)
    ]


def write_projects(session: Session, ordered: Iterable[Recipe], now: int, report: Report | None = None) -> None:
    """Makes projects in empty tables; ``now`` is the machine's, in unix milliseconds.

    Each backup draws from a stream of its own, named after its place in the scenario, so that none changes because
    another does.
    """
    requested = list(ordered)
    used_ids = {recipe.part.id for recipe in requested if recipe.part.id}
    written = 0
    for recipe in requested:
        filling = ProjectWriter(session, recipe, now, written, report)
        filling.make(recipe.part.id or free_slug(filling.name, used_ids), token=None)
        used_ids.add(filling.id)
        written = filling.written


def count_restores(part: ProjectPart) -> int:
    """How many restores a project of a scenario has."""
    return sum(
        len(backup.restores) if isinstance(backup.restores, tuple) else backup.restores.count
        for addon in part.addons
        for backup in addon.backups
    )


class ProjectWriter:
    """One project on its way into the store."""

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
        self.id = ""

    def make(self, project_id: str, token: str | None) -> None:
        """Writes the project, and all that is in it, under that id."""
        self.id = project_id
        part = self._recipe.part
        key = self._added(
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
        """Writes what is in the project, which is empty."""
        used_ids = {addon.id for addon in self._recipe.part.addons if addon.id}
        for number, addon in enumerate(self._recipe.part.addons):
            self._addon(addon, f"{self._recipe.position}.{number}", project_key, used_ids)

    def _addon(self, part: AddonPart, position: str, project_key: int, used_ids: set[str]) -> None:
        name = part.name or part.id or self._names.addon()
        key = self._added(
            Addon,
            project_key=project_key,
            id=_id(part.id, name, used_ids),
            name=name,
            description=self._names.description() if part.description is None else part.description,
            type=part.type,
            status=part.status,
        )
        taken_inside = {backup.id for backup in part.backups if backup.id}
        for number, backup in enumerate(part.backups):
            self._backup(backup, f"{position}.{number}", key, taken_inside)

    def _backup(self, part: BackupPart, position: str, addon_key: int, used_ids: set[str]) -> None:
        name = part.name or part.id or self._names.backup()
        made = self._provider(f"{position}/backup").backup()
        key = self._added(
            Backup,
            addon_key=addon_key,
            id=_id(part.id, name, used_ids),
            name=name,
            uid=made.uid,
            source="snapshot",
            size=made.size,
            created=made.created,
            completed=made.completed,
        )
        self._write(key, addon_key, self._restores_of(part, self._provider(position)))

    def _provider(self, stream: str) -> "RestoreProvider":
        # faker is for those who fill a store: one that is filled already is served without it
        from faker.generator import Generator

        from mockserver.seeding.restores import RestoreProvider

        generator = Generator()
        generator.seed_instance(f"{self._recipe.seed}/{stream}")
        return RestoreProvider(generator)

    def _restores_of(self, part: BackupPart, provider: "RestoreProvider") -> Iterable[tuple[int, Timeline]]:
        if isinstance(part.restores, tuple):
            return provider.restore_rows(part.restores, self.clock.now())
        return provider.generated_restores(part.restores)

    def _write(self, backup_key: int, addon_key: int, made: Iterable[tuple[int, Timeline]]) -> None:
        backup, restores = BackupKey(addon_key, backup_key), iter(made)
        while written := changes.add_restores(self._session, backup, islice(restores, ROWS_AT_ONCE)):
            self.written += written
            if self._report:
                self._report(self.written)

    def _added(self, table: type[Project | Addon | Backup], **values: str | int | None) -> int:
        """Writes one row and gives its key; an object for it would cost as much as a hundred restores."""
        written = self._session.connection().execute(insert(table), values)
        return cast(tuple[int], written.inserted_primary_key)[0]


def _id(requested: str | None, name: str, used_ids: set[str]) -> str:
    if requested is not None:
        return requested
    made = free_slug(name, used_ids)
    used_ids.add(made)
    return made
