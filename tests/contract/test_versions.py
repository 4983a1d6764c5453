"""What a restore's id looks like under each contract, and which number it stands for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.versions import Contract, id_schema, number_of, public_id
from mockserver.instants import INSTANT_MAX

V2024, V2026 = Contract

numbers = st.integers(0, 2_000) | st.integers(0, INSTANT_MAX) | st.integers(INSTANT_MAX - 2_000, INSTANT_MAX)
contracts = st.sampled_from(Contract)


def object_id(number: int) -> str:
    shown = public_id(V2026, number)
    assert isinstance(shown, str)
    return shown


@given(contracts, numbers)
def test_a_number_is_found_again_by_the_id_that_was_shown(contract: Contract, number: int) -> None:
    assert number_of(contract, str(public_id(contract, number))) == number


@given(numbers)
def test_in_2024_an_id_is_the_number_itself(number: int) -> None:
    assert public_id(V2024, number) == number


@given(numbers)
def test_in_2026_an_id_is_24_hexadecimal_digits_the_first_8_of_which_are_the_seconds(number: int) -> None:
    shown = object_id(number)
    assert re.fullmatch(id_schema(V2026)["pattern"], shown)
    assert int(shown[:8], 16) == number // 1000


@given(numbers, numbers)
def test_ids_differ_and_sort_as_their_numbers_do(one: int, other: int) -> None:
    assert (object_id(one) < object_id(other)) == (one < other)
    assert (object_id(one) == object_id(other)) == (one == other)


@given(numbers, st.integers(0, 23), st.sampled_from("0123456789abcdefABCDEF g٣"))
def test_an_object_id_that_was_altered_stands_for_nothing(number: int, at: int, digit: str) -> None:
    shown = object_id(number)
    altered = shown[:at] + digit + shown[at + 1 :]
    assert number_of(V2026, altered) == (number if altered == shown else None)


@given(contracts, st.text() | st.text("0123456789abcdefx_+- ", max_size=26))
def test_whatever_is_not_shown_as_an_id_is_none(contract: Contract, text: str) -> None:
    number = number_of(contract, text)
    assert number is None or str(public_id(contract, number)) == text


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "007", "1_0", " 1", "1\n", "1.0", "1e3", "٣", "²", "9" * 17, "9" * 5000, "0x10"]
)
def test_in_2024_an_id_is_plain_digits_in_their_one_form(text: str) -> None:
    assert number_of(V2024, text) is None


@pytest.mark.parametrize(
    "text", ["", "5", "668596c647fed81696a8a82c", "-" + "0" * 23, "f" * 24, object_id(5).upper(), object_id(5) + "0"]
)
def test_in_2026_an_id_is_one_that_was_made_here(text: str) -> None:
    assert number_of(V2026, text) is None


def test_the_document_says_what_an_id_is() -> None:
    assert id_schema(V2024)["type"] == "integer"
    assert id_schema(V2026)["type"] == "string"
