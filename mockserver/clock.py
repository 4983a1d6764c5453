"""A project's clock. Only this module reads the machine's clock."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mockserver.durations import Duration
from mockserver.instants import INSTANT_MAX, Moment, unix_milliseconds
from mockserver.strict import StrictModel


class Clock(Protocol):
    """Tells the time: instants for statuses and logs, and a monotonic clock for rate limits and durations."""

    def now(self) -> int:
        """The present instant, in unix milliseconds, UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences are meaningful."""


class MachineClock:
    """The clocks of this machine."""

    monotonic = staticmethod(time.monotonic)

    def now(self) -> int:
        return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for work that takes place in one instant."""

    instant: int

    def now(self) -> int:
        return self.instant

    def monotonic(self) -> float:
        return 0.0


class ClockMode(StrEnum):
    """The modes of a project's clock."""

    REAL = "real"
    FROZEN = "frozen"
    STEPPING = "stepping"


_REAL = ClockMode.REAL  # looked up once: before Python 3.12 that takes as long as a function call


class ClockSetting(StrictModel):
    """The mode of a clock, and the instant to start from; by default the present one."""

    model_config = ConfigDict(frozen=True)

    mode: Annotated[
        ClockMode,
        Field(
            description="real: moves on with time; frozen: stands still; stepping: stands still, and moves ahead by "
            "`step` after each request that lists restores."
        ),
    ]
    now: Annotated[Moment | None, Field(description="The instant to start from.")] = None
    step: Annotated[Duration | None, Field(description="Required for stepping, not allowed otherwise.")] = None

    @model_validator(mode="after")
    def _check_step(self) -> Self:
        if (self.mode is ClockMode.STEPPING) != (self.step is not None):
            raise ValueError('must have a step if its mode is "stepping", and none otherwise')
        return self


class ClockState(BaseModel):
    """A clock as it is stored: ``value`` is an offset to the machine's clock if the mode is real, else an instant."""

    model_config = ConfigDict(frozen=True)

    mode: ClockMode = ClockMode.REAL
    value: int = 0
    step: int = 0


class ProjectClock:
    """The clock that statuses and new restores of a project depend on."""

    def __init__(self, machine: Clock, state: ClockState) -> None:
        self._machine = machine
        self.state = state

    def now(self) -> int:
        """The project's present instant, in unix milliseconds, UTC; at most ``INSTANT_MAX``."""
        return self.at(self._machine.now())

    def at(self, machine_now: int) -> int:
        """The project's instant when the machine's clock says ``machine_now``."""
        state = self.state
        return min(machine_now + state.value, INSTANT_MAX) if state.mode is _REAL else state.value

    def set(self, setting: ClockSetting) -> None:
        """Restarts the clock with ``setting``."""
        now = self.now() if setting.now is None else unix_milliseconds(setting.now)
        value = now - self._machine.now() if setting.mode is ClockMode.REAL else now
        self.state = ClockState(mode=setting.mode, value=value, step=setting.step or 0)

    def advance(self, by: int) -> None:
        """Moves the clock ahead by ``by`` milliseconds; raises ValueError beyond ``INSTANT_MAX``."""
        if self.now() + by > INSTANT_MAX:
            raise ValueError("must not move the clock beyond 2106-02-07, the last date supported")
        self.state = self.state.model_copy(update={"value": self.state.value + by})

    def tick(self) -> bool:
        """Moves a stepping clock ahead by its step; returns whether it moved."""
        steps = self.state.mode is ClockMode.STEPPING and self.now() + self.state.step <= INSTANT_MAX
        if steps:
            self.advance(self.state.step)
        return steps
