"""What failures of SQLite mean: for the person who starts a server, and for the clients of one that runs."""

from pathlib import Path

from mockserver.errors import ApiError, StoreDamagedError, StoreFullError, UsageError

_READING_FAILED = ("SQLITE_CORRUPT", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ", "SQLITE_IOERR_CORRUPTFS")
_WRITING_FAILED = ("SQLITE_FULL", "SQLITE_IOERR")
_NO_PERMISSION = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR_LOCK")
_NOT_UTF8 = "Could not decode to UTF-8"
"""How the driver's message about a string that is not UTF-8 begins; that error has no name."""


def startup_error(path: Path | None, failure: BaseException) -> UsageError:
    """Why a store cannot be opened, and what to do about it."""
    match _name_of(failure):
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return UsageError(f"the database {path} is open in another process: end that one, or name another file")
        case "SQLITE_NOTADB":
            return UsageError(f"{path} is not a database: name another file, or delete it to have it filled again")
        case name if name.startswith(_NO_PERMISSION):
            return UsageError(
                f"cannot write the database {path}: give write permission on the file and its folder, or name another"
            )
        case name if name.startswith(_READING_FAILED):
            return damaged_at_startup(path)
        case name if name.startswith(_WRITING_FAILED):
            return UsageError(
                f"cannot write the database {path} ({failure}): make room on its disk, or name a file on another"
            )
        case _:
            return UsageError(f"cannot use the database {path} ({failure}): name another file")


def damaged_at_startup(path: Path | None) -> UsageError:
    """The refusal of a file whose content is damaged."""
    return UsageError(f"the database {path} is damaged: delete it to have it filled again, or name another file")


def serving_error(path: Path | None, failure: BaseException) -> ApiError | None:
    """What to respond to a request that met a failure of the store; None if the store is not to blame."""
    match _name_of(failure):
        case name if name.startswith((*_READING_FAILED, *_NO_PERMISSION, "SQLITE_NOTADB")):
            return damaged_while_serving(path, str(failure))
        case name if name.startswith(_WRITING_FAILED):
            return StoreFullError(
                f"the database {path} cannot be written ({failure}); nothing is changed: "
                "make room on its disk, and send the request again"
            )
        case _:
            return None


def damaged_while_serving(path: Path | None, what: str) -> StoreDamagedError:
    """What to respond to a request that met damaged data."""
    return StoreDamagedError(
        f"the database {path} is damaged ({what}); nothing is changed: "
        "end the server, delete the file to have it filled again, and start the server"
    )


def file_is_gone(path: Path) -> StoreDamagedError:
    """The refusal of a write because another file, or none, is where the open one was."""
    return StoreDamagedError(
        f"the database {path} was moved, deleted or replaced while the server runs; nothing is changed: "
        "put the same file back, or restart the server with the one that is there, or a new one"
    )


def _name_of(failure: BaseException) -> str:
    """SQLite's name of an error; empty for what is none of its errors."""
    name: str = getattr(failure, "sqlite_errorname", "")
    return "SQLITE_CORRUPT" if str(failure).startswith(_NOT_UTF8) else name
