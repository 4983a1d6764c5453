"""The example in the docs runs the image with testcontainers for JavaScript."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.clients.support import FOLDER, PROGRAMS, ensure_installed, run
from tests.container.docker import ok

pytestmark = pytest.mark.container


def containers_of(image: str) -> set[str]:
    """The ids of all containers of the image."""
    return set(ok("ps", "--all", "--quiet", "--filter", f"ancestor={image}").split())


def test_a_vitest_suite_starts_a_container_and_removes_it(image: str, tmp_path: Path) -> None:
    ensure_installed()
    folder = tmp_path / "javascript"
    shutil.copytree(FOLDER / "javascript", folder)
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    variables = {
        "TESTCONTAINERS_RYUK_DISABLED": "true",  # avoids pulling its image; vitest removes the container itself
        **os.environ,
        "NORTHFLANK_MOCK_IMAGE": image,
        "NORTHFLANK_MOCK_URL": "http://127.0.0.1:1",  # engine_problem: the suite must use the container
    }
    suite = [str(PROGRAMS / "vitest"), "run", "--config", "vitest.container.mjs", "restores.test.mjs"]

    before = containers_of(image)

    finished = run(suite, variables, folder=folder)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    defined = len(re.findall(r"^ *test\(", (folder / "restores.test.mjs").read_text(), re.MULTILINE))
    assert f"{defined} passed ({defined})" in re.sub(r"\x1b\[[0-9;]*m", "", finished.stdout)
    assert containers_of(image) == before
