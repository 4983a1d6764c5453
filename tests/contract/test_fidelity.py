"""Every row of the fidelity table can be found by its id, has its evidence, and says how it is checked."""

import re
from collections import Counter

import pytest

from mockserver.contract.fidelity import AREAS, FIDELITY, Evidence, Row

by_id = pytest.mark.parametrize("row", FIDELITY, ids=[row.id for row in FIDELITY])


def test_no_two_rows_have_the_same_id_or_say_the_same() -> None:
    assert not [each for each, number in Counter(row.id for row in FIDELITY).items() if number > 1]
    assert not [each for each, number in Counter(row.behaviour for row in FIDELITY).items() if number > 1]


def test_rows_are_in_the_order_of_their_areas_and_every_area_has_some() -> None:
    assert list(dict.fromkeys(row.area for row in FIDELITY)) == list(AREAS)


@by_id
def test_an_id_is_an_area_and_a_name(row: Row) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*", row.id)


@by_id
def test_a_row_says_how_it_is_checked_or_why_it_cannot_be(row: Row) -> None:
    assert bool(row.check) != bool(row.emulator_only)


@by_id
def test_only_an_assumption_has_no_source(row: Row) -> None:
    assert bool(row.sources) == (row.evidence is not Evidence.ASSUMED)


@by_id
def test_what_a_row_says_are_sentences(row: Row) -> None:
    for text in filter(None, (row.behaviour, row.check, row.emulator_only)):
        assert text.endswith(".")
