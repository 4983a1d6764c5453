"""Words for people: values as messages quote them, and what pydantic finds wrong with input."""

from collections.abc import Mapping, Sequence
from typing import Any


def quoted(text: str, most: int = 80) -> str:
    """``text`` as a message shows it: in quotes, and cut to ``most`` characters."""
    shown = text if len(text) <= most else f"{text[:most]}…"
    return f'"{shown}"'


def format_location(location: Sequence[str | int]) -> str:
    """Where pydantic found something wrong, as one would write it in code; empty where it is the whole.

    Steps in parentheses or brackets are pydantic's own, and no keys of what a person wrote.
    """
    place = ""
    for step in location:
        if isinstance(step, int):
            place += f"[{step}]"
        elif not step.startswith(("(", "[")):
            place += f".{step}" if place else step
    return place


def describe(error: Mapping[str, Any]) -> str:
    """What pydantic found wrong with a value, as the rest of a sentence that begins with the value's name."""
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context["error"])
    sentence = _SENTENCES.get(error["type"])
    return sentence.format(**context).replace("'", "") if sentence else str(error["msg"])


_NUMBER = "must be a whole number"
_MOMENT = "must be a date and time, such as 2024-01-31T12:00:00Z"
_SENTENCES = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "dict_type": "must be a table",
    "enum": "must be {expected}",
    "extra_forbidden": "is no key that there is",
    "float_type": "must be a number",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": _NUMBER,
    "int_parsing": _NUMBER,
    "int_parsing_size": _NUMBER,
    "int_type": _NUMBER,
    "less_than_equal": "must be at most {le}",
    "missing": "is missing",
    "model_attributes_type": "must be an object",
    "model_type": "must be a table",
    "string_too_long": "must be at most {max_length} characters long",
    "string_too_short": "must not be empty",
    "string_type": "must be a text",
    "string_unicode": "must be a text without half a surrogate pair",
    "too_long": "must be at most {max_length} in number",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
    "union_tag_invalid": "must have a {discriminator} out of {expected_tags}",
    "union_tag_not_found": "must have a {discriminator}",
}
"""By pydantic's types of errors; its own messages are for programmers."""
