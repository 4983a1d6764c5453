"""The figures in docs/containers.md come from ``make measure-image``."""

import subprocess
import sys

import pytest

from tests.container.docker import BUILD_SECONDS, ROOT

pytestmark = pytest.mark.container


def test_the_measurement_prints_the_rows_of_the_table_in_the_docs(image: str) -> None:
    measured = subprocess.run(
        [sys.executable, "-m", "bench.image", image, "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )

    assert measured.returncode == 0, measured.stderr
    rows = {row.split("|")[1].strip() for row in measured.stdout.splitlines()}
    table = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8").partition("make measure-image` -->")[2]
    assert rows - {"what", "-" * len("`docker run` of the base alone, the engine's share")} <= {
        row.split("|")[1].strip() for row in table.splitlines() if row.startswith("| ")
    }
    assert "`docker run` to the first response" in rows


def test_a_missing_image_is_one_line_of_error(engine: None) -> None:  # noqa: ARG001 - needs the engine
    failed = subprocess.run(
        [sys.executable, "-m", "bench.image", "no-such-image"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert failed.returncode == 1
    assert failed.stderr.startswith("bench.image: docker inspect: ")
    assert failed.stderr.count("\n") == 1
