"""The test-suite passes in the image: what was left out of it, nothing needs."""

import shutil
from pathlib import Path

import pytest

from tests.container.docker import BUILD_SECONDS, HARDENED, ROOT, docker, done, name_of_its_own
from tests.test_requirements import entries, pins

pytestmark = pytest.mark.container

PARTS = ("api", "contract", "control", "seeding", "store", "test_cli.py", "test_server.py", "test_settings.py")
SUITE_SECONDS = 600


def test_the_tests_of_the_server_pass_in_the_image(image: str, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "tests", tmp_path / "suite" / "tests", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "suite")
    only_for_development = [entry for entry in entries("dev") if entry.partition("==")[0] not in pins("runtime")]
    (tmp_path / "development.lock").write_text("\n".join(only_for_development))
    name = name_of_its_own("suite")
    file = str(ROOT / "tests" / "container" / "suite.Dockerfile")
    done(
        *("build", "--quiet", "--tag", name, "--file", file, "--build-arg", f"IMAGE={image}", str(tmp_path)),
        patience=BUILD_SECONDS,
    )
    unlimited = [option for option in HARDENED if option not in {"--memory", "128m"}]  # which pytest alone takes
    tests = [f"tests/{part}" for part in PARTS]
    try:
        ran = docker("run", "--rm", *unlimited, "--tmpfs", "/tmp", name, *tests, patience=SUITE_SECONDS)  # noqa: S108
    finally:
        done("image", "rm", name)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout
