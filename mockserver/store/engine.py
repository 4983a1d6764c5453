"""Opens a store, private in memory or in a file, and refuses a file that is not ours to use."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine

from mockserver.errors import UsageError
from mockserver.store.tables import SCHEMA_VERSION

APPLICATION_ID = 0x4E464D4B
"""Marks a SQLite file as ours, in the file's own header: "NFMK"."""

Fill = Callable[[Session], None]

_OPTIONS: Any = {
    "isolation_level": None,  # the driver opens no transaction of its own: _begin alone decides where one starts
    "timeout": 0,  # a file that another process has open is refused at once
    "check_same_thread": False,  # a store is opened in one thread and may be used, by one event loop, in another
}


class Store:
    """One open store: one connection, used by one event loop.

    ``connection`` is the driver's, for compiled queries; ``writing`` is a transaction.
    """

    def __init__(self, engine: Engine, connection: sqlite3.Connection) -> None:
        self._engine = engine
        self.connection = connection
        self.is_closed = False

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: all of it is kept, or, where the block raises, nothing."""
        with Session(self._engine) as session, session.begin():
            yield session

    def close(self) -> None:
        """Closes the store; a file is then complete, with nothing beside it."""
        self.is_closed = True
        self._engine.dispose()
        self.connection.close()  # which the engine does not know of before its first use


def open_store(path: Path | None, fill: Fill, *, durable: bool = True) -> Store:
    """Opens the store in the file at ``path``, or a private one in memory.

    A new one is filled by ``fill``, in one transaction, so that a file holds all of it or nothing. A file that holds
    data is served as it is. Raises UsageError for a file that cannot be opened or written, that another process has
    open, that holds another version's schema, or that is no store of ours. ``durable`` false is for a
    file that is thrown away if anything happens: faster, and no good after a crash.
    """
    if path is not None and _is_folder(path):
        raise UsageError(f"cannot open the database {path}: name a file in a folder that exists")
    try:
        connection: sqlite3.Connection = sqlite3.connect(path or ":memory:", **_OPTIONS)
    except sqlite3.Error as failure:
        raise _refusal(path, failure) from None
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    store = Store(engine, connection)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        if not durable:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
        is_new = _is_new(connection, path)
        if durable:
            # not before it is known to be ours: it is written in the file
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        if is_new:
            with store.writing() as session:
                SQLModel.metadata.create_all(session.connection())
                fill(session)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except (sqlite3.Error, DBAPIError) as failure:
        store.close()
        raise _refusal(path, getattr(failure, "orig", failure)) from None
    except BaseException:
        store.close()
        raise
    return store


def _is_folder(path: Path) -> bool:
    """Whether there is a folder at ``path``, or none that a file there could be in."""
    try:
        return path.is_dir() or not path.parent.is_dir()
    except OSError:  # a folder that we may not enter, a name that is too long: opening it tells
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
            "open it with the release that made it, or delete it to have it filled anew"
        )
    return False


def _refusal(path: Path | None, failure: BaseException) -> UsageError:
    match getattr(failure, "sqlite_errorname", ""):
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return UsageError(f"the database {path} is open in another process: end that one, or name another file")
        case "SQLITE_NOTADB":
            return UsageError(f"{path} is no database: name another file, or delete it to have it filled anew")
        case name if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR_LOCK")):
            return UsageError(
                f"cannot write the database {path}: give write permission on the file and its folder, or name another"
            )
        case name if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            return UsageError(
                f"cannot write the database {path} ({failure}): make room on its disk, or name a file on another"
            )
        case "SQLITE_CORRUPT":
            return UsageError(f"the database {path} is damaged: delete it to have it filled anew, or name another file")
        case _:
            return UsageError(f"cannot use the database {path} ({failure}): name another file")


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
