"""Ends the connection in the middle of the body."""

from typing import Literal

from mockserver.faults.base import Fault, ResponseEffects


class TruncateFault(Fault):
    """Sends half of what Content-Length promises."""

    kind: Literal["truncate"] = "truncate"

    def apply(self, effects: ResponseEffects) -> None:
        effects.truncated = True
