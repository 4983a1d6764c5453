import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mockserver.contract import shapes, wire
from mockserver.contract.lifecycle import Outcome, Status, Timeline, status_at
from mockserver.contract.versions import Contract
from mockserver.instants import INSTANT_MAX, TIMESTAMP_PATTERN, timestamp, unix_milliseconds
from tests.timelines import timelines as timelines_of

V2024 = Contract.V2024
# from the vendor's documented example, whose id is not its instant of initiation
RESTORE_ID = 1_693_287_033_325
INITIATED = 1_611_141_594_494
COMPLETED = Timeline(INITIATED, starts_at=INITIATED, ends_at=INITIATED, outcome=Outcome.COMPLETED)
ENDED = INITIATED

instants = st.integers(0, INSTANT_MAX)
timelines = timelines_of(instants)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=10,
)

RESTORE = TypeAdapter(shapes.Restore)
PAGINATION = TypeAdapter(shapes.Pagination)
RESTORE_LIST = TypeAdapter(shapes.RestoreList)
ERROR_BODY = TypeAdapter(shapes.ErrorBody)
LOGIN = TypeAdapter(shapes.Login)
RESTORES = TypeAdapter(shapes.Restores)
ERROR = TypeAdapter(shapes.Error)

A_RESTORE = {"id": 1, "restoreTimestamp": "2021-01-20T11:19:54.494Z", "status": "failed"}


def list_of(*restores: shapes.Restore, cursor: str | None = None) -> shapes.RestoreList:
    return shapes.RestoreList(data={"restores": list(restores)}, pagination=wire.pagination(len(restores), cursor))


def test_a_completed_restore_is_byte_for_byte_as_documented() -> None:
    assert wire.to_bytes(wire.restore(V2024, RESTORE_ID, COMPLETED, ENDED)) == (
        b'{"id":1693287033325,"restoreTimestamp":"2021-01-20T11:19:54.494Z","status":"completed",'
        b'"completedAt":"2021-01-20T11:19:54.494Z"}'
    )


def test_under_the_contract_of_2026_the_status_comes_before_the_timestamp() -> None:
    restore = wire.restore(Contract.V2026, "668596c647fed81696a8a82c", COMPLETED, ENDED)
    assert list(restore) == ["id", "status", "restoreTimestamp", "completedAt"]


@pytest.mark.parametrize(
    ("timeline", "status"),
    [
        (Timeline(INITIATED), "scheduled"),
        (Timeline(INITIATED, ENDED), "in-progress"),
        (Timeline(INITIATED, abort_requested_at=ENDED), "aborting"),
        (Timeline(INITIATED, ends_at=ENDED, outcome=Outcome.ABORTED), "aborted"),
        (Timeline(INITIATED, ends_at=ENDED, outcome=Outcome.FAILED), "failed"),
        (Timeline(INITIATED, ends_at=ENDED, outcome=Outcome.NOT_SUPPORTED), "not-supported"),
    ],
)
def test_a_restore_that_is_not_completed_has_no_completed_at(timeline: Timeline, status: str) -> None:
    expected = b'{"id":1,"restoreTimestamp":"2021-01-20T11:19:54.494Z","status":"%s"}' % status.encode()
    assert wire.to_bytes(wire.restore(V2024, 1, timeline, ENDED)) == expected


def test_a_restore_has_the_status_of_the_given_instant() -> None:
    timeline = Timeline(initiated=0, starts_at=1, ends_at=86_400_000, outcome=Outcome.COMPLETED)
    assert wire.restore(V2024, 0, timeline, 86_399_999)["status"] is Status.IN_PROGRESS
    assert wire.restore(V2024, 0, timeline, 86_400_000) == {
        "id": 0,
        "restoreTimestamp": "1970-01-01T00:00:00.000Z",
        "status": "completed",
        "completedAt": "1970-01-02T00:00:00.000Z",
    }


def test_a_restore_completed_at_the_first_instant_has_completed_at() -> None:
    timeline = Timeline(initiated=0, ends_at=0, outcome=Outcome.COMPLETED)
    assert wire.restore(V2024, 0, timeline, 0)["completedAt"] == "1970-01-01T00:00:00.000Z"


def test_a_page_before_the_last_has_its_keys_in_the_documented_order() -> None:
    assert wire.to_bytes(list_of(wire.restore(V2024, 7, Timeline(0), 0), cursor="a-cursor")) == (
        b'{"data":{"restores":[{"id":7,"restoreTimestamp":"1970-01-01T00:00:00.000Z","status":"scheduled"}]},'
        b'"pagination":{"hasNextPage":true,"cursor":"a-cursor","count":1}}'
    )


def test_the_last_page_has_no_cursor() -> None:
    assert wire.to_bytes(list_of()) == b'{"data":{"restores":[]},"pagination":{"hasNextPage":false,"count":0}}'


def test_an_error_has_its_keys_in_the_documented_order() -> None:
    assert wire.to_bytes(wire.error(404, "no such thing", "nf-not-found", {"page": ["is wrong"]})) == (
        b'{"error":{"status":404,"message":"no such thing","id":"nf-not-found","details":{"page":["is wrong"]}}}'
    )


@pytest.mark.parametrize("details", [None, {}])
def test_an_error_without_details_has_no_such_key(details: dict[str, Any] | None) -> None:
    assert wire.to_bytes(wire.error(500, "a bug", "nf-internal", details)) == (
        b'{"error":{"status":500,"message":"a bug","id":"nf-internal"}}'
    )


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (1_000, "1970-01-01T00:00:01.000Z"),
        (915_148_799_999, "1998-12-31T23:59:59.999Z"),  # before a leap second, which unix time skips
        (915_148_800_000, "1999-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_611_141_594_494, "2021-01-20T11:19:54.494Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (4_294_967_295_999, "2106-02-07T06:28:15.999Z"),
    ],
)
def test_a_timestamp_is_utc_to_the_millisecond(instant: int, expected: str) -> None:
    assert timestamp(instant) == expected


def test_the_seconds_of_the_last_instant_are_the_largest_of_eight_hexadecimal_digits() -> None:
    assert timestamp(INSTANT_MAX) == "2106-02-07T06:28:15.999Z"
    assert f"{INSTANT_MAX // 1000:x}" == "ffffffff"
    assert f"{(INSTANT_MAX + 1) // 1000:x}" == "100000000"


@given(instants)
@example(0)
@example(INSTANT_MAX)
def test_a_timestamp_parses_back_to_its_instant(instant: int) -> None:
    assert unix_milliseconds(datetime.fromisoformat(timestamp(instant))) == instant


@given(instants, instants)
def test_timestamps_sort_like_their_instants(one: int, other: int) -> None:
    assert (timestamp(one) < timestamp(other)) == (one < other)


@pytest.mark.parametrize(
    ("moment", "instant"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 0, 999, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC), 1),
        (datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 0),
        (datetime(1970, 1, 2, tzinfo=UTC), 86_400_000),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1),
    ],
)
def test_a_moment_is_rounded_down_to_milliseconds_with_any_offset(moment: datetime, instant: int) -> None:
    assert unix_milliseconds(moment) == instant


@given(anything)
def test_a_body_parses_back_to_its_value(body: object) -> None:
    assert json.loads(wire.to_bytes(body)) == body


def test_a_body_is_compact_utf_8_without_escapes() -> None:
    body = {"message": 'no project "grüße 😀"', "ids": [1, 2]}
    assert wire.to_bytes(body) == '{"message":"no project \\"grüße 😀\\"","ids":[1,2]}'.encode()


def test_a_lone_surrogate_stays_an_escape() -> None:
    body = wire.to_bytes({"message": "got \ud800, then \udfff"})
    assert body == b'{"message":"got \\ud800, then \\udfff"}'
    assert json.loads(body.decode()) == {"message": "got \ud800, then \udfff"}


@given(st.lists(st.tuples(instants, timelines)), instants, st.none() | st.from_regex(r"[A-Za-z0-9_-]+", fullmatch=True))
def test_the_shape_of_a_list_accepts_every_list(
    restores: list[tuple[int, Timeline]], instant: int, cursor: str | None
) -> None:
    body = list_of(
        *(wire.restore(V2024, restore_id, timeline, instant) for restore_id, timeline in restores),
        cursor=cursor,
    )
    assert RESTORE_LIST.validate_json(wire.to_bytes(body), strict=True) == body


@given(st.integers(400, 599), st.text(), st.text(), st.none() | st.dictionaries(st.text(), anything))
def test_the_shape_of_an_error_accepts_every_error(
    status: int, message: str, error_id: str, details: dict[str, Any] | None
) -> None:
    body = wire.error(status, message, error_id, details)
    assert ERROR_BODY.validate_json(wire.to_bytes(body), strict=True) == body


def test_the_shape_of_a_login_accepts_an_empty_object() -> None:
    assert LOGIN.validate_json(b'{"data":{}}', strict=True) == shapes.Login(data={})


@pytest.mark.parametrize(
    ("shape", "invalid"),
    [
        (PAGINATION, {"hasNextPage": False, "cursor": None, "count": 0}),
        (PAGINATION, {"hasNextPage": False, "cursor": "", "count": 0}),
        (PAGINATION, {"hasNextPage": True, "cursor": "a=", "count": 0}),
        (PAGINATION, {"hasNextPage": True, "cursor": "=a", "count": 0}),
        (PAGINATION, {"hasNextPage": True, "cursor": 1, "count": 0}),
        (PAGINATION, {"hasNextPage": None, "count": 0}),
        (PAGINATION, {"hasNextPage": False, "count": -1}),
        (PAGINATION, {"hasNextPage": False}),
        (PAGINATION, {"count": 0}),
        (PAGINATION, {"hasNextPage": False, "count": 0, "page": 1}),
        (RESTORE, A_RESTORE | {"completedAt": None}),
        (RESTORE, A_RESTORE | {"completedAt": "2021-01-20T11:19:54Z"}),
        (RESTORE, A_RESTORE | {"restoreTimestamp": "2021-01-20T11:19:54Z"}),
        (RESTORE, A_RESTORE | {"restoreTimestamp": "2021-01-20T11:19:54.494"}),
        (RESTORE, A_RESTORE | {"restoreTimestamp": "2021-01-20T11:19:54.494494Z"}),
        (RESTORE, A_RESTORE | {"restoreTimestamp": "2021-01-20 11:19:54.494Z"}),
        (RESTORE, A_RESTORE | {"restoreTimestamp": "2021-01-20T11:19:54.494Z "}),
        (RESTORE, A_RESTORE | {"restoreTimestamp": " 2021-01-20T11:19:54.494Z"}),
        (RESTORE, A_RESTORE | {"restoreTimestamp": INITIATED}),
        (RESTORE, A_RESTORE | {"status": "done"}),
        (RESTORE, A_RESTORE | {"id": 1.5}),
        (RESTORE, A_RESTORE | {"backupId": "example-backup"}),
        (RESTORE, {key: value for key, value in A_RESTORE.items() if key != "id"}),
        (RESTORE, {key: value for key, value in A_RESTORE.items() if key != "status"}),
        (RESTORE, {key: value for key, value in A_RESTORE.items() if key != "restoreTimestamp"}),
        (RESTORE_LIST, {"data": {"restores": []}}),
        (RESTORE_LIST, {"pagination": {"hasNextPage": False, "count": 0}}),
        (RESTORE_LIST, {"data": {}, "pagination": {"hasNextPage": False, "count": 0}}),
        (RESTORE_LIST, {"data": {"restores": [], "more": 1}, "pagination": {"hasNextPage": False, "count": 0}}),
        (RESTORE_LIST, {"data": {"restores": []}, "pagination": {"hasNextPage": False, "count": 0}, "more": 1}),
        (RESTORES, {"restores": [], "more": 1}),
        (ERROR, {"status": 404, "message": "no", "id": "1", "more": 1}),
        (ERROR_BODY, {}),
        (ERROR_BODY, {"error": {"status": 404, "message": "no", "id": "1"}, "more": 1}),
        (ERROR_BODY, {"error": {"status": 404, "message": "no", "id": "1", "more": 1}}),
        (ERROR_BODY, {"error": {"status": 404, "message": "no", "id": 1}}),
        (ERROR_BODY, {"error": {"status": 404, "message": "no", "id": "1", "details": None}}),
        (ERROR_BODY, {"error": {"status": "404", "message": "no", "id": "1"}}),
        (ERROR_BODY, {"error": {"status": 404, "message": None, "id": "1"}}),
        (ERROR_BODY, {"error": {"status": 404, "message": "no"}}),
        (ERROR_BODY, {"error": {"status": 404, "id": "1"}}),
        (ERROR_BODY, {"error": {"message": "no", "id": "1"}}),
        (LOGIN, {"data": {}, "more": 1}),
        (LOGIN, {}),
    ],
)
def test_a_shape_rejects_what_the_contract_does_not_allow(shape: TypeAdapter[Any], invalid: object) -> None:
    with pytest.raises(ValidationError):
        shape.validate_json(json.dumps(invalid), strict=True)


@pytest.mark.parametrize("key", ["restoreTimestamp", "completedAt"])
def test_the_documented_example_of_a_timestamp_is_valid(key: str) -> None:
    schema = RESTORE.json_schema()["properties"][key]
    assert schema["pattern"] == TIMESTAMP_PATTERN
    assert schema["examples"] == ["2021-01-20T11:19:54.494Z"]
    for value in schema["examples"]:
        RESTORE.validate_python(A_RESTORE | {key: value})


@pytest.mark.parametrize("shape", [RESTORE, PAGINATION, ERROR_BODY, RESTORE_LIST, LOGIN])
def test_every_shape_and_every_key_has_a_description(shape: TypeAdapter[Any]) -> None:
    schema = shape.json_schema()
    shapes = schema.get("$defs", {})
    for shape_schema in (schema, *shapes.values()):
        assert shape_schema["description"]
        for key in shape_schema.get("properties", {}).values():
            target = shapes.get(key.get("$ref", "").rpartition("/")[2], {})
            assert key.get("description") or target.get("type") == "object"


@given(
    st.sampled_from(Contract),
    st.lists(st.tuples(instants, timelines), max_size=5),
    instants,
    st.none() | st.just("a-cursor"),
)
def test_a_page_assembled_from_json_has_the_same_bytes_as_its_shape(
    contract: Contract, restores: list[tuple[int, Timeline]], now: int, cursor: str | None
) -> None:
    pagination = wire.pagination(len(restores), cursor)
    shape = shapes.RestoreList(
        data={"restores": [wire.restore(contract, number, timeline, now) for number, timeline in restores]},
        pagination=pagination,
    )
    parts = [wire.restore_json(contract, number, timeline, status_at(timeline, now)) for number, timeline in restores]
    assert wire.restore_list_json(parts, pagination) == wire.to_bytes(shape)
