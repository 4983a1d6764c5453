"""Opening a store: what is filled, what is kept, what is refused and what is left behind."""

import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from mockserver.errors import UsageError
from mockserver.store import open_store
from mockserver.store.engine import APPLICATION_ID
from mockserver.store.tables import SCHEMA_VERSION, Project
from tests.commands import serving, started
from tests.support import file_size_limit, restores_path, running_server

NOBODY = 65534
SMALL = 20_000
"""As a limit in bytes: less than an empty store takes."""


def filling(*names: str) -> Callable[[Session], None]:
    """A fill that writes projects of these names."""
    return lambda session: session.add_all(
        Project(id=name, name=name, description="", recipe="", clock="") for name in names
    )


def never(_: Session) -> None:
    raise AssertionError("a store that holds data must not be filled again")


def interrupted(session: Session) -> None:
    filling("half")(session)
    session.flush()
    raise ZeroDivisionError


def names_in(path: Path) -> list[str]:
    """The projects of a store that is there."""
    store = open_store(path, never)
    try:
        with store.writing() as session:
            return list(session.exec(select(Project.name).order_by(col(Project.key))))
    finally:
        store.close()


def refusal(path: Path, *, durable: bool = True) -> str:
    """How a file is refused."""
    with pytest.raises(UsageError) as refused:
        open_store(path, filling("anything"), durable=durable)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "store.db"


@pytest.fixture
def filled(file: Path) -> Path:
    """A store that was filled and closed."""
    open_store(file, filling("first")).close()
    return file


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without root's rights, to which no permission applies."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everybody may enter and nobody but its owner may write to; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_private_store_leaves_nothing_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store(None, filling("first"))
    with store.writing() as session:
        assert session.exec(select(Project.name)).all() == ["first"]
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_private_stores_share_nothing() -> None:
    stores = [open_store(None, filling(name)) for name in ("one", "other")]
    for store, name in zip(stores, ("one", "other"), strict=True):
        with store.writing() as session:
            assert session.exec(select(Project.name)).all() == [name]
        store.close()


def test_a_new_file_is_filled_once_and_served_as_it_is_afterwards(filled: Path) -> None:
    assert names_in(filled) == ["first"]


def test_an_empty_file_is_filled(file: Path) -> None:
    file.touch()
    open_store(file, filling("first")).close()
    assert names_in(file) == ["first"]


def test_another_scenario_and_seed_do_not_change_a_file_that_holds_data(file: Path) -> None:
    with running_server(database=file, scenario="default", seed=1) as server:
        before = server.page().content
    with running_server(database=file, scenario="example", seed=2) as server:
        assert server.page().content == before


@pytest.mark.parametrize("durable", [True, False])
def test_a_closed_store_is_one_file_with_nothing_beside_it(file: Path, *, durable: bool) -> None:
    store = open_store(file, filling("first"), durable=durable)
    store.close()
    assert list(file.parent.iterdir()) == [file]


def test_closing_a_store_again_does_no_harm(file: Path) -> None:
    store = open_store(file, filling("first"))
    store.close()
    store.close()
    assert names_in(file) == ["first"]


@pytest.mark.parametrize(("write", "failure"), [(interrupted, ZeroDivisionError), (filling("first"), IntegrityError)])
def test_a_write_that_raises_leaves_the_store_as_it_was_and_does_not_blame_the_file(
    filled: Path, write: Callable[[Session], None], failure: type[Exception]
) -> None:
    store = open_store(filled, never)
    with pytest.raises(failure), store.writing() as session:
        write(session)
    store.close()
    assert names_in(filled) == ["first"]


def test_a_file_of_another_schema_version_is_refused_and_left_alone(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        connection.execute("PRAGMA journal_mode = DELETE")
    before = filled.read_bytes()
    message = refusal(filled)
    assert f"holds version {SCHEMA_VERSION + 1} of the schema" in message
    assert f"reads version {SCHEMA_VERSION}" in message
    assert "open it with the release that created it, or delete it" in message
    assert filled.read_bytes() == before


@pytest.mark.parametrize("application_id", [0, APPLICATION_ID + 1])
def test_a_database_of_another_program_is_refused_and_left_alone(file: Path, application_id: int) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE theirs (precious TEXT)")
        connection.execute(f"PRAGMA application_id = {application_id}")
        connection.commit()
    before = file.read_bytes()
    assert refusal(file).endswith("is a SQLite database, but not one of mockserver's: name another file")
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"no", b"no database\n" * 1000], ids=["a word", "a text"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "is not a database: name another file, or delete it to have it filled again" in refusal(file)
    assert file.read_bytes() == content


def test_a_damaged_store_is_refused(filled: Path) -> None:
    content = bytearray(filled.read_bytes())
    content[100:4096] = b"\xff" * 3996
    filled.write_bytes(content)
    assert "is damaged: delete it to have it filled again, or name another file" in refusal(filled)


def test_a_file_in_a_format_that_sqlite_does_not_know_is_refused(filled: Path) -> None:
    content = bytearray(filled.read_bytes())
    content[44:48] = (99).to_bytes(4)
    filled.write_bytes(content)
    assert refusal(filled) == f"cannot use the database {filled} (unsupported file format): name another file"


def test_a_file_that_another_process_serves_is_refused_by_name(file: Path) -> None:
    with serving("--database", str(file)):
        assert refusal(file) == (f"the database {file} is open in another process: end that one, or name another file")


def test_a_second_store_on_one_file_is_refused_as_long_as_the_first_is_open(filled: Path) -> None:
    store = open_store(filled, never)
    assert "is open in another process" in refusal(filled)
    store.close()
    assert names_in(filled) == ["first"]


@pytest.mark.parametrize("place", [".", "no-such-folder/store.db", "store.db/inside"])
def test_a_folder_and_a_file_in_none_are_refused(filled: Path, place: str) -> None:
    path = filled.parent / place
    assert refusal(path) == f"cannot open the database {path}: name a file in a folder that exists"


@pytest.mark.parametrize("name", ["/proc/version", "/proc/store.db", "x" * 300], ids=["file", "folder", "name"])
def test_what_the_system_does_not_let_anybody_write_is_refused(tmp_path: Path, name: str) -> None:
    assert "give write permission on the file and its folder, or name another" in refusal(tmp_path / name)


@pytest.mark.parametrize("folder_mode", [0o755, 0o700], ids=["enter", "keep out"])
@pytest.mark.parametrize("is_there", [True, False], ids=["file", "no file"])
def test_a_file_without_permission_to_write_is_refused(
    public_folder: Path, folder_mode: int, *, is_there: bool
) -> None:
    path = public_folder / "store.db"
    if is_there:
        open_store(path, filling("first")).close()
        path.chmod(0o444)
    public_folder.chmod(folder_mode if os.geteuid() == 0 else folder_mode & 0o500)
    with unprivileged():
        message = refusal(path)
    public_folder.chmod(0o700)
    assert message == (
        f"cannot write the database {path}: give write permission on the file and its folder, or name another"
    )


def test_a_full_disk_is_an_error_and_leaves_no_file_that_looks_like_a_store(file: Path) -> None:
    with file_size_limit(SMALL):
        message = refusal(file)
    assert message.startswith(f"cannot write the database {file} (")
    assert message.endswith("): make room on its disk, or name a file on another")
    open_store(file, filling("second")).close()
    assert names_in(file) == ["second"]


def test_a_device_that_is_full_is_refused() -> None:
    assert "make room on its disk" in refusal(Path("/dev/full"))


def test_a_fill_that_raises_leaves_nothing_that_passes_for_a_store(file: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        open_store(file, interrupted)
    open_store(file, filling("second")).close()
    assert names_in(file) == ["second"]


HALF_FILLED = """
import sys
from pathlib import Path
from mockserver.store import open_store
from mockserver.store.tables import Project

def half(session):
    kept = {"name": "x" * 1000, "description": "", "recipe": "", "clock": ""}
    session.add_all(Project(id=str(number), **kept) for number in range(10_000))
    session.flush()
    print("half", flush=True)
    sys.stdin.read()

open_store(Path(sys.argv[1]), half, durable=sys.argv[2] == "True")
"""
"""Writes more than SQLite keeps in memory, so that some of it is in the file, and waits."""


@pytest.mark.parametrize("durable", [True, False])
def test_what_is_killed_while_filling_leaves_nothing_that_passes_for_a_store(file: Path, *, durable: bool) -> None:
    with started(sys.executable, "-c", HALF_FILLED, str(file), str(durable)) as process:
        assert process.read_line() == "half\n"
        assert process.end(signal.SIGKILL)[0] == -signal.SIGKILL
    assert durable or file.stat().st_size > SMALL
    open_store(file, filling("second")).close()
    assert names_in(file) == ["second"]


def test_a_server_that_is_killed_keeps_its_data(file: Path) -> None:
    with serving("--database", str(file)) as served:
        before = served.get().content
        served.end(signal.SIGKILL)
    with serving("--database", str(file), "--scenario", "example") as served:
        assert served.get().content == before


def test_a_server_that_ends_leaves_one_file(file: Path) -> None:
    with serving("--database", str(file)) as served:
        assert served.get(restores_path()).status_code == 200
        served.end()
    assert list(file.parent.iterdir()) == [file]
