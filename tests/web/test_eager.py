"""A request that runs without a task until it waits behaves like one that runs in a task from the beginning."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.web import eager

Steps = list[str]


async def run_steps(steps: Steps, done: Steps) -> None:
    """Does each step, and goes on after a step that fails."""
    for step in steps:
        try:
            if step == "wait":
                await asyncio.sleep(0)
            elif step == "future":
                future = asyncio.get_running_loop().create_future()
                asyncio.get_running_loop().call_soon(future.set_result, step)
                assert await future == step
            elif step == "failure":
                future = asyncio.get_running_loop().create_future()
                asyncio.get_running_loop().call_soon(future.set_exception, OSError(step))
                await future
        except OSError as failure:
            step = f"{failure} caught"  # noqa: PLW2901 - what the step came to
        done.append(step)


async def in_task(steps: Steps, done: Steps) -> None:
    await asyncio.create_task(run_steps(steps, done))


async def at_once(steps: Steps, done: Steps) -> None:
    rest = eager.start(run_steps(steps, done))
    ahead = next((index for index, step in enumerate(steps) if step != "go"), len(steps))
    assert done == steps[:ahead]
    assert (rest is None) == (ahead == len(steps))
    assert rest is None or inspect.iscoroutine(rest)
    if rest is not None:
        await asyncio.create_task(rest)


def done_by(run: Callable[[Steps, Steps], Awaitable[None]], steps: Steps) -> Steps:
    async def main() -> Steps:
        done: Steps = []
        await run(steps, done)
        return done

    return asyncio.run(main())


@given(st.lists(st.sampled_from(["go", "wait", "future", "failure"]), max_size=6))
def test_it_does_what_a_task_does(steps: Steps) -> None:
    assert done_by(at_once, steps) == done_by(in_task, steps)


def test_a_cancelled_request_notices_it() -> None:
    async def main() -> None:
        forever = asyncio.get_running_loop().create_future()
        caught: list[str] = []

        async def wait_forever() -> None:
            try:
                await forever
            except asyncio.CancelledError:
                caught.append("cancelled")
                raise

        rest = eager.start(wait_forever())
        assert rest is not None
        task = asyncio.create_task(rest)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert caught == ["cancelled"]

    asyncio.run(main())


def test_what_fails_before_it_waits_fails_at_once() -> None:
    async def fail() -> None:
        raise OSError("at once")

    with pytest.raises(OSError, match="at once"):
        eager.start(fail())
