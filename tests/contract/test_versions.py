"""A restore's id under each contract, and the number behind it."""

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
    restore_id = public_id(V2026, number)
    assert isinstance(restore_id, str)
    return restore_id


@given(contracts, numbers)
def test_an_id_leads_back_to_its_number(contract: Contract, number: int) -> None:
    assert number_of(contract, str(public_id(contract, number))) == number


@given(numbers)
def test_in_2024_an_id_is_the_number_itself(number: int) -> None:
    assert public_id(V2024, number) == number


@given(numbers)
def test_in_2026_an_id_is_24_hexadecimal_digits_beginning_with_the_seconds(number: int) -> None:
    restore_id = object_id(number)
    assert re.fullmatch(id_schema(V2026)["pattern"], restore_id)
    assert int(restore_id[:8], 16) == number // 1000


@given(numbers, numbers)
def test_ids_are_unique_and_sort_like_their_numbers(one: int, other: int) -> None:
    assert (object_id(one) < object_id(other)) == (one < other)
    assert (object_id(one) == object_id(other)) == (one == other)


@given(numbers, st.integers(0, 23), st.sampled_from("0123456789abcdefABCDEF g٣"))
def test_an_altered_object_id_is_no_id(number: int, at: int, digit: str) -> None:
    restore_id = object_id(number)
    altered = restore_id[:at] + digit + restore_id[at + 1 :]
    assert number_of(V2026, altered) == (number if altered == restore_id else None)


@given(contracts, st.text() | st.text("0123456789abcdefx_+- ", max_size=26))
def test_only_an_id_that_is_sent_has_a_number(contract: Contract, text: str) -> None:
    number = number_of(contract, text)
    assert number is None or str(public_id(contract, number)) == text


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "007", "1_0", " 1", "1\n", "1.0", "1e3", "٣", "²", "9" * 17, "9" * 5000, "0x10"]
)
def test_in_2024_an_id_is_ascii_digits_without_leading_zeros(text: str) -> None:
    assert number_of(V2024, text) is None


@pytest.mark.parametrize(
    "text", ["", "5", "668596c647fed81696a8a82c", "-" + "0" * 23, "f" * 24, object_id(5).upper(), object_id(5) + "0"]
)
def test_in_2026_only_ids_of_the_emulator_are_valid(text: str) -> None:
    assert number_of(V2026, text) is None


def test_the_schema_of_an_id_states_its_type() -> None:
    assert id_schema(V2024)["type"] == "integer"
    assert id_schema(V2026)["type"] == "string"
