"""Idle connections are closed, with one timer for many requests."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.web.idle import IdleTimer

SECONDS = 5.0


class Timer:
    """A timer of the loop below."""

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """An event loop whose time a test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, callback))
        return self.timers[-1]

    def move_to(self, instant: float) -> None:
        while due := [timer for timer in self.timers if timer.due <= instant and not timer.cancelled]:
            first = min(due, key=lambda timer: timer.due)
            self.timers.remove(first)
            self.now = max(self.now, first.due)
            first.callback()
        self.now = instant


@pytest.fixture
def loop() -> Any:
    return Loop()


@pytest.fixture
def closed() -> list[float]:
    """When the connection was closed."""
    return []


@pytest.fixture
def idle(loop: Any, closed: list[float]) -> IdleTimer:
    return IdleTimer(loop, SECONDS, lambda: closed.append(loop.now))


def test_a_connection_is_closed_once_it_was_idle_for_long(idle: IdleTimer, loop: Loop, closed: list[float]) -> None:
    idle.start()
    loop.move_to(104.9)
    assert not closed
    loop.move_to(120)
    assert closed == [105]


def test_the_time_counts_from_the_latest_response(idle: IdleTimer, loop: Loop, closed: list[float]) -> None:
    for second in range(100, 110):
        loop.move_to(second)
        idle.stop()
        idle.start()
    assert len(loop.timers) == 1
    loop.move_to(120)
    assert closed == [114]


def test_a_connection_in_use_stays_open_and_is_watched_again(idle: IdleTimer, loop: Loop, closed: list[float]) -> None:
    idle.start()
    idle.stop()
    loop.move_to(200)
    assert not closed
    idle.start()
    loop.move_to(300)
    assert closed == [205]


def test_a_lost_connection_is_not_closed_again(idle: IdleTimer, loop: Loop, closed: list[float]) -> None:
    idle.cancel()
    idle.start()
    idle.cancel()
    loop.move_to(200)
    assert not closed
