"""The image can be built for each processor that it is published for: all that is locked has a wheel there."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.delivery.support import ROOT

pytestmark = pytest.mark.delivery

DOWNLOAD_SECONDS = 600


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_every_wheel_of_the_server_is_there_for_a_processor(processor: str, tmp_path: Path) -> None:
    platforms = [f"--platform=manylinux{made}_{processor}" for made in ("2014", "_2_17", "_2_28")]
    fetched = subprocess.run(
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

    assert fetched.returncode == 0, fetched.stderr
    assert {path.suffix for path in tmp_path.iterdir()} == {".whl"}
    assert any(processor in path.name for path in tmp_path.glob("uvloop-*"))
