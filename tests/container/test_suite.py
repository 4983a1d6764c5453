"""The test suite passes in the image, so nothing that the image leaves out is missing."""

import shutil
from pathlib import Path

import pytest

from bench.image import HARDENED
from tests.container.docker import BUILD_SECONDS, ROOT, docker, ok, unique_name
from tests.test_requirements import entries, pins

pytestmark = pytest.mark.container

PARTS = (
    "api",
    "control",
    "seeding",
    "store",
    "test_cli.py",
    "web/test_eager.py",
    "web/test_server.py",
    "test_settings.py",
)
"""The tests that use what the image could lack; with those of the contract they would take twice as long."""

SUITE_SECONDS = 600
NEEDED_BY_TOOLS = {"markdown-it-py", "mdurl", "pygments", "rich"}
"""Packages that pytest and schemathesis need. The image leaves them out, and other tests show that the server runs."""


DEFAULT_SETTINGS = (
    "--env",
    "NFMOCK_HOST=",
    "--env",
    "NFMOCK_SCENARIOS=",
    "--env",
    "HYPOTHESIS_STORAGE_DIRECTORY=/tmp/hypothesis",
)
"""Undoes the settings of the image, since the tests expect the defaults."""

NEEDS_ROOT = "tests/store/test_engine.py::test_a_device_that_is_full_is_refused"


def test_the_tests_of_the_server_pass_in_the_image(image: str, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "tests", tmp_path / "suite" / "tests", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "suite")
    in_image = pins("runtime").keys() - NEEDED_BY_TOOLS
    additional = [entry for entry in entries("dev") if entry.partition("==")[0] not in in_image]
    (tmp_path / "development.lock").write_text("\n".join(additional))
    name = unique_name("suite")
    file = str(ROOT / "tests" / "container" / "suite.Dockerfile")
    ok(
        *("build", "--quiet", "--tag", name, "--file", file, "--build-arg", f"IMAGE={image}", str(tmp_path)),
        patience=BUILD_SECONDS,
    )
    unlimited = [option for option in HARDENED if option not in {"--memory", "128m"}]  # pytest needs more memory
    tests = [f"tests/{part}" for part in PARTS]
    try:
        finished = docker(
            *("run", "--rm", *unlimited, "--tmpfs", "/tmp", *DEFAULT_SETTINGS, name, *tests, "--deselect", NEEDS_ROOT),  # noqa: S108
            patience=SUITE_SECONDS,
        )
    finally:
        ok("image", "rm", name)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert " passed" in finished.stdout
