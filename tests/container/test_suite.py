"""The test-suite passes in the image: what was left out of it, nothing needs."""

import shutil
from pathlib import Path

import pytest

from bench.image import HARDENED
from tests.container.docker import BUILD_SECONDS, ROOT, docker, done, name_of_its_own
from tests.test_requirements import entries, pins

pytestmark = pytest.mark.container

PARTS = ("api", "contract", "control", "seeding", "store", "test_cli.py", "test_server.py", "test_settings.py")
SUITE_SECONDS = 600
TOOLS_NEED = {"markdown-it-py", "mdurl", "pygments", "rich"}
"""Left out of the image, and back for pytest and schemathesis: that the server needs none of them, other tests show."""


AS_HERE = ("--env", "NFMOCK_HOST=", "--env", "NFMOCK_SCENARIOS=", "--env", "HYPOTHESIS_STORAGE_DIRECTORY=/tmp/kept")
"""Without the image's own settings, as the tests expect it."""

NEEDS_ROOT = "tests/store/test_engine.py::test_a_device_that_is_full_is_refused"


def test_the_tests_of_the_server_pass_in_the_image(image: str, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "tests", tmp_path / "suite" / "tests", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "suite")
    in_image = pins("runtime").keys() - TOOLS_NEED
    beside_it = [entry for entry in entries("dev") if entry.partition("==")[0] not in in_image]
    (tmp_path / "development.lock").write_text("\n".join(beside_it))
    name = name_of_its_own("suite")
    file = str(ROOT / "tests" / "container" / "suite.Dockerfile")
    done(
        *("build", "--quiet", "--tag", name, "--file", file, "--build-arg", f"IMAGE={image}", str(tmp_path)),
        patience=BUILD_SECONDS,
    )
    unlimited = [option for option in HARDENED if option not in {"--memory", "128m"}]  # which pytest alone takes
    tests = [f"tests/{part}" for part in PARTS]
    try:
        ran = docker(
            *("run", "--rm", *unlimited, "--tmpfs", "/tmp", *AS_HERE, name, *tests, "--deselect", NEEDS_ROOT),  # noqa: S108
            patience=SUITE_SECONDS,
        )
    finally:
        done("image", "rm", name)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout
