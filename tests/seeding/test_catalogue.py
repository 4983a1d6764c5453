"""Which scenarios a server knows: those that come with it, and a person's own."""

from pathlib import Path

import pytest

from mockserver.errors import UsageError
from mockserver.seeding.catalogue import Catalogue

OWN = 'help = "{}"\n'


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no folder .*missing to take scenarios from: create it first"):
        Catalogue(tmp_path / "missing")


def test_a_persons_own_scenarios_are_listed_among_ours(tmp_path: Path) -> None:
    (tmp_path / "dashboard.toml").write_text(OWN.format("Ours."))
    (tmp_path / "notes.txt").write_text("no scenario")
    names = list(Catalogue(tmp_path).files())
    assert names == sorted([*Catalogue().files(), "dashboard"])


def test_a_persons_own_scenario_wins_over_ours_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "default.toml").write_text(OWN.format("Mine."))
    assert Catalogue(tmp_path).load("default").help == "Mine."


def test_a_file_that_did_not_change_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.format("Mine."))
    catalogue = Catalogue(tmp_path)
    assert catalogue.load("own") is catalogue.load("own")
    (tmp_path / "own.toml").unlink()
    with pytest.raises(UsageError, match='no scenario "own": there are aborting, default'):
        catalogue.load("own")
