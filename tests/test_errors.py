"""What is wrong with a value, in words for the person who wrote it."""

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
def test_a_bad_value_is_told_in_words_of_ours(adapter: TypeAdapter[object], value: object, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        adapter.validate_python(value)
    assert describe(refusal.value.errors()[0]) == words
