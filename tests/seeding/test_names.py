"""Names that a scenario leaves out, and the ids that are made of names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.seeding.names import FakeNames, free_slug, slug
from mockserver.seeding.scenario import SLUG_PATTERN


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("My App", "my-app"),
        ("my-app", "my-app"),
        ("  My -- App!  ", "my-app"),
        ("Übersicht Nº 2", "ubersicht-no-2"),
        ("Café", "cafe"),
        ("データ", "unnamed"),
        ("", "unnamed"),
        ("---", "unnamed"),
    ],
)
def test_a_name_becomes_the_id_that_the_vendor_would_make(name: str, made: str) -> None:
    assert slug(name) == made


@given(st.text())
def test_every_name_becomes_an_id_that_a_scenario_may_hold(name: str) -> None:
    assert re.fullmatch(SLUG_PATTERN, slug(name))


@pytest.mark.parametrize(
    ("taken", "made"),
    [
        ((), "my-app"),
        (("my-app",), "my-app-2"),
        (("my-app", "my-app-2", "my-app-3"), "my-app-4"),
        (("my-app-2",), "my-app"),
    ],
)
def test_an_id_that_is_taken_gets_the_first_free_number(taken: tuple[str, ...], made: str) -> None:
    assert free_slug("My App", taken) == made


def made_by(seed: int) -> list[str]:
    names = FakeNames(str(seed))
    return [names.project(), names.addon(), names.backup(), names.description()]


def test_the_same_seed_gives_the_same_names_and_another_seed_others() -> None:
    assert made_by(1) == made_by(1)
    assert made_by(1) != made_by(2)
    assert all(made_by(1))
