"""Python values and names as the control plane and the command line take them."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mockserver.testing.values import as_arguments, as_json, in_python


def test_names_become_camel_case_and_none_is_left_out() -> None:
    assert as_json({"bytes_per_second": 1, "page": None, "fault": [{"ends_after": 2}]}) == {
        "bytesPerSecond": 1,
        "fault": [{"endsAfter": 2}],
    }


def test_instants_are_sent_in_utc_with_milliseconds() -> None:
    in_paris = datetime(2024, 7, 1, 14, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    assert as_json(in_paris) == "2024-07-01T12:00:00.123Z"
    assert as_json(datetime(2024, 7, 1, tzinfo=UTC)) == "2024-07-01T00:00:00.000Z"


def test_durations_are_sent_in_seconds() -> None:
    assert as_json(timedelta(minutes=1, milliseconds=1, microseconds=999)) == 60.001


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (datetime(2024, 7, 1), r"has no time zone: add one, as in datetime.*tzinfo="),  # noqa: DTZ001 - what is tested
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "is out of range in UTC"),
        (timedelta(microseconds=1), r"timedelta\(microseconds=1\) is less than a millisecond"),
        *((value, "has no JSON form: use a string, ") for value in ({1, 2}, object(), [object()], b"bytes")),
    ],
)
def test_a_value_that_cannot_be_sent_raises_an_error(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_json({"restores": value})


def test_settings_become_options_of_the_command_line() -> None:
    assert as_arguments({"token": ("one", "two"), "scheduled_for": timedelta(seconds=1.5), "seed": 3}) == [
        "--token=one",
        "--token=two",
        "--scheduled-for=1.5",
        "--seed=3",
    ]
    assert as_arguments({"scenarios": Path("a folder"), "database": None}) == ["--scenarios=a folder"]
    assert as_arguments({"enforce_rate_limit": False}) == ["--no-enforce-rate-limit"]
    assert as_arguments({"enforce_rate_limit": True}) == ["--enforce-rate-limit"]


@pytest.mark.parametrize(
    ("message", "python"),
    [
        ("endsAfter of a restore would be after 2106", "ends_after of a restore would be after 2106"),
        ("restores[0].restoreTimestamp must lie between", "restores[0].restore_timestamp must lie between"),
        ("fault.bytesPerSecond must be at least 1", "bytes_per_second must be at least 1"),
        ("fault must have one of these kinds: slow", "fault must have one of these kinds: slow"),
        (
            'the body must have endsAfter, got "endsAfter --x"',
            'the arguments must have ends_after, got "endsAfter --x"',
        ),
        ("mockserver: --scheduled-for must be short", "mockserver: scheduled_for must be short"),
        ("fill a new file with `mockserver seed --restores 5`", "fill a new file with `mockserver seed --restores 5`"),
        ("PT5M, 2024-01-31T12:00:00Z, Project > Addons", "PT5M, 2024-01-31T12:00:00Z, Project > Addons"),
    ],
)
def test_messages_are_put_in_the_terms_of_python(message: str, python: str) -> None:
    assert in_python(message) == python
