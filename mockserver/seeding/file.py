"""Fills a file with a scenario, however many restores, in a bounded amount of memory."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from mockserver.clock import MachineClock
from mockserver.errors import UsageError
from mockserver.seeding.catalogue import Catalogue
from mockserver.seeding.writer import recipes, write_projects
from mockserver.settings import Settings
from mockserver.store import open_store

REPORT_EVERY = 100_000

_ENDING = (signal.SIGINT, signal.SIGTERM)


def seed_file(settings: Settings, path: Path, restores: int | None, progress: TextIO) -> None:
    """Makes a store at ``path``, which must not exist; writes to ``progress`` how far it is.

    It is filled under another name and gets its own when it is complete, so that whatever interrupts the filling,
    nothing at ``path`` passes for a store. Raises UsageError where it cannot be made.
    """
    scenario = Catalogue(settings.scenarios).load(settings.scenario)
    if restores is not None:
        scenario = scenario.with_restores(restores)
    made = recipes(settings.scenario, scenario, settings.seed)
    now = MachineClock().now()
    _reject_existing(path)

    reported = 0
    signals: list[int] = []

    def report(written: int) -> None:
        nonlocal reported
        if signals:
            raise SystemExit(128 + signals[0])
        if written >= reported + REPORT_EVERY:
            reported = written
            print(f"{written:,} restores written", file=progress, flush=True)

    with _unfinished(path) as partial, _recording_signals(signals):
        store = open_store(partial, lambda session: write_projects(session, made, now, report), durable=False)
        (written,) = store.connection.execute("SELECT count(*) FROM restore").fetchone()
        store.close()
        _reject_existing(path)
        partial.rename(path)
    print(f"{path} holds {written:,} restores", file=progress)


def _reject_existing(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} exists: delete it to have it filled anew, or name another file")


@contextmanager
def _recording_signals(recorded: list[int]) -> Iterator[None]:
    """Notes SIGINT and SIGTERM: an exception that a signal raises wherever it comes can be lost, as in a destructor."""
    before = {number: signal.signal(number, lambda came, _: recorded.append(came)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to fill; what is left of it afterwards is deleted."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)
