"""The guard against tests that leave something behind."""

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from mockserver.cli import COMMANDS
from tests.leftovers import left_behind, shared_state

ANOTHER = ModuleType("another")

CHANGES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "environment variables": lambda patched: patched.setenv("LEFT", "behind"),
    "the working directory": lambda patched: patched.chdir("tests"),
    "sys.path": lambda patched: patched.setattr(sys, "path", [*sys.path, "behind"]),
    "commands": lambda patched: patched.setitem(COMMANDS, "serve", COMMANDS["seed"]),
    "modules": lambda patched: patched.setitem(sys.modules, "mockserver.wire", ANOTHER),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_test_changes_for_others_is_named_until_it_is_undone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shared_state()
    with monkeypatch.context() as patched:
        CHANGES[name](patched)
        assert left_behind(before) == [name]
    assert left_behind(before) == []


def test_a_module_that_is_gone_is_left_behind_and_one_that_is_new_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shared_state()
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "another", ANOTHER)
        assert left_behind(before) == []
        patched.delitem(sys.modules, "mockserver.wire")
        assert left_behind(before) == ["modules"]
