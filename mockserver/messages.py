"""Messages for people: excerpts of what was sent, and sentences for what pydantic finds wrong with it."""

from collections.abc import Mapping, Sequence
from typing import Any

UNKNOWN_FIELD = "unknown_field"
"""The type of pydantic's error for a field that a StrictModel does not have."""


def printable(text: str) -> str:
    """``text`` on one line, with everything escaped that could move a terminal's cursor or is not in UTF-8."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def excerpt(text: str, limit: int = 80) -> str:
    """At most ``limit`` characters of ``text``, printable. Every message that repeats input goes through this."""
    escaped = printable(text[: limit + 1])
    return escaped if len(escaped) <= limit else f"{escaped[:limit]}…"


def quoted(text: str, limit: int = 80) -> str:
    """An excerpt of ``text`` in quotes."""
    return f'"{excerpt(text, limit)}"'


def format_location(location: Sequence[str | int]) -> str:
    """Where pydantic found something wrong, in the notation of code; empty if it is the whole input.

    Steps in parentheses or brackets are pydantic's own, not keys of the input.
    """
    steps = ""
    for step in location:
        if isinstance(step, int):
            steps += f"[{step}]"
        elif not step.startswith(("(", "[")):
            key = excerpt(step)
            steps += f".{key}" if steps else key
    return steps


def location_of(error: Mapping[str, Any]) -> Sequence[str | int]:
    """Where pydantic found something wrong: an unknown field itself, not the object that has it."""
    return (*error["loc"], error["ctx"]["field"]) if error["type"] == UNKNOWN_FIELD else error["loc"]


def sentence(location: str, error: Mapping[str, Any]) -> str:
    """What pydantic found wrong at a location, as a whole sentence."""
    if error["type"] == UNKNOWN_FIELD:
        return f"unknown field: {location}; {error['ctx']['hint']}"
    return f"{location} {describe(error)}"


def describe(error: Mapping[str, Any]) -> str:
    """What pydantic found wrong with a value: the rest of a sentence that begins with the value's location."""
    context = error.get("ctx", {})
    if error["type"] == UNKNOWN_FIELD:
        return f"is an unknown field; {context['hint']}"
    if error["type"] == "value_error":
        return str(context["error"])
    sentence = _SENTENCES.get(error["type"])
    return sentence.format(**context).replace("'", "") if sentence else str(error["msg"])


_NUMBER = "must be an integer"
_MOMENT = "must be a date and time, such as 2024-01-31T12:00:00Z"
_SENTENCES = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "dict_type": "must be an object (in TOML, a table)",
    "enum": "must be {expected}",
    "extra_forbidden": "is an unknown field",
    "float_type": "must be a number",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": _NUMBER,
    "int_parsing": _NUMBER,
    "int_parsing_size": _NUMBER,
    "int_type": _NUMBER,
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "missing": "is missing",
    "model_attributes_type": "must be an object",
    "model_type": "must be a table",
    "string_too_long": "must be at most {max_length} characters long",
    "string_too_short": "must not be empty",
    "string_type": "must be a string",
    "string_unicode": "must be a string without half a surrogate pair",
    "too_long": "must be at most {max_length} in number",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
    "union_tag_invalid": "must have a {discriminator}: one of {expected_tags}",
    "union_tag_not_found": "must have a {discriminator}",
}
"""By the type of pydantic's error; its own messages are for programmers."""
