"""Generated names, and the ids derived from names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.seeding.names import FakeNames, free_slug, slug
from mockserver.seeding.parts import SLUG_PATTERN


@pytest.mark.parametrize(
    ("name", "expected"),
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
def test_a_name_becomes_the_id_that_the_vendor_derives_from_it(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_every_name_becomes_a_valid_id(name: str) -> None:
    assert re.fullmatch(SLUG_PATTERN, slug(name))


@pytest.mark.parametrize(
    ("used_ids", "expected"),
    [
        ((), "my-app"),
        (("my-app",), "my-app-2"),
        (("my-app", "my-app-2", "my-app-3"), "my-app-4"),
        (("my-app-2",), "my-app"),
    ],
)
def test_an_id_in_use_gets_the_first_free_number(used_ids: tuple[str, ...], expected: str) -> None:
    assert free_slug("My App", used_ids) == expected


def names_from(seed: int) -> list[str]:
    names = FakeNames(str(seed))
    return [names.project(), names.addon(), names.backup(), names.description()]


def test_the_same_seed_gives_the_same_names_and_another_seed_different_ones() -> None:
    assert names_from(1) == names_from(1)
    assert names_from(1) != names_from(2)
    assert all(names_from(1))
