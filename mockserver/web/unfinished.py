"""How much memory unfinished requests take, over all connections of a server."""

from typing import Protocol


class Holder(Protocol):
    """A connection that holds what has arrived of an unfinished request."""

    held: int

    def give_up(self) -> None:
        """Lets go of it."""


class Unfinished:
    """Keeps the total within ``limit`` bytes: beyond it, the connection that holds most gives up what it holds."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total = 0
        self._holders: set[Holder] = set()

    def hold(self, holder: Holder, count: int) -> None:
        """Says that ``holder`` holds ``count`` bytes from now on."""
        self.total += count - holder.held
        holder.held = count
        if count:
            self._holders.add(holder)
        else:
            self._holders.discard(holder)
        while self.total > self.limit:
            largest = max(self._holders, key=lambda each: each.held)
            self.hold(largest, 0)
            largest.give_up()
