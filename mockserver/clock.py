"""A project's clock, and the only reader of the machine's."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mockserver.durations import Duration
from mockserver.instants import INSTANT_MAX, Moment, unix_milliseconds


class Clock(Protocol):
    """What tells the time: instants for statuses and logs, and a stopwatch for rate limits and durations."""

    def now(self) -> int:
        """The present instant, in unix milliseconds, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes backwards; only differences mean anything."""
        ...


class MachineClock:
    """The machine's own clocks."""

    monotonic = staticmethod(time.monotonic)

    def now(self) -> int:
        return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A machine's clock that stands still, for what is to happen in one instant."""

    instant: int

    def now(self) -> int:
        return self.instant

    def monotonic(self) -> float:
        return 0.0


class ClockMode(StrEnum):
    """How a project's clock goes."""

    REAL = "real"
    FROZEN = "frozen"
    STEPPING = "stepping"


class ClockSetting(BaseModel):
    """How a clock is to go, and from which instant; without one it starts from the present one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Annotated[
        ClockMode,
        Field(
            description="real: as time goes by; frozen: it stands still; stepping: it stands still, and moves by "
            "`step` after each call that listed restores."
        ),
    ]
    now: Annotated[Moment | None, Field(description="The instant to start from.")] = None
    step: Annotated[Duration | None, Field(description="Only for stepping, which needs it.")] = None

    @model_validator(mode="after")
    def _steps_where_it_steps(self) -> Self:
        if (self.mode is ClockMode.STEPPING) != (self.step is not None):
            raise ValueError('must have a step where mode is "stepping", and none otherwise')
        return self


class ClockState(BaseModel):
    """Where a clock stands, as the store keeps it: where it is real an offset to the machine's, else an instant."""

    model_config = ConfigDict(frozen=True)

    mode: ClockMode = ClockMode.REAL
    value: int = 0
    step: int = 0


class ProjectClock:
    """Decides a project's statuses and the instants of its new restores."""

    def __init__(self, machine: Clock, state: ClockState) -> None:
        self._machine = machine
        self.state = state

    def now(self) -> int:
        """The project's present instant, in unix milliseconds, UTC; a real clock stops where time ends."""
        state = self.state
        return min(self._machine.now() + state.value, INSTANT_MAX) if state.mode is ClockMode.REAL else state.value

    def set(self, setting: ClockSetting) -> None:
        """Starts to go as ``setting`` says."""
        now = self.now() if setting.now is None else unix_milliseconds(setting.now)
        value = now - self._machine.now() if setting.mode is ClockMode.REAL else now
        self.state = ClockState(mode=setting.mode, value=value, step=setting.step or 0)

    def advance(self, by: int) -> None:
        """Moves ``by`` milliseconds ahead; raises ValueError beyond the last instant that there is."""
        if self.now() + by > INSTANT_MAX:
            raise ValueError("would move the clock beyond 2106-02-07, where time ends here")
        self.state = self.state.model_copy(update={"value": self.state.value + by})

    def tick(self) -> bool:
        """Moves a stepping clock by its step, after a list of restores; whether it moved."""
        steps = self.state.mode is ClockMode.STEPPING and self.now() + self.state.step <= INSTANT_MAX
        if steps:
            self.advance(self.state.step)
        return steps
