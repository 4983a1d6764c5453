"""A project's clock: real, frozen or stepping, and moved ahead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mockserver.clock import ClockMode, ClockSetting, ClockState, FixedClock, MachineClock, ProjectClock
from mockserver.instants import INSTANT_MAX, timestamp_moment
from tests.support import NOW, SteppedClock

HOUR = 3_600_000
LATER = NOW + HOUR

instants = st.integers(0, INSTANT_MAX)
modes = st.sampled_from(ClockMode)


def setting(mode: ClockMode, now: int | None = None, step: int = 1_000) -> ClockSetting:
    return ClockSetting(
        mode=mode,
        now=None if now is None else timestamp_moment(now),
        step=step / 1000 if mode is ClockMode.STEPPING else None,  # in seconds, as in JSON
    )


def clock_at(machine: SteppedClock, mode: ClockMode = ClockMode.REAL, now: int | None = None) -> ProjectClock:
    clock = ProjectClock(machine, ClockState())
    clock.set(setting(mode, now))
    return clock


def test_a_clock_follows_the_machines_clock_unless_it_is_set() -> None:
    machine = SteppedClock()
    clock = ProjectClock(machine, ClockState())
    assert clock.now() == NOW
    machine.instant = LATER
    assert clock.now() == LATER


@given(modes, st.none() | instants, st.integers(0, 10**9))
def test_a_real_clock_moves_on_from_where_it_was_set_and_the_others_stand_still(
    mode: ClockMode, now: int | None, elapsed: int
) -> None:
    machine = SteppedClock()
    clock = clock_at(machine, mode, now)
    start = NOW if now is None else now
    assert clock.now() == start
    machine.instant += elapsed
    assert clock.now() == (min(start + elapsed, INSTANT_MAX) if mode is ClockMode.REAL else start)


@pytest.mark.parametrize("before", ClockMode)
@pytest.mark.parametrize("after", ClockMode)
def test_without_an_instant_a_clock_starts_from_the_present_one(before: ClockMode, after: ClockMode) -> None:
    clock = clock_at(SteppedClock(), before, LATER)
    clock.set(setting(after))
    assert clock.now() == LATER
    assert clock.state.mode is after


@given(modes, instants, st.integers(0, INSTANT_MAX))
def test_a_clock_moves_ahead_but_not_beyond_the_last_instant(mode: ClockMode, now: int, by: int) -> None:
    clock = clock_at(SteppedClock(), mode, now)
    if now + by <= INSTANT_MAX:
        clock.advance(by)
        assert clock.now() == now + by
        return
    with pytest.raises(ValueError, match="beyond 2106-02-07"):
        clock.advance(by)
    assert clock.now() == now


@given(instants, st.integers(0, 10**12))
def test_a_stepping_clock_steps_but_not_beyond_the_last_instant(now: int, step: int) -> None:
    clock = ProjectClock(SteppedClock(), ClockState())
    clock.set(setting(ClockMode.STEPPING, now, step))
    fits = now + step <= INSTANT_MAX
    assert clock.tick() is fits
    assert clock.now() == (now + step if fits else now)


@pytest.mark.parametrize("mode", [ClockMode.REAL, ClockMode.FROZEN])
def test_no_other_clock_steps(mode: ClockMode) -> None:
    clock = clock_at(SteppedClock(), mode)
    assert not clock.tick()
    assert clock.now() == NOW


@pytest.mark.parametrize(("mode", "step"), [("stepping", None), ("real", 5), ("frozen", 5)])
def test_only_a_stepping_clock_has_a_step(mode: str, step: int | None) -> None:
    with pytest.raises(ValidationError, match="must have a step if its mode"):
        ClockSetting.model_validate({"mode": mode, "step": step})


@given(modes, instants)
def test_a_stored_clock_continues(mode: ClockMode, now: int) -> None:
    machine = SteppedClock()
    clock = clock_at(machine, mode, now)
    stored = ClockState.model_validate_json(clock.state.model_dump_json())
    assert ProjectClock(machine, stored).now() == clock.now()


def test_the_machines_clock_moves_forward() -> None:
    machine = MachineClock()
    before, since = machine.now(), machine.monotonic()
    assert machine.now() >= before > NOW
    assert machine.monotonic() >= since


def test_a_fixed_clock_stands_still() -> None:
    assert (FixedClock(NOW).now(), FixedClock(NOW).monotonic()) == (NOW, 0.0)
