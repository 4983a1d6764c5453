"""The tools come with `make lint-delivery`; without them these tests skip, and fail in CI."""

import os

import pytest

from tests.delivery.support import TOOLS


@pytest.fixture(autouse=True)
def _tools() -> None:
    if not (TOOLS / "zizmor").exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "run `make lint-delivery`, which installs them"
        )
