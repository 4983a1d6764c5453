"""Resets the connection."""

from typing import Literal

from mockserver.faults.base import Fault, ResponseEffects


class ResetFault(Fault):
    """A TCP reset, before the first byte of the answer."""

    kind: Literal["reset"] = "reset"

    def apply(self, effects: ResponseEffects) -> None:
        effects.reset = True
