"""Closes the connection in the middle of the body."""

from typing import Literal

from mockserver.faults.base import Fault, ResponseEffects


class TruncateFault(Fault):
    """Sends half of the body that ``Content-Length`` announces, then closes the connection."""

    kind: Literal["truncate"] = "truncate"

    def apply(self, effects: ResponseEffects) -> None:
        effects.truncated = True
