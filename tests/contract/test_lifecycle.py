from itertools import groupby

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import (
    Outcome,
    Status,
    Timeline,
    aborted,
    completed_at,
    final_since,
    hold_at,
    is_over,
    next_change,
    plan_timeline,
    status_at,
)
from tests.timelines import timelines as timelines_of

SCHEDULED, IN_PROGRESS, COMPLETED, ABORTING, ABORTED, FAILED, NOT_SUPPORTED = Status

PATHS = (
    (SCHEDULED, IN_PROGRESS, COMPLETED),
    (SCHEDULED, IN_PROGRESS, FAILED),
    (SCHEDULED, IN_PROGRESS, ABORTING, ABORTED),
    (NOT_SUPPORTED,),
)
ENDED = {COMPLETED, FAILED, ABORTED}

LONG_AGO, FAR_AHEAD = -(10**18), 10**18
INITIATED, REQUESTED_EARLY, STARTS, REQUESTED, ENDS, REQUESTED_LATE = 1_000, 1_500, 2_000, 3_000, 4_000, 5_000

# a few small numbers, so that instants often coincide, and any others
instants = st.integers(0, 8) | st.integers(LONG_AGO, FAR_AHEAD)
timelines = timelines_of(instants)


def turning_points(timeline: Timeline) -> list[int]:
    """The timeline's own instants, in order, after one before all of them."""
    own = (timeline.initiated, timeline.starts_at, timeline.ends_at, timeline.abort_requested_at)
    return [LONG_AGO - 1, *sorted(instant for instant in own if instant is not None)]


def statuses(timeline: Timeline) -> tuple[Status, ...]:
    """The statuses that a restore passes through, from before its first instant to after its last."""
    return tuple(status for status, _ in groupby(status_at(timeline, instant) for instant in turning_points(timeline)))


def follows(seen: tuple[Status, ...], path: tuple[Status, ...]) -> bool:
    """Whether the path contains these statuses in this order."""
    steps = iter(path)
    return all(status in steps for status in seen)


@given(timelines, instants)
def test_every_timeline_has_a_status_at_every_instant(timeline: Timeline, instant: int) -> None:
    assert status_at(timeline, instant) in Status


@given(timelines, st.lists(instants))
def test_as_time_passes_a_status_only_moves_forward(timeline: Timeline, checks: list[int]) -> None:
    seen = tuple(status for status, _ in groupby(status_at(timeline, instant) for instant in sorted(checks)))
    assert any(follows(seen, path) for path in PATHS)
    assert any(follows(statuses(timeline), path) for path in PATHS)


@given(timelines, instants)
def test_a_status_changes_only_at_instants_of_the_timeline(timeline: Timeline, instant: int) -> None:
    latest = max(turn for turn in turning_points(timeline) if turn <= instant)
    assert status_at(timeline, instant) is status_at(timeline, latest)


@given(timelines)
def test_the_instant_of_initiation_does_not_affect_the_status(timeline: Timeline) -> None:
    moved = Timeline(
        timeline.initiated + 1,
        timeline.starts_at,
        timeline.ends_at,
        timeline.outcome,
        abort_requested_at=timeline.abort_requested_at,
    )
    assert statuses(timeline) == statuses(moved)


@given(timelines, instants)
def test_a_restore_ends_only_if_both_its_end_and_its_outcome_are_known(timeline: Timeline, instant: int) -> None:
    if timeline.ends_at is None or timeline.outcome is None or instant < timeline.ends_at:
        assert status_at(timeline, instant) not in ENDED


@given(timelines, instants)
def test_a_restore_that_has_ended_keeps_its_status(timeline: Timeline, instant: int) -> None:
    if status_at(timeline, instant) in ENDED:
        assert status_at(timeline, FAR_AHEAD) is status_at(timeline, instant)


@given(timelines, instants)
def test_only_a_restore_with_the_outcome_not_supported_has_that_status(timeline: Timeline, instant: int) -> None:
    assert (status_at(timeline, instant) is NOT_SUPPORTED) == (timeline.outcome is Outcome.NOT_SUPPORTED)


@given(timelines)
def test_a_restore_without_a_requested_abort_is_never_aborting(timeline: Timeline) -> None:
    if timeline.abort_requested_at is None:
        assert ABORTING not in statuses(timeline)


@given(timelines, instants)
@example(Timeline(0, ends_at=5, outcome=Outcome.COMPLETED), 5)
def test_a_restore_has_an_instant_of_completion_only_while_it_is_completed(timeline: Timeline, instant: int) -> None:
    completed = completed_at(timeline, instant)
    if status_at(timeline, instant) is COMPLETED:
        assert completed == timeline.ends_at
        assert completed is not None
        assert completed <= instant
    else:
        assert completed is None


@pytest.mark.parametrize(
    ("timeline", "status"),
    [
        (Timeline(INITIATED), SCHEDULED),
        (Timeline(INITIATED, ends_at=ENDS), SCHEDULED),
        (Timeline(INITIATED, outcome=Outcome.COMPLETED), SCHEDULED),
        (Timeline(INITIATED, outcome=Outcome.ABORTED), SCHEDULED),
        (Timeline(INITIATED, STARTS), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, ENDS), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, outcome=Outcome.FAILED), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, outcome=Outcome.ABORTED), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, abort_requested_at=REQUESTED), ABORTING),
        (Timeline(INITIATED, STARTS, ENDS, abort_requested_at=REQUESTED), ABORTING),
        (Timeline(INITIATED, STARTS, ENDS, abort_requested_at=REQUESTED_LATE), ABORTING),
        (Timeline(INITIATED, STARTS, outcome=Outcome.COMPLETED, abort_requested_at=REQUESTED), ABORTING),
        (Timeline(INITIATED, STARTS, outcome=Outcome.ABORTED, abort_requested_at=REQUESTED), ABORTING),
    ],
)
def test_a_restore_with_an_open_end_keeps_its_status(timeline: Timeline, status: Status) -> None:
    assert status_at(timeline, REQUESTED_LATE) is status
    assert status_at(timeline, FAR_AHEAD) is status


@pytest.mark.parametrize(
    ("timeline", "expected"),
    [
        (Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED), {STARTS: IN_PROGRESS, ENDS: COMPLETED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.FAILED), {STARTS: IN_PROGRESS, ENDS: FAILED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED), {STARTS: IN_PROGRESS, ENDS: ABORTED}),
        (
            Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED, REQUESTED),
            {STARTS: IN_PROGRESS, REQUESTED: ABORTING, ENDS: ABORTED},
        ),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED, ENDS), {STARTS: IN_PROGRESS, ENDS: ABORTED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED, REQUESTED_LATE), {STARTS: IN_PROGRESS, ENDS: ABORTED}),
        # an abort before the end wins
        (
            Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED, ENDS - 1),
            {STARTS: IN_PROGRESS, ENDS - 1: ABORTING, ENDS: ABORTED},
        ),
        (
            Timeline(INITIATED, STARTS, ENDS, Outcome.FAILED, REQUESTED),
            {STARTS: IN_PROGRESS, REQUESTED: ABORTING, ENDS: ABORTED},
        ),
        (
            Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED, REQUESTED_EARLY),
            {REQUESTED_EARLY: ABORTING, ENDS: ABORTED},
        ),
        # an abort at the end or later changes nothing
        (Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED, ENDS), {STARTS: IN_PROGRESS, ENDS: COMPLETED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.FAILED, REQUESTED_LATE), {STARTS: IN_PROGRESS, ENDS: FAILED}),
        # without a start, or with one after the end
        (Timeline(INITIATED, ends_at=ENDS, outcome=Outcome.COMPLETED), {ENDS: COMPLETED}),
        (Timeline(INITIATED, REQUESTED_LATE, ENDS, Outcome.FAILED), {ENDS: FAILED}),
        (Timeline(INITIATED, abort_requested_at=REQUESTED), {REQUESTED: ABORTING}),
    ],
)
def test_a_status_changes_at_its_millisecond_and_not_one_earlier(
    timeline: Timeline, expected: dict[int, Status]
) -> None:
    before = SCHEDULED
    for instant, status in expected.items():
        assert status_at(timeline, instant - 1) is before
        assert status_at(timeline, instant) is status
        before = status
    assert status_at(timeline, INITIATED) is SCHEDULED
    assert status_at(timeline, FAR_AHEAD) is before


@pytest.mark.parametrize("instant", [LONG_AGO, INITIATED, STARTS, REQUESTED, ENDS, FAR_AHEAD])
def test_a_restore_that_is_not_supported_never_has_another_status(instant: int) -> None:
    assert status_at(Timeline(INITIATED, STARTS, ENDS, Outcome.NOT_SUPPORTED, REQUESTED), instant) is NOT_SUPPORTED
    assert status_at(Timeline(INITIATED, outcome=Outcome.NOT_SUPPORTED), instant) is NOT_SUPPORTED


def test_the_statuses_are_the_seven_of_the_documentation() -> None:
    assert list(Status) == ["scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported"]


def test_an_outcome_has_the_name_of_its_final_status() -> None:
    assert [Status(outcome) for outcome in Outcome] == [COMPLETED, FAILED, ABORTED, NOT_SUPPORTED]


def test_a_timeline_is_immutable() -> None:
    with pytest.raises(AttributeError):
        Timeline(INITIATED).ends_at = ENDS  # type: ignore[misc]


@given(st.sampled_from(Status), instants, instants, st.integers(0, FAR_AHEAD))
def test_a_held_restore_never_changes_its_status(status: Status, initiated: int, since: int, later: int) -> None:
    timeline = hold_at(status, initiated, since)
    assert timeline.initiated == initiated
    assert {status_at(timeline, instant) for instant in (since, since + later, FAR_AHEAD)} == {status}


@given(timelines, instants, st.integers(0, 8) | st.integers(0, FAR_AHEAD))
def test_a_restore_whose_abort_is_requested_is_aborting_and_then_aborted(
    timeline: Timeline, requested_at: int, duration: int
) -> None:
    ended = aborted(timeline, requested_at, requested_at + duration)
    assert status_at(ended, requested_at + duration) is ABORTED
    assert status_at(ended, FAR_AHEAD * 3) is ABORTED
    if duration:
        assert status_at(ended, requested_at) is status_at(ended, requested_at + duration - 1) is ABORTING
    assert ended._replace(ends_at=None, outcome=None, abort_requested_at=None) == timeline._replace(
        ends_at=None, outcome=None, abort_requested_at=None
    )


@given(timelines, instants, st.integers(0, FAR_AHEAD))
def test_a_restore_that_is_over_never_changes(timeline: Timeline, instant: int, later: int) -> None:
    status = status_at(timeline, instant)
    assert is_over(status) == (status in ENDED | {NOT_SUPPORTED})
    if is_over(status):
        assert status_at(timeline, instant + later) is status


NOW = 1_000_000
OPEN_ENDED = {"starts_after": None, "ends_after": None, "outcome": None, "abort_after": None, "aborting_for": 10}
Plan = dict[str, int | Outcome | None]


def plan(**options: int | Outcome | None) -> Timeline:
    return plan_timeline(NOW, **OPEN_ENDED | options)  # type: ignore[arg-type]  # each has the type of its name


spans = st.none() | st.integers(0, 8) | st.integers(0, 10**12)


@given(spans, spans, st.none() | st.sampled_from(Outcome), spans, st.integers(0, 20))
def test_a_restore_follows_its_plan(
    starts_after: int | None,
    ends_after: int | None,
    outcome: Outcome | None,
    abort_after: int | None,
    aborting_for: int,
) -> None:
    try:
        timeline = plan_timeline(
            NOW,
            starts_after=starts_after,
            ends_after=ends_after,
            outcome=outcome,
            abort_after=abort_after,
            aborting_for=aborting_for,
        )
    except ValueError as failure:
        assert str(failure).startswith("must ")  # noqa: PT017 - another test asserts which plans are rejected
        return
    assert timeline.initiated == NOW
    ends_as = outcome or (Outcome.ABORTED if abort_after is not None else Outcome.COMPLETED)
    if ends_after is not None:
        assert status_at(timeline, NOW + ends_after) is Status(ends_as)
    elif outcome is not Outcome.NOT_SUPPORTED:
        assert not is_over(status_at(timeline, FAR_AHEAD))
    if starts_after is not None and abort_after is None and ends_as is not Outcome.NOT_SUPPORTED:
        assert status_at(timeline, NOW + starts_after) is not SCHEDULED


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {0: SCHEDULED}),
        ({"starts_after": 0}, {0: IN_PROGRESS}),
        ({"starts_after": 30}, {0: SCHEDULED, 30: IN_PROGRESS}),
        ({"ends_after": 30}, {0: IN_PROGRESS, 30: COMPLETED}),
        ({"ends_after": 0}, {0: COMPLETED}),
        ({"starts_after": 5, "ends_after": 30}, {0: SCHEDULED, 5: IN_PROGRESS, 30: COMPLETED}),
        ({"starts_after": 5, "ends_after": 30, "outcome": Outcome.FAILED}, {0: SCHEDULED, 5: IN_PROGRESS, 30: FAILED}),
        ({"ends_after": 30, "outcome": Outcome.ABORTED}, {0: IN_PROGRESS, 20: ABORTING, 30: ABORTED}),
        ({"ends_after": 6, "outcome": Outcome.ABORTED}, {0: ABORTING, 6: ABORTED}),
        (
            {"starts_after": 25, "ends_after": 30, "outcome": Outcome.ABORTED},
            {0: SCHEDULED, 25: ABORTING, 30: ABORTED},
        ),
        ({"outcome": Outcome.NOT_SUPPORTED}, {0: NOT_SUPPORTED}),
        ({"ends_after": 30, "outcome": Outcome.NOT_SUPPORTED}, {0: NOT_SUPPORTED}),
        ({"abort_after": 10}, {0: SCHEDULED, 10: ABORTING}),
        ({"abort_after": 10, "outcome": Outcome.ABORTED}, {0: SCHEDULED, 10: ABORTING}),
        ({"abort_after": 10, "ends_after": 30}, {0: IN_PROGRESS, 10: ABORTING, 30: ABORTED}),
        ({"abort_after": 30, "ends_after": 30}, {0: IN_PROGRESS, 30: ABORTED}),
    ],
)
def test_a_plan_starts_now_and_leaves_the_rest_open(options: Plan, expected: dict[int, Status]) -> None:
    timeline = plan(**options)
    instants_of_change = [*expected, FAR_AHEAD]
    for position, (after, status) in enumerate(expected.items()):
        assert status_at(timeline, NOW + after) is status
        assert status_at(timeline, NOW + instants_of_change[position + 1] - 1) is status


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": Outcome.COMPLETED}, 'endsAfter .* "completed"'),
        ({"outcome": Outcome.ABORTED}, 'endsAfter .* "aborted"'),
        ({"starts_after": 5, "outcome": Outcome.FAILED}, 'endsAfter .* "failed"'),
        ({"abort_after": 5, "ends_after": 9, "outcome": Outcome.FAILED}, 'outcome "aborted"'),
        ({"abort_after": 5, "outcome": Outcome.NOT_SUPPORTED}, 'outcome "aborted"'),
        ({"starts_after": 9, "ends_after": 5}, "endsAfter .* not less"),
        ({"abort_after": 9, "ends_after": 5}, "endsAfter .* not less"),
    ],
)
def test_a_contradictory_plan_is_rejected(options: Plan, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan(**options)


@given(timelines, instants)
def test_the_next_change_is_the_first_later_instant_with_another_status(timeline: Timeline, instant: int) -> None:
    status, change = status_at(timeline, instant), next_change(timeline, instant)
    instants = {when for when in timeline[1:] if isinstance(when, int) and not isinstance(when, Outcome)}
    others = [when for when in instants if when > instant and status_at(timeline, when) is not status]
    assert change == min(others, default=None)
    if change is None:
        assert status_at(timeline, FAR_AHEAD * 3) is status
    else:
        assert status_at(timeline, change - 1) is status


@given(timelines, instants)
def test_a_status_is_final_from_one_instant_on(timeline: Timeline, instant: int) -> None:
    since = final_since(timeline)
    assert is_over(status_at(timeline, instant)) == (since is not None and instant >= since)


def test_four_statuses_are_final() -> None:
    assert {status for status in Status if is_over(status)} == {COMPLETED, FAILED, ABORTED, NOT_SUPPORTED}


def test_a_planned_abort_takes_no_longer_than_the_restore() -> None:
    planned_abort = plan_timeline(
        INITIATED, starts_after=None, ends_after=5, outcome=Outcome.ABORTED, abort_after=None, aborting_for=10
    )
    assert planned_abort == Timeline(INITIATED, INITIATED, INITIATED + 5, Outcome.ABORTED, abort_requested_at=INITIATED)
