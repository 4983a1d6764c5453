"""Installing the package imports nothing into a test suite that does not use it."""

import json
import sys

import pytest

from tests.commands import run

PRINT_NEW_MODULES = (
    "import json, sys; before = set(sys.modules); {0}; print(json.dumps(sorted(set(sys.modules) - before)))"
)
EVERYTHING = "from mockserver.testing import *"


def imported(statement: str) -> set[str]:
    finished = run(sys.executable, "-c", PRINT_NEW_MODULES.format(statement))
    assert finished.returncode == 0, finished.stderr
    return set(json.loads(finished.stdout))


def test_the_package_imports_only_the_standard_library() -> None:
    modules = imported(EVERYTHING)
    assert {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names | {"mockserver"}
    own = {name for name in modules if name.startswith("mockserver")}
    assert {name for name in own if not name.startswith("mockserver.testing")} == {
        "mockserver",
        "mockserver.installation",
    }


def test_the_package_imports_its_modules_on_first_use() -> None:
    modules = imported("import mockserver.testing")
    assert {name for name in modules if name.startswith("mockserver")} == {"mockserver", "mockserver.testing"}


def test_the_plugin_imports_nothing_but_pytest_until_a_test_uses_it() -> None:
    modules = imported("import pytest; before = set(sys.modules); import mockserver.testing.plugin")
    assert modules == {"mockserver", "mockserver.testing", "mockserver.testing.plugin"}


@pytest.mark.parametrize("statement", [EVERYTHING, "import mockserver.testing.plugin"])
def test_no_library_of_the_server_is_imported(statement: str) -> None:
    servers = {"fastapi", "faker", "pydantic", "sqlalchemy", "sqlmodel", "starlette", "typer", "uvicorn"}
    assert not imported(statement) & servers
