"""What docs/containers.md tells of the image is measured as it says."""

import subprocess
import sys

import pytest

from tests.container.docker import BUILD_SECONDS, ROOT

pytestmark = pytest.mark.container


def test_the_figures_of_an_image_are_a_table(image: str) -> None:
    measured = subprocess.run(
        [sys.executable, "-m", "bench.image", image, "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )

    assert measured.returncode == 0, measured.stderr
    shown = {row.split("|")[1].strip() for row in measured.stdout.splitlines()}
    told = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8").partition("make measure-image` -->")[2]
    assert shown - {"what", "-" * len("`docker run` of the base alone, the engine's share")} <= {
        row.split("|")[1].strip() for row in told.splitlines() if row.startswith("| ")
    }
    assert "`docker run` to the first answer" in shown


def test_an_image_that_is_not_there_is_told_in_one_line(engine: None) -> None:  # noqa: ARG001 - which it needs
    refused = subprocess.run(
        [sys.executable, "-m", "bench.image", "no-such-image"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert refused.returncode == 1
    assert refused.stderr.startswith("bench.image: docker inspect: ")
    assert refused.stderr.count("\n") == 1
