from dataclasses import FrozenInstanceError
from itertools import groupby

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.lifecycle import Outcome, Status, Timeline, completed_at, status_at

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
    starts=st.none() | instants,
    ends=st.none() | instants,
    outcome=st.none() | st.sampled_from(Outcome),
    abort_asked=st.none() | instants,
)


def turning_points(timeline: Timeline) -> list[int]:
    """The timeline's own instants, in order, after one that lies before them all."""
    own = (timeline.initiated, timeline.starts, timeline.ends, timeline.abort_asked)
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
        timeline.initiated + 1, timeline.starts, timeline.ends, timeline.outcome, abort_asked=timeline.abort_asked
    )
    assert life(timeline) == life(moved)


@given(timelines, instants)
def test_only_a_restore_whose_end_and_outcome_are_both_known_ends(timeline: Timeline, instant: int) -> None:
    if timeline.ends is None or timeline.outcome is None or instant < timeline.ends:
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
    if timeline.abort_asked is None:
        assert ABORTING not in life(timeline)


@given(timelines, instants)
@example(Timeline(0, ends=5, outcome=Outcome.COMPLETED), 5)
def test_a_restore_has_an_instant_of_completion_exactly_while_it_is_completed(timeline: Timeline, instant: int) -> None:
    completed = completed_at(timeline, instant)
    if status_at(timeline, instant) is COMPLETED:
        assert completed == timeline.ends
        assert completed is not None
        assert completed <= instant
    else:
        assert completed is None


@pytest.mark.parametrize(
    ("timeline", "held"),
    [
        (Timeline(INITIATED), SCHEDULED),
        (Timeline(INITIATED, ends=ENDS), SCHEDULED),
        (Timeline(INITIATED, outcome=Outcome.COMPLETED), SCHEDULED),
        (Timeline(INITIATED, outcome=Outcome.ABORTED), SCHEDULED),
        (Timeline(INITIATED, STARTS), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, ENDS), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, outcome=Outcome.FAILED), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, outcome=Outcome.ABORTED), IN_PROGRESS),
        (Timeline(INITIATED, STARTS, abort_asked=ASKED), ABORTING),
        (Timeline(INITIATED, STARTS, ENDS, abort_asked=ASKED), ABORTING),
        (Timeline(INITIATED, STARTS, ENDS, abort_asked=ASKED_LATE), ABORTING),
        (Timeline(INITIATED, STARTS, outcome=Outcome.COMPLETED, abort_asked=ASKED), ABORTING),
        (Timeline(INITIATED, STARTS, outcome=Outcome.ABORTED, abort_asked=ASKED), ABORTING),
    ],
)
def test_a_restore_with_an_open_end_stays_where_it_is(timeline: Timeline, held: Status) -> None:
    assert status_at(timeline, ASKED_LATE) is held
    assert status_at(timeline, FAR_AHEAD) is held


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
        (Timeline(INITIATED, ends=ENDS, outcome=Outcome.COMPLETED), {ENDS: COMPLETED}),
        (Timeline(INITIATED, ASKED_LATE, ENDS, Outcome.FAILED), {ENDS: FAILED}),
        (Timeline(INITIATED, abort_asked=ASKED), {ASKED: ABORTING}),
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
    with pytest.raises(FrozenInstanceError):
        Timeline(INITIATED).ends = ENDS  # type: ignore[misc]
