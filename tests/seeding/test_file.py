"""What `mockserver seed` does about the unfinished files of other runs for the same target."""

import io
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mockserver.errors import UsageError
from mockserver.seeding.file import seed_file
from mockserver.settings import Settings


def seed(file: Path) -> None:
    seed_file(Settings(scenario="single"), file, None, io.StringIO())


@contextmanager
def being_filled(file: Path) -> Iterator[None]:
    """Locks a file as the run that fills it does."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN IMMEDIATE")
        yield


def test_unfinished_files_of_killed_runs_are_removed(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    others = [tmp_path / name for name in ("other.db.7.partial", "store.db.partial", "my-store.db.0.partial")]
    for path in others:
        path.touch()
    with closing(sqlite3.connect(tmp_path / "store.db.0.partial")) as connection:
        connection.execute("CREATE TABLE half (full TEXT)")
    (tmp_path / f"store.db.{os.getpid()}.partial").write_bytes(b"noise" * 1000)
    (tmp_path / "store.db.folder.partial").mkdir()  # which is none, and stays
    seed(file)
    assert sorted(tmp_path.iterdir()) == sorted([file, *others, tmp_path / "store.db.folder.partial"])


def test_a_file_that_another_run_is_filling_is_left_alone(tmp_path: Path) -> None:
    file, unfinished = tmp_path / "store.db", tmp_path / "store.db.0.partial"
    with being_filled(unfinished):
        seed(file)
        assert sorted(tmp_path.iterdir()) == [file, unfinished]


def test_a_run_with_the_process_number_of_another_one_is_refused(tmp_path: Path) -> None:
    file, unfinished = tmp_path / "store.db", tmp_path / f"store.db.{os.getpid()}.partial"
    with being_filled(unfinished):
        with pytest.raises(UsageError) as refused:
            seed(file)
        assert str(refused.value) == (f"{file} is being filled by another process: wait for it, or name another file")
        assert list(tmp_path.iterdir()) == [unfinished]
