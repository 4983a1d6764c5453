"""The image, as a test-suite in JavaScript runs it: with the testcontainers package, by the example in the docs."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.clients.support import FOLDER, PROGRAMS, ensure_installed, run
from tests.container.docker import done

pytestmark = pytest.mark.container


def containers_of(image: str) -> set[str]:
    """Those that there are; other tests may have some too."""
    return set(done("ps", "--all", "--quiet", "--filter", f"ancestor={image}").split())


def test_a_suite_for_vitest_has_a_container_of_its_own_which_is_gone_afterwards(image: str, tmp_path: Path) -> None:
    ensure_installed()
    folder = tmp_path / "javascript"
    shutil.copytree(FOLDER / "javascript", folder)
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    variables = {
        "TESTCONTAINERS_RYUK_DISABLED": "true",  # its image would be pulled; vitest removes the container in any case
        **os.environ,
        "NORTHFLANK_MOCK_IMAGE": image,
        "NORTHFLANK_MOCK_URL": "http://127.0.0.1:1",  # what the container does not replace fails
    }
    suite = [str(PROGRAMS / "vitest"), "run", "--config", "vitest.container.mjs", "restores.test.mjs"]

    before = containers_of(image)

    finished = run(suite, variables, folder=folder)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    written = len(re.findall(r"^test\(", (folder / "restores.test.mjs").read_text(), re.MULTILINE))
    assert f"{written} passed ({written})" in re.sub(r"\x1b\[[0-9;]*m", "", finished.stdout)
    assert containers_of(image) == before
