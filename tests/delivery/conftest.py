"""`make lint-delivery` installs the tools; without them these tests skip, or fail in CI."""

import pytest

from tests.delivery.support import TOOLS
from tests.support import skip_or_fail


@pytest.fixture(autouse=True)
def _tools() -> None:
    if not (TOOLS / "zizmor").exists():
        skip_or_fail("run `make lint-delivery`, which installs them")
