"""What may lie in a person's folder of scenarios, and is none."""

from pathlib import Path

import pytest

from mockserver.errors import UsageError
from mockserver.seeding.catalogue import Catalogue


def test_what_copying_leaves_beside_a_scenario_is_none(tmp_path: Path) -> None:
    (tmp_path / "._dashboard.toml").write_bytes(b"\x00\x05\x16\x07")
    assert list(Catalogue(tmp_path).files()) == list(Catalogue().files())


def test_a_link_that_leads_nowhere_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "gone.toml").symlink_to(tmp_path / "missing")
    with pytest.raises(UsageError, match=r"cannot read the scenario .*gone\.toml: No such file or directory"):
        Catalogue(tmp_path).load("gone")
