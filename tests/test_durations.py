"""Durations: parsed and formatted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mockserver.durations import Duration, format_duration, parse_duration

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
LONGEST = 10_000 * 366 * DAY

durations = st.integers(0, LONGEST) | st.integers(0, 10 * DAY // SECOND).map(lambda seconds: seconds * SECOND)


@given(durations)
def test_a_formatted_duration_parses_back_to_the_same(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds)) == milliseconds


@given(st.integers(0, LONGEST // SECOND))
def test_seconds_are_a_duration_as_number_and_as_string(seconds: int) -> None:
    assert parse_duration(seconds) == parse_duration(str(seconds)) == seconds * SECOND


@given(st.integers(0, 10**9))
def test_seconds_may_have_three_decimals(milliseconds: int) -> None:
    text = f"{milliseconds // SECOND}.{milliseconds % SECOND:03}"
    assert parse_duration(float(text)) == parse_duration(text) == parse_duration(f"PT{text}S") == milliseconds


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        ("PT0S", 0),
        ("P0D", 0),
        ("PT5M", 5 * MINUTE),
        ("PT90M", 90 * MINUTE),
        ("PT1H30M", 90 * MINUTE),
        ("PT0.5S", 500),
        ("PT0.05S", 50),
        ("P1D", DAY),
        ("P1DT1S", DAY + SECOND),
        ("P2W", 14 * DAY),
        ("P1W1DT1H1M1.001S", 8 * DAY + HOUR + MINUTE + SECOND + 1),
        ("PT000000000000000000000007S", 7 * SECOND),
        (300, 5 * MINUTE),
        (0.25, 250),
        (0.0, 0),
        ("1.5", 1500),
    ],
)
def test_a_duration_is_iso_8601_or_seconds(value: Any, milliseconds: int) -> None:
    assert parse_duration(value) == milliseconds


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (0, "PT0S"),
        (1, "PT0.001S"),
        (500, "PT0.5S"),
        (10 * SECOND, "PT10S"),
        (5 * MINUTE, "PT5M"),
        (90 * MINUTE, "PT1H30M"),
        (DAY, "P1D"),
        (DAY + 1, "P1DT0.001S"),
        (40 * DAY, "P40D"),
    ],
)
def test_a_duration_is_formatted_in_the_largest_units_that_fit(milliseconds: int, expected: str) -> None:
    assert format_duration(milliseconds) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "5M",
        "PT5",
        "P1M",
        "P1Y",
        "PT1M1H",
        "PT1.5M",
        "PT0.0001S",
        "-PT5M",
        "PT-5M",
        "pt5m",
        " PT5M",
        "PT5M\n",
        "PT\u0665M",
        "\u0665",
        "-1",
        "+1",
        "1e3",
        "1.",
        ".5",
        -1,
        -0.5,
        0.0001,
        float("inf"),
        float("nan"),
        True,
        None,
        [],
        {},
    ],
)
def test_anything_else_is_rejected(value: Any) -> None:
    with pytest.raises(ValueError, match="must be a non-negative duration: ISO 8601"):
        parse_duration(value)


@pytest.mark.parametrize("value", [LONGEST // SECOND + 1, 1e300, "9" * 4000, f"P{'9' * 4000}W", "P3660001D"])
def test_a_duration_is_at_most_10000_years(value: Any) -> None:
    with pytest.raises(ValueError, match="must be at most 10,000 years"):
        parse_duration(value)


def test_a_serialized_duration_can_be_parsed_again() -> None:
    adapter = TypeAdapter[int](Duration)
    assert adapter.dump_json(adapter.validate_python(90)) == b'"PT1M30S"'
    assert adapter.validate_json(b'"PT1M30S"') == 90 * SECOND
