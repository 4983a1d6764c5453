"""Validation errors as messages for people."""

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from mockserver.messages import describe, excerpt, format_location, quoted

AT_MOST_TWO: TypeAdapter[tuple[int, ...]] = TypeAdapter(Annotated[tuple[int, ...], Field(max_length=2)])
TEXT: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(max_length=9)])


@pytest.mark.parametrize(
    ("adapter", "value", "words"),
    [
        (AT_MOST_TWO, [1, 2, 3], "must be at most 2 in number"),
        (TEXT, "\ud800", "must be a string without half a surrogate pair"),
    ],
)
def test_a_validation_error_becomes_a_message_of_our_own(
    adapter: TypeAdapter[object], value: object, words: str
) -> None:
    with pytest.raises(ValidationError) as error:
        adapter.validate_python(value)
    assert describe(error.value.errors()[0]) == words


@pytest.mark.parametrize(
    ("text", "excerpted"),
    [
        ("é…", "é…"),
        ("x" * 81, "x" * 80 + "…"),
        ("a\nb\x1b[0m", "a\\nb\\x1b[0m"),
        ("\ud800", "\\ud800"),
    ],
)
def test_an_excerpt_is_short_and_printable(text: str, excerpted: str) -> None:
    assert excerpt(text) == excerpted
    assert quoted(text) == f'"{excerpted}"'


def test_the_location_of_a_bad_value_repeats_no_long_key() -> None:
    assert format_location(("restores", 0, "(held)", "x" * 81)) == f"restores[0].{'x' * 80}…"
