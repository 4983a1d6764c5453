"""Those who wait for a change: all of them wake, however often they are notified at once."""

import asyncio

from mockserver.sandbox.watchers import Watchers


def test_all_that_wait_wake_at_a_change_and_changes_at_once_count_as_one() -> None:
    async def wait() -> tuple[int, int]:
        watchers = Watchers()
        first, second = watchers.next_change(), watchers.next_change()
        waiting = len(watchers.waiting)
        watchers.notify()
        watchers.notify()
        await asyncio.gather(first, second)
        await asyncio.sleep(0)
        return waiting, len(watchers.waiting)

    assert asyncio.run(wait()) == (2, 0)
