"""Fills a store from a scenario."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, cast

from sqlmodel import Session, insert

from mockserver.clock import ClockState, Fixed, ProjectClock
from mockserver.contract.lifecycle import Timeline
from mockserver.seeding.names import Names, free_slug
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
    return [Recipe(scenario=name, part=part, seed=seed, place=place) for place, part in enumerate(scenario.projects)]


def fill(session: Session, ordered: Iterable[Recipe], now: int, report: Report | None = None) -> None:
    """Makes projects in empty tables; ``now`` is the machine's, in unix milliseconds.

    Each backup draws from a stream of its own, named after its place in the scenario, so that none changes because
    another does.
    """
    wanted = list(ordered)
    taken = {recipe.part.id for recipe in wanted if recipe.part.id}
    written = 0
    for recipe in wanted:
        filling = Filling(session, recipe, now, written, report)
        filling.make(recipe.part.id or free_slug(filling.name, taken), token=None)
        taken.add(filling.id)
        written = filling.written


def restores_wanted(part: ProjectPart) -> int:
    """How many restores a project of a scenario has."""
    return sum(
        len(backup.restores) if isinstance(backup.restores, tuple) else backup.restores.count
        for addon in part.addons
        for backup in addon.backups
    )


class Filling:
    """One project on its way into the store."""

    def __init__(
        self, session: Session, recipe: Recipe, now: int, written: int = 0, report: Report | None = None
    ) -> None:
        self._session = session
        self._recipe = recipe
        self._names = Names(f"{recipe.seed}/{recipe.place}")
        self._report = report
        self.clock = ProjectClock(Fixed(now), ClockState())
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
        taken = {addon.id for addon in self._recipe.part.addons if addon.id}
        for number, addon in enumerate(self._recipe.part.addons):
            self._addon(addon, f"{self._recipe.place}.{number}", project_key, taken)

    def _addon(self, part: AddonPart, place: str, project_key: int, taken: set[str]) -> None:
        name = part.name or part.id or self._names.addon()
        key = self._added(
            Addon,
            project_key=project_key,
            id=_id(part.id, name, taken),
            name=name,
            description=self._names.description() if part.description is None else part.description,
            type=part.type,
            status=part.status,
        )
        taken_inside = {backup.id for backup in part.backups if backup.id}
        for number, backup in enumerate(part.backups):
            self._backup(backup, f"{place}.{number}", key, taken_inside)

    def _backup(self, part: BackupPart, place: str, addon_key: int, taken: set[str]) -> None:
        name = part.name or part.id or self._names.backup()
        made = self._provider(f"{place}/backup").backup()
        key = self._added(
            Backup,
            addon_key=addon_key,
            id=_id(part.id, name, taken),
            name=name,
            uid=made.uid,
            source="snapshot",
            size=made.size,
            created=made.created,
            completed=made.completed,
        )
        self._write(key, addon_key, self._restores_of(part, self._provider(place)))

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


def _id(wanted: str | None, name: str, taken: set[str]) -> str:
    if wanted is not None:
        return wanted
    made = free_slug(name, taken)
    taken.add(made)
    return made
