"""Resets the connection."""

from typing import Literal

from mockserver.faults.base import Fault, ResponseEffects


class ResetFault(Fault):
    """Resets the TCP connection before the first byte of the response."""

    kind: Literal["reset"] = "reset"

    def apply(self, effects: ResponseEffects) -> None:
        effects.reset = True
