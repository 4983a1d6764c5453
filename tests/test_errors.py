"""Validation errors as messages for people."""

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from mockserver.messages import describe

AT_MOST_TWO: TypeAdapter[tuple[int, ...]] = TypeAdapter(Annotated[tuple[int, ...], Field(max_length=2)])
TEXT: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(max_length=9)])


@pytest.mark.parametrize(
    ("adapter", "value", "words"),
    [
        (AT_MOST_TWO, [1, 2, 3], "must be at most 2 in number"),
        (TEXT, "\ud800", "must be a text without half a surrogate pair"),
    ],
)
def test_a_validation_error_becomes_a_message_of_our_own(
    adapter: TypeAdapter[object], value: object, words: str
) -> None:
    with pytest.raises(ValidationError) as error:
        adapter.validate_python(value)
    assert describe(error.value.errors()[0]) == words
