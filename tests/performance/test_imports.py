"""A command imports what it needs and no more: that is most of the time that it takes to start."""

import json
import sys
from pathlib import Path

import pytest

from tests.commands import MOCKSERVER, Served, run, started

WEB = {"fastapi", "starlette", "uvicorn", "uvloop", "httptools", "anyio"}
STORE = {"sqlmodel", "sqlalchemy", "sqlite3"}
DATA = {"faker"}
MODELS = {"pydantic", "pydantic_core", "pydantic_settings"}
FILE = "{file}"
"""Stands in a command for a file to make."""

NEEDED_BY_NONE = {"httpx", "httpx2", "jinja2", "markdown_it", "pygments", "rich", "watchfiles", "websockets", "yaml"}
"""What the libraries import where it is there, or what the tools bring."""

FORBIDDEN = {
    ("--help",): WEB | STORE | DATA | MODELS | NEEDED_BY_NONE | {"asyncio", "email", "http", "ssl"},
    ("health", "--port", "1"): WEB | STORE | DATA | NEEDED_BY_NONE,
    ("scenarios",): WEB | STORE | DATA | NEEDED_BY_NONE,
    ("openapi",): DATA | NEEDED_BY_NONE | {"httptools", "uvicorn", "uvloop"},
    ("seed", "--database", FILE): WEB | NEEDED_BY_NONE | {"http"},
}
"""A command that serves nothing, and what it has no use for."""

FORBIDDEN_TO_A_SERVER = DATA | NEEDED_BY_NONE
"""What a server on a store that is filled already has no use for."""

TELLING = """
import atexit, json, sys

before = set(sys.modules)

def tell():
    imported = {name.partition(".")[0] for name in set(sys.modules) - before}
    print(json.dumps(sorted(imported)), file=sys.stderr)

atexit.register(tell)
from mockserver.cli import main
main(sys.argv[1:])
"""
"""Runs a command, and at its end writes what that imported as a last line."""


def imported(written: str) -> set[str]:
    return set(json.loads(written.splitlines()[-1]))


@pytest.mark.parametrize("command", FORBIDDEN, ids=" ".join)
def test_a_command_imports_nothing_that_it_has_no_use_for(command: tuple[str, ...], tmp_path: Path) -> None:
    words = [word.replace(FILE, str(tmp_path / "store.db")) for word in command]
    modules = imported(run(sys.executable, "-c", TELLING, *words).stderr)
    assert "mockserver" in modules
    assert not modules & FORBIDDEN[command]


def test_a_server_on_a_filled_store_imports_nothing_that_it_has_no_use_for(tmp_path: Path) -> None:
    file = str(tmp_path / "store.db")
    assert run(*MOCKSERVER, "seed", "--database", file).returncode == 0
    with started(sys.executable, "-c", TELLING, "serve", "--port", "0", "--database", file) as process:
        served = Served(process.popen, process.read_line())
        assert served.get().status_code == 200
        code, _, err = served.end()
    assert code == 0
    modules = imported(err)
    assert "uvicorn" in modules
    assert not modules & FORBIDDEN_TO_A_SERVER
