"""Fills a file with a scenario of any number of restores, in a bounded amount of memory."""

import glob
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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
    """Creates a store at ``path``, which must not exist, and writes its progress to ``progress``.

    It is filled under another name and renamed when it is complete, so that ``path`` never has half a store, whatever
    interrupts this. Raises UsageError if it cannot be created.
    """
    scenario = Catalogue(settings.scenarios).load(settings.scenario)
    if restores is not None:
        scenario = scenario.with_restores(restores)
    ordered = recipes(settings.scenario, scenario, settings.seed)
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
        store = open_store(partial, lambda session: write_projects(session, ordered, now, report), durable=False)
        (written,) = store.connection.execute("SELECT count(*) FROM restore").fetchone()
        store.close()
        _reject_existing(path)
        partial.rename(path)
    print(f"{path} holds {written:,} restores", file=progress)


def _reject_existing(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} exists: delete it to have it filled again, or name another file")


@contextmanager
def _recording_signals(recorded: list[int]) -> Iterator[None]:
    """Records SIGINT and SIGTERM: an exception that a signal handler raises can be lost, such as in a destructor."""
    before = {number: signal.signal(number, lambda signum, _: recorded.append(signum)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to fill; deleted unless it was renamed, and so are those that killed runs have left."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    for leftover in path.parent.glob(f"{glob.escape(path.name)}.*.partial"):
        if not _is_open(leftover):
            with suppress(OSError):
                leftover.unlink()
    if partial.exists():  # by a process with the same number, in another container
        raise UsageError(f"{path} is being filled by another process: wait for it, or name another file")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def _is_open(path: Path) -> bool:
    """Whether a process has the store at ``path`` open, as SQLite's lock on it tells."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as failure:
        return failure.sqlite_errorname == "SQLITE_BUSY"
    return False
