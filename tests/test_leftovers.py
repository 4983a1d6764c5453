"""The guard against tests that leave something behind, in a suite of such tests."""

import re
import sys
from pathlib import Path

from tests.commands import WITHOUT_OTHER_PLUGINS, run

SUITE = """
import gc, logging, os, signal, sys, types
import pytest
from mockserver.cli import COMMANDS

CHANGES = {
    "environment variables": lambda: os.environ.update(LEFT="behind"),
    "the working directory": lambda: os.chdir(".."),
    "signal handlers": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "sys.path": lambda: sys.path.append("behind"),
    "sys.meta_path": lambda: sys.meta_path.append(sys.meta_path[0]),
    "the garbage collector": gc.disable,
    "log handlers": lambda: logging.getLogger("asyncio").addHandler(logging.NullHandler()),
    "commands": lambda: COMMANDS.update(behind=COMMANDS["serve"]),
}

@pytest.mark.parametrize("name", CHANGES)
def test_changes(name):
    CHANGES[name]()

@pytest.fixture
def forgetful():
    yield
    del sys.modules["this"]

def test_forgets(forgetful):
    sys.modules["this"] = types.ModuleType("this")

def test_imports_and_undoes(monkeypatch):
    monkeypatch.setenv("LEFT", "nothing")
    monkeypatch.chdir("..")
    sys.modules["that"] = types.ModuleType("that")
"""


def test_a_test_that_leaves_something_behind_fails_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    ended = run(sys.executable, "-m", "pytest", "-p", "tests.leftovers", *WITHOUT_OTHER_PLUGINS, folder=tmp_path)
    assert re.findall(r"^E +AssertionError: the test left changed: (.+)$", ended.stdout, re.MULTILINE) == [
        "environment variables",
        "the working directory",
        "signal handlers",
        "sys.path",
        "sys.meta_path",
        "the garbage collector",
        "log handlers",
        "commands",
    ]
    assert "AssertionError: the test removed or replaced imported modules: this\n" in ended.stdout
    assert "10 passed, 9 errors in" in ended.stdout
