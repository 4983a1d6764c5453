"""A command imports only what it needs, because imports take most of its time to start."""

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
"""Stands in a command for a new file."""

NEEDED_BY_NONE = {"httpx", "httpx2", "jinja2", "markdown_it", "pygments", "rich", "watchfiles", "websockets", "yaml"}
"""Modules that libraries import if they are installed, or that come with the development tools."""

FORBIDDEN = {
    ("--help",): WEB | STORE | DATA | MODELS | NEEDED_BY_NONE | {"asyncio", "email", "http", "ssl"},
    ("health", "--port", "1"): WEB | STORE | DATA | NEEDED_BY_NONE,
    ("check", "http://127.0.0.1:1", "--make"): WEB | STORE | DATA | NEEDED_BY_NONE,
    ("scenarios",): WEB | STORE | DATA | NEEDED_BY_NONE,
    ("openapi",): DATA | NEEDED_BY_NONE | {"httptools", "uvicorn", "uvloop"},
    ("seed", "--database", FILE): WEB | NEEDED_BY_NONE | {"http"},
}
"""For each command that serves nothing, the modules that it must not import."""

FORBIDDEN_TO_A_SERVER = DATA | NEEDED_BY_NONE
"""The modules that a server on a filled store must not import."""

WRITES_IMPORTS = """
import atexit, json, sys

before = set(sys.modules)

def write():
    imported = {name.partition(".")[0] for name in set(sys.modules) - before}
    print(json.dumps(sorted(imported)), file=sys.stderr)

atexit.register(write)
from mockserver.cli import main
main(sys.argv[1:])
"""
"""Runs a command, and writes the modules that it imported as the last line."""


def imported(output: str) -> set[str]:
    return set(json.loads(output.splitlines()[-1]))


@pytest.mark.parametrize("command", FORBIDDEN, ids=" ".join)
def test_a_command_imports_only_what_it_needs(command: tuple[str, ...], tmp_path: Path) -> None:
    words = [word.replace(FILE, str(tmp_path / "store.db")) for word in command]
    modules = imported(run(sys.executable, "-c", WRITES_IMPORTS, *words).stderr)
    assert "mockserver" in modules
    assert not modules & FORBIDDEN[command]


def test_a_server_on_a_filled_store_imports_only_what_it_needs(tmp_path: Path) -> None:
    file = str(tmp_path / "store.db")
    assert run(*MOCKSERVER, "seed", "--database", file).returncode == 0
    with started(sys.executable, "-c", WRITES_IMPORTS, "serve", "--port", "0", "--database", file) as process:
        served = Served(process.popen, process.read_line())
        assert served.get().status_code == 200
        code, _, err = served.end()
    assert code == 0
    modules = imported(err)
    assert "uvicorn" in modules
    assert not modules & FORBIDDEN_TO_A_SERVER
