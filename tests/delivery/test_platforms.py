"""The image can be built for each published processor: every locked package has a wheel for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.delivery.support import ROOT

pytestmark = pytest.mark.delivery

DOWNLOAD_SECONDS = 600


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_every_dependency_has_a_wheel_for_a_processor(processor: str, tmp_path: Path) -> None:
    platforms = [f"--platform=manylinux{tag}_{processor}" for tag in ("2014", "_2_17", "_2_28")]
    download = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
            *("--require-hashes", "--only-binary", ":all:", "--python-version", "3.13", *platforms),
            *("--dest", tmp_path, "--requirement", ROOT / "requirements" / "runtime.lock"),
        ],
        capture_output=True,
        text=True,
        timeout=DOWNLOAD_SECONDS,
        check=False,
    )

    assert download.returncode == 0, download.stderr
    assert {path.suffix for path in tmp_path.iterdir()} == {".whl"}
    assert any(processor in path.name for path in tmp_path.glob("uvloop-*"))
