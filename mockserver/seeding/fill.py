"""Fills a store from a scenario."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import cast

from faker.generator import Generator
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, insert

from mockserver.lifecycle import Timeline
from mockserver.seeding.names import Names, free_slug
from mockserver.seeding.restores import RestoreProvider
from mockserver.seeding.scenario import AddonPart, BackupPart, ProjectPart, Scenario
from mockserver.store.tables import Addon, Backup, Project, Restore

ROWS_AT_ONCE = 5_000

_Row = tuple[int | str | None, ...]

_COLUMNS = ("backup_key", "id", "initiated", "starts", "ends", "outcome", "abort_asked")
_INSERT_RESTORE = str(insert(Restore).compile(dialect=sqlite.dialect(paramstyle="qmark"), column_keys=_COLUMNS))
"""Compiled once, for rows as tuples in that order: SQLAlchemy's own handling of a row costs more than its insertion."""

Report = Callable[[int], None]
"""Told how many restores have been written so far."""


def fill(session: Session, scenario: Scenario, seed: int, report: Report | None = None) -> None:
    """Writes all of ``scenario`` into empty tables; the same scenario and seed give the same rows.

    Each backup draws from a stream of its own, named after its place in the file, so that none changes because another
    does.
    """
    Filling(session, seed, report).fill(scenario)


class Filling:
    """One scenario on its way into one store."""

    def __init__(self, session: Session, seed: int, report: Report | None) -> None:
        self._session = session
        self._seed = seed
        self._report = report
        self._names = Names(seed)
        self._written = 0

    def fill(self, scenario: Scenario) -> None:
        taken = {project.id for project in scenario.projects if project.id}
        for place, part in enumerate(scenario.projects):
            self._project(part, f"{place}", taken)

    def _project(self, part: ProjectPart, place: str, taken: set[str]) -> None:
        name = part.name or part.id or self._names.project()
        project = Project(
            id=_id(part.id, name, taken),
            name=name,
            description=self._names.description() if part.description is None else part.description,
        )
        key = self._added(project)
        taken_inside = {addon.id for addon in part.addons if addon.id}
        for number, addon in enumerate(part.addons):
            self._addon(addon, f"{place}.{number}", key, taken_inside)

    def _addon(self, part: AddonPart, place: str, project_key: int, taken: set[str]) -> None:
        name = part.name or part.id or self._names.addon()
        addon = Addon(
            project_key=project_key,
            id=_id(part.id, name, taken),
            name=name,
            description=self._names.description() if part.description is None else part.description,
            type=part.type,
        )
        key = self._added(addon)
        taken_inside = {backup.id for backup in part.backups if backup.id}
        for number, backup in enumerate(part.backups):
            self._backup(backup, f"{place}.{number}", key, taken_inside)

    def _backup(self, part: BackupPart, place: str, addon_key: int, taken: set[str]) -> None:
        name = part.name or part.id or self._names.backup()
        key = self._added(Backup(addon_key=addon_key, id=_id(part.id, name, taken), name=name))
        self._restores(key, self._made(part, place))

    def _made(self, part: BackupPart, place: str) -> Iterable[tuple[int, Timeline]]:
        generator = Generator()
        generator.seed_instance(f"{self._seed}/{place}")
        provider = RestoreProvider(generator)
        if isinstance(part.restores, tuple):
            return provider.restore_rows(part.restores)
        return provider.generated_restores(part.restores)

    def _restores(self, backup_key: int, made: Iterable[tuple[int, Timeline]]) -> None:
        rows = (
            (backup_key, restore_id, life.initiated, life.starts, life.ends, life.outcome, life.abort_asked)
            for restore_id, life in made
        )
        for batch in _batches(rows, ROWS_AT_ONCE):
            self._session.connection().exec_driver_sql(_INSERT_RESTORE, batch)
            self._written += len(batch)
            if self._report:
                self._report(self._written)

    def _added(self, row: Project | Addon | Backup) -> int:
        self._session.add(row)
        self._session.flush()
        return cast(int, row.key)  # the flush gave it one


def _id(wanted: str | None, name: str, taken: set[str]) -> str:
    if wanted is not None:
        return wanted
    made = free_slug(name, taken)
    taken.add(made)
    return made


def _batches(rows: Iterator[_Row], size: int) -> Iterator[list[_Row]]:
    while batch := list(islice(rows, size)):
        yield batch
