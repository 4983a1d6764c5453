"""Python's values on their way to the control plane."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mockserver.testing.values import as_arguments, as_json


def test_names_are_written_as_the_vendor_does_and_what_is_none_is_left_out() -> None:
    assert as_json({"bytes_per_second": 1, "page": None, "fault": [{"ends_after": 2}]}) == {
        "bytesPerSecond": 1,
        "fault": [{"endsAfter": 2}],
    }


def test_instants_go_in_utc_and_milliseconds() -> None:
    in_paris = datetime(2024, 7, 1, 14, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    assert as_json(in_paris) == "2024-07-01T12:00:00.123Z"


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has no time zone: give it one, as in datetime.*tzinfo="):
        as_json(datetime(2024, 7, 1))  # noqa: DTZ001 - that is the point


def test_durations_go_in_seconds() -> None:
    assert as_json(timedelta(minutes=1, milliseconds=1, microseconds=999)) == 60.001


def test_a_duration_of_which_milliseconds_hold_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"timedelta\(microseconds=1\) is less than a millisecond"):
        as_json(timedelta(microseconds=1))


def test_an_instant_beyond_all_dates_is_refused() -> None:
    with pytest.raises(ValueError, match="is, in UTC, beyond all dates"):
        as_json(datetime.min.replace(tzinfo=timezone(timedelta(hours=14))))


@pytest.mark.parametrize("value", [{1, 2}, object(), [object()], b"bytes"])
def test_what_json_has_no_form_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="cannot be sent: it should be a text, a number, a list, a dict, or a time"):
        as_json({"restores": value})


def test_each_kind_of_setting_has_its_form() -> None:
    assert as_arguments({"token": ("one", "two"), "scheduled_for": timedelta(seconds=1.5), "seed": 3}) == [
        "--token=one",
        "--token=two",
        "--scheduled-for=1.5",
        "--seed=3",
    ]
    assert as_arguments({"scenarios": Path("a folder"), "database": None}) == ["--scenarios=a folder"]
    assert as_arguments({"enforce_rate_limit": False}) == ["--no-enforce-rate-limit"]
    assert as_arguments({"enforce_rate_limit": True}) == ["--enforce-rate-limit"]


def test_an_instant_in_utc_is_as_the_wire_has_it() -> None:
    assert as_json(datetime(2024, 7, 1, tzinfo=UTC)) == "2024-07-01T00:00:00.000Z"
