"""A test-suite that has the package installed pays for nothing that it does not use."""

import json
import sys

import pytest

from tests.commands import run

LISTING = "import json, sys; before = set(sys.modules); {0}; print(json.dumps(sorted(set(sys.modules) - before)))"
OF_TESTS = ("mockserver", "mockserver.testing", "mockserver.cli")
EVERYTHING = "from mockserver.testing import *"


def imported(statement: str) -> set[str]:
    finished = run(sys.executable, "-c", LISTING.format(statement))
    assert finished.returncode == 0, finished.stderr
    return set(json.loads(finished.stdout))


def test_the_package_needs_the_standard_library_alone() -> None:
    modules = imported(EVERYTHING)
    assert {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names | {"mockserver"}
    own = {name for name in modules if name.startswith("mockserver")}
    assert all(name == "mockserver" or name.startswith("mockserver.testing") for name in own)


def test_it_imports_nothing_until_a_name_of_it_is_asked_for() -> None:
    modules = imported("import mockserver.testing")
    assert {name for name in modules if name.startswith("mockserver")} == {"mockserver", "mockserver.testing"}


def test_pytest_imports_a_single_module_of_ours_and_none_of_others_until_a_test_asks() -> None:
    modules = imported("import pytest; before = set(sys.modules); import mockserver.testing.plugin")
    assert modules == {"mockserver", "mockserver.testing", "mockserver.testing.plugin"}


@pytest.mark.parametrize("statement", [EVERYTHING, "import mockserver.testing.plugin"])
def test_nothing_of_the_server_is_imported(statement: str) -> None:
    servers = {"fastapi", "faker", "pydantic", "sqlalchemy", "sqlmodel", "starlette", "typer", "uvicorn"}
    assert not imported(statement) & servers
