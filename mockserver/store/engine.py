"""Opens a store, private in memory or in a file, and refuses a file that it must not or cannot use."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine

from mockserver.errors import ApiError, StoreDamagedError, UsageError
from mockserver.store.failures import (
    damaged_at_startup,
    damaged_while_serving,
    file_is_gone,
    serving_error,
    startup_error,
)
from mockserver.store.tables import SCHEMA_VERSION

APPLICATION_ID = 0x4E464D4B
"""Marks a SQLite file as ours, in the file's own header: "NFMK"."""

CHECKED_BYTES = 100_000_000
"""Up to this size a file is checked for damage at the start, which takes about a second."""

Fill = Callable[[Session], None]
Effect = Callable[[], object]

_OPTIONS: Any = {
    "isolation_level": None,  # the driver opens no transaction of its own: only _begin decides where one starts
    "timeout": 0,  # a file that another process has open is refused at once
    "check_same_thread": False,  # a store is opened in one thread and may be used, by one event loop, in another
}


class Store:
    """One open store: one connection, used by one event loop.

    ``connection`` is the driver's, for compiled queries; ``writing`` is a transaction.
    """

    def __init__(self, engine: Engine, connection: sqlite3.Connection, path: Path | None) -> None:
        self._engine = engine
        self._path = path
        self._file: tuple[int, int] | None = None
        self.connection = connection
        self.is_closed = False

    @contextmanager
    def writing(self, then: Effect | None = None) -> Iterator[Session]:
        """A session in one transaction: all of it is kept, or nothing if the block raises.

        ``then`` changes what is kept in memory. It runs once the transaction is committed, so that memory never holds
        what the store does not. Raises StoreFullError or StoreDamagedError if the file cannot be written.
        """
        self._require_file()
        try:
            with self._transaction() as session:
                yield session
        except (sqlite3.Error, DBAPIError) as failure:
            raise self.error(failure) or failure from None
        if then is not None:
            then()

    def fill(self, fill: Fill) -> None:
        """Creates the tables and fills them, in one transaction; raises the driver's errors."""
        with self._transaction() as session:
            SQLModel.metadata.create_all(session.connection())
            fill(session)
            self.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def watch_file(self) -> None:
        """Remembers which file is open, to notice later that its path has another one, or none."""
        self._file = None if self._path is None else _identity(self._path)

    def error(self, failure: BaseException) -> ApiError | None:
        """What to respond to a request that met this failure; None if the store is not to blame for it."""
        return serving_error(self._path, getattr(failure, "orig", failure))

    def damaged(self, what: str) -> StoreDamagedError:
        """The response to a request that met data that cannot be what was written."""
        return damaged_while_serving(self._path, what)

    def close(self) -> None:
        """Closes the store; a file is then complete, with nothing beside it."""
        self.is_closed = True
        self._engine.dispose()
        self.connection.close()  # the engine does not know it before its first use

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with Session(self._engine) as session, session.begin():
            yield session

    def _require_file(self) -> None:
        """Raises StoreDamagedError if the path no longer has the open file: what is written there would be lost."""
        if self._path is not None and _identity(self._path) != self._file:
            raise file_is_gone(self._path)


def open_store(path: Path | None, fill: Fill, *, durable: bool = True) -> Store:
    """Opens the store in the file at ``path``, or a private one in memory.

    A new one is filled by ``fill``, in one transaction, so that a file holds all of it or nothing. A file that holds
    data is served as it is, after a check for damage if it is small enough for that. Raises UsageError for a file that
    cannot be opened or written, that is damaged, that another process has open, that holds another version's schema,
    or that is another program's. ``durable`` is False for a file that is thrown away if anything happens: it is
    filled faster, and useless after a crash.
    """
    if path is not None and _is_folder(path):
        raise UsageError(f"cannot open the database {path}: name a file in a folder that exists")
    try:
        connection: sqlite3.Connection = sqlite3.connect(path or ":memory:", **_OPTIONS)
    except sqlite3.Error as failure:
        raise startup_error(path, failure) from None
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    store = Store(engine, connection, path)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        if not durable:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
        is_new = _is_new(connection, path)
        store.watch_file()
        if path is not None and not is_new and path.stat().st_size <= CHECKED_BYTES:
            _reject_damaged(connection, path)
        if durable:
            # only now that it is known to be ours: this writes to the file
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        if is_new:
            store.fill(fill)
    except (sqlite3.Error, DBAPIError) as failure:
        store.close()
        raise startup_error(path, getattr(failure, "orig", failure)) from None
    except BaseException:
        store.close()
        raise
    return store


def _is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder, or is in none that exists."""
    try:
        return path.is_dir() or not path.parent.is_dir()
    except OSError:  # a folder that we may not enter, a name that is too long: opening it says so
        return False


def _is_new(connection: sqlite3.Connection, path: Path | None) -> bool:
    """Whether the file is empty; locks it for this process, and changes nothing in it."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application == 0 and tables == 0:
        return True
    if application != APPLICATION_ID:
        raise UsageError(f"{path} is a SQLite database, but not one of mockserver's: name another file")
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"{path} holds version {version} of the schema, and this mockserver reads version {SCHEMA_VERSION}: "
            "open it with the release that created it, or delete it to have it filled again"
        )
    return False


def _reject_damaged(connection: sqlite3.Connection, path: Path) -> None:
    """Raises UsageError if SQLite finds anything wrong with how the file is built."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged_at_startup(path)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells the file at ``path`` from every other; None if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
