"""Resets the connection."""

from typing import Literal

from mockserver.faults.base import Delivery, Fault


class ResetFault(Fault):
    """A TCP reset, before the first byte of the answer."""

    kind: Literal["reset"] = "reset"

    def bend(self, delivery: Delivery) -> None:
        delivery.reset = True
