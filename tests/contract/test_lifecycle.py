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
    hold_at,
    is_over,
    next_change,
    plan_timeline,
    status_at,
)

SCHEDULED, IN_PROGRESS, COMPLETED, ABORTING, ABORTED, FAILED, NOT_SUPPORTED = Status

PATHS = (
    (SCHEDULED, IN_PROGRESS, COMPLETED),
    (SCHEDULED, IN_PROGRESS, FAILED),
    (SCHEDULED, IN_PROGRESS, ABORTING, ABORTED),
    (NOT_SUPPORTED,),
)
ENDED = {COMPLETED, FAILED, ABORTED}

LONG_AGO, FAR_AHEAD = -(10**18), 10**18
INITIATED, ASKED_EARLY, STARTS, ASKED, ENDS, ASKED_LATE = 1_000, 1_500, 2_000, 3_000, 4_000, 5_000

# a few small numbers, so that instants often coincide, and any others
instants = st.integers(0, 8) | st.integers(LONG_AGO, FAR_AHEAD)
timelines = st.builds(
    Timeline,
    initiated=instants,
    starts_at=st.none() | instants,
    ends_at=st.none() | instants,
    outcome=st.none() | st.sampled_from(Outcome),
    abort_requested_at=st.none() | instants,
)


def turning_points(timeline: Timeline) -> list[int]:
    """The timeline's own instants, in order, after one that lies before them all."""
    own = (timeline.initiated, timeline.starts_at, timeline.ends_at, timeline.abort_requested_at)
    return [LONG_AGO - 1, *sorted(instant for instant in own if instant is not None)]


def life(timeline: Timeline) -> tuple[Status, ...]:
    """The statuses that a restore goes through, from before its first instant to after its last."""
    return tuple(status for status, _ in groupby(status_at(timeline, instant) for instant in turning_points(timeline)))


def lies_on(statuses: tuple[Status, ...], path: tuple[Status, ...]) -> bool:
    """Whether the path leads through all these statuses in this order; it may be entered or left anywhere."""
    steps = iter(path)
    return all(status in steps for status in statuses)


@given(timelines, instants)
def test_every_timeline_has_a_status_at_every_instant(timeline: Timeline, instant: int) -> None:
    assert status_at(timeline, instant) in Status


@given(timelines, st.lists(instants))
def test_as_time_passes_a_status_only_moves_forward(timeline: Timeline, looks: list[int]) -> None:
    seen = tuple(status for status, _ in groupby(status_at(timeline, instant) for instant in sorted(looks)))
    assert any(lies_on(seen, path) for path in PATHS)
    assert any(lies_on(life(timeline), path) for path in PATHS)


@given(timelines, instants)
def test_a_status_changes_at_the_timelines_own_instants_alone(timeline: Timeline, instant: int) -> None:
    latest = max(turn for turn in turning_points(timeline) if turn <= instant)
    assert status_at(timeline, instant) is status_at(timeline, latest)


@given(timelines)
def test_the_instant_of_initiation_decides_nothing(timeline: Timeline) -> None:
    moved = Timeline(
        timeline.initiated + 1,
        timeline.starts_at,
        timeline.ends_at,
        timeline.outcome,
        abort_requested_at=timeline.abort_requested_at,
    )
    assert life(timeline) == life(moved)


@given(timelines, instants)
def test_only_a_restore_whose_end_and_outcome_are_both_known_ends(timeline: Timeline, instant: int) -> None:
    if timeline.ends_at is None or timeline.outcome is None or instant < timeline.ends_at:
        assert status_at(timeline, instant) not in ENDED


@given(timelines, instants)
def test_whatever_has_ended_stays_as_it_ended(timeline: Timeline, instant: int) -> None:
    if status_at(timeline, instant) in ENDED:
        assert status_at(timeline, FAR_AHEAD) is status_at(timeline, instant)


@given(timelines, instants)
def test_only_a_restore_that_is_not_supported_is_ever_said_to_be(timeline: Timeline, instant: int) -> None:
    said = status_at(timeline, instant) is NOT_SUPPORTED
    assert said == (timeline.outcome is Outcome.NOT_SUPPORTED)


@given(timelines)
def test_a_restore_whose_abort_nobody_asked_for_is_never_aborting(timeline: Timeline) -> None:
    if timeline.abort_requested_at is None:
        assert ABORTING not in life(timeline)


@given(timelines, instants)
@example(Timeline(0, ends_at=5, outcome=Outcome.COMPLETED), 5)
def test_a_restore_has_an_instant_of_completion_exactly_while_it_is_completed(timeline: Timeline, instant: int) -> None:
    completed = completed_at(timeline, instant)
    if status_at(timeline, instant) is COMPLETED:
        assert completed == timeline.ends_at
        assert completed is not None
        assert completed <= instant
    else:
        assert completed is None


@pytest.mark.parametrize(
    ("timeline", "hold_at"),
    [
        (Timeline(INITIATED), SCHEDULED),
        (Timeline(INITIATED, ends_at=ENDS), SCHEDULED),
        (Timeline(INITIATED, outcome=Outcome.COMPLETED), SCHEDULED),
        (Timeline(INITIATED, outcome=Outcome.ABORTED), SCHEDULED),
        (Timeline(INITIATED, STARTS), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, ENDS), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, outcome=Outcome.FAILED), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, outcome=Outcome.ABORTED), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, abort_requested_at=ASKED), ABORTING),
        (Timeline(INITIATED, STARTS, ENDS, abort_requested_at=ASKED), ABORTING),
        (Timeline(INITIATED, STARTS, ENDS, abort_requested_at=ASKED_LATE), ABORTING),
        (Timeline(INITIATED, STARTS, outcome=Outcome.COMPLETED, abort_requested_at=ASKED), ABORTING),
        (Timeline(INITIATED, STARTS, outcome=Outcome.ABORTED, abort_requested_at=ASKED), ABORTING),
    ],
)
def test_a_restore_with_an_open_end_stays_where_it_is(timeline: Timeline, hold_at: Status) -> None:
    assert status_at(timeline, ASKED_LATE) is hold_at
    assert status_at(timeline, FAR_AHEAD) is hold_at


@pytest.mark.parametrize(
    ("timeline", "lived"),
    [
        (Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED), {STARTS: IN_PROGRESS, ENDS: COMPLETED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.FAILED), {STARTS: IN_PROGRESS, ENDS: FAILED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED), {STARTS: IN_PROGRESS, ENDS: ABORTED}),
        (
            Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED, ASKED),
            {STARTS: IN_PROGRESS, ASKED: ABORTING, ENDS: ABORTED},
        ),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED, ENDS), {STARTS: IN_PROGRESS, ENDS: ABORTED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.ABORTED, ASKED_LATE), {STARTS: IN_PROGRESS, ENDS: ABORTED}),
        # an abort in time decides how the restore ends
        (
            Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED, ENDS - 1),
            {STARTS: IN_PROGRESS, ENDS - 1: ABORTING, ENDS: ABORTED},
        ),
        (
            Timeline(INITIATED, STARTS, ENDS, Outcome.FAILED, ASKED),
            {STARTS: IN_PROGRESS, ASKED: ABORTING, ENDS: ABORTED},
        ),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED, ASKED_EARLY), {ASKED_EARLY: ABORTING, ENDS: ABORTED}),
        # one that comes with the end, or later, changes nothing
        (Timeline(INITIATED, STARTS, ENDS, Outcome.COMPLETED, ENDS), {STARTS: IN_PROGRESS, ENDS: COMPLETED}),
        (Timeline(INITIATED, STARTS, ENDS, Outcome.FAILED, ASKED_LATE), {STARTS: IN_PROGRESS, ENDS: FAILED}),
        # without a start, or with one that comes too late
        (Timeline(INITIATED, ends_at=ENDS, outcome=Outcome.COMPLETED), {ENDS: COMPLETED}),
        (Timeline(INITIATED, ASKED_LATE, ENDS, Outcome.FAILED), {ENDS: FAILED}),
        (Timeline(INITIATED, abort_requested_at=ASKED), {ASKED: ABORTING}),
    ],
)
def test_each_step_comes_at_its_millisecond_and_not_one_earlier(timeline: Timeline, lived: dict[int, Status]) -> None:
    before = SCHEDULED
    for instant, status in lived.items():
        assert status_at(timeline, instant - 1) is before
        assert status_at(timeline, instant) is status
        before = status
    assert status_at(timeline, INITIATED) is SCHEDULED
    assert status_at(timeline, FAR_AHEAD) is before


@pytest.mark.parametrize("instant", [LONG_AGO, INITIATED, STARTS, ASKED, ENDS, FAR_AHEAD])
def test_a_restore_that_is_not_supported_is_so_from_the_start_whatever_else_its_timeline_says(instant: int) -> None:
    assert status_at(Timeline(INITIATED, STARTS, ENDS, Outcome.NOT_SUPPORTED, ASKED), instant) is NOT_SUPPORTED
    assert status_at(Timeline(INITIATED, outcome=Outcome.NOT_SUPPORTED), instant) is NOT_SUPPORTED


def test_there_are_the_seven_statuses_that_the_documentation_names() -> None:
    assert list(Status) == [
        "scheduled",
        "in-progress",
        "completed",
        "aborting",
        "aborted",
        "failed",
        "not-supported",
    ]


def test_an_outcome_is_called_as_the_status_that_it_ends_in() -> None:
    assert [Status(outcome) for outcome in Outcome] == [COMPLETED, FAILED, ABORTED, NOT_SUPPORTED]


def test_nobody_changes_a_timeline_but_by_making_another() -> None:
    with pytest.raises(AttributeError):
        Timeline(INITIATED).ends_at = ENDS  # type: ignore[misc]


@given(st.sampled_from(Status), instants, instants, st.integers(0, FAR_AHEAD))
def test_a_restore_that_is_held_has_its_status_from_then_on_for_ever(
    status: Status, initiated: int, since: int, later: int
) -> None:
    timeline = hold_at(status, initiated, since)
    assert timeline.initiated == initiated
    assert {status_at(timeline, instant) for instant in (since, since + later, FAR_AHEAD)} == {status}


@given(timelines, instants, st.integers(0, 8) | st.integers(0, FAR_AHEAD))
def test_a_restore_whose_abort_is_asked_for_is_aborting_from_then_on_and_then_aborted(
    timeline: Timeline, requested_at: int, lasts: int
) -> None:
    ended = aborted(timeline, requested_at, requested_at + lasts)
    assert status_at(ended, requested_at + lasts) is ABORTED
    assert status_at(ended, FAR_AHEAD * 3) is ABORTED
    if lasts:
        assert status_at(ended, requested_at) is status_at(ended, requested_at + lasts - 1) is ABORTING
    assert ended._replace(ends_at=None, outcome=None, abort_requested_at=None) == timeline._replace(
        ends_at=None, outcome=None, abort_requested_at=None
    )


@given(timelines, instants, st.integers(0, FAR_AHEAD))
def test_what_is_over_changes_no_more(timeline: Timeline, instant: int, later: int) -> None:
    status = status_at(timeline, instant)
    assert is_over(status) == (status in ENDED | {NOT_SUPPORTED})
    if is_over(status):
        assert status_at(timeline, instant + later) is status


NOW = 1_000_000
OPEN_ENDED = {"starts_after": None, "ends_after": None, "outcome": None, "abort_after": None, "aborting_for": 10}
Plan = dict[str, int | Outcome | None]


def plan(**given_of_it: int | Outcome | None) -> Timeline:
    return plan_timeline(NOW, **OPEN_ENDED | given_of_it)  # type: ignore[arg-type]  # each has the type of its name


spans = st.none() | st.integers(0, 8) | st.integers(0, 10**12)


@given(spans, spans, st.none() | st.sampled_from(Outcome), spans, st.integers(0, 20))
def test_whatever_can_be_planned_goes_as_it_was_planned(
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
        assert str(failure).startswith("must ")  # noqa: PT017 - whether it is refused is for the next test
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
    ("given_of_it", "lived"),
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
def test_a_plan_is_counted_from_now_and_what_it_leaves_out_stays_open(
    given_of_it: Plan, lived: dict[int, Status]
) -> None:
    timeline = plan(**given_of_it)
    instants_of_change = [*lived, FAR_AHEAD]
    for place, (after, status) in enumerate(lived.items()):
        assert status_at(timeline, NOW + after) is status
        assert status_at(timeline, NOW + instants_of_change[place + 1] - 1) is status


@pytest.mark.parametrize(
    ("given_of_it", "message"),
    [
        ({"outcome": Outcome.COMPLETED}, 'must have endsAfter where the outcome is "completed"'),
        ({"outcome": Outcome.ABORTED}, 'must have endsAfter where the outcome is "aborted"'),
        ({"starts_after": 5, "outcome": Outcome.FAILED}, 'must have endsAfter where the outcome is "failed"'),
        ({"abort_after": 5, "ends_after": 9, "outcome": Outcome.FAILED}, 'must have the outcome "aborted", or none'),
        ({"abort_after": 5, "outcome": Outcome.NOT_SUPPORTED}, 'must have the outcome "aborted", or none'),
        ({"starts_after": 9, "ends_after": 5}, "must not end before it starts"),
        ({"abort_after": 9, "ends_after": 5}, "must not end before it starts, nor before its abort"),
    ],
)
def test_what_cannot_be_is_not_planned(given_of_it: Plan, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan(**given_of_it)


@given(timelines, instants)
def test_the_next_change_is_the_first_later_instant_at_which_the_status_is_another(
    timeline: Timeline, instant: int
) -> None:
    status, change = status_at(timeline, instant), next_change(timeline, instant)
    instants = {when for when in timeline[1:] if isinstance(when, int) and not isinstance(when, Outcome)}
    others = [when for when in instants if when > instant and status_at(timeline, when) is not status]
    assert change == min(others, default=None)
    if change is None:
        assert status_at(timeline, FAR_AHEAD * 3) is status
    else:
        assert status_at(timeline, change - 1) is status


def test_a_restore_whose_timeline_is_open_never_changes() -> None:
    assert next_change(Timeline(INITIATED), INITIATED) is None


def test_four_statuses_are_those_of_a_restore_that_is_over() -> None:
    assert {status for status in Status if is_over(status)} == {COMPLETED, FAILED, ABORTED, NOT_SUPPORTED}


def test_an_abort_that_is_planned_takes_no_longer_than_the_restore() -> None:
    planned_abort = plan_timeline(
        INITIATED, starts_after=None, ends_after=5, outcome=Outcome.ABORTED, abort_after=None, aborting_for=10
    )
    assert planned_abort == Timeline(INITIATED, INITIATED, INITIATED + 5, Outcome.ABORTED, abort_requested_at=INITIATED)
