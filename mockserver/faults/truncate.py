"""Ends the connection in the middle of the body."""

from typing import Literal

from mockserver.faults.base import Delivery, Fault


class TruncateFault(Fault):
    """Sends half of what Content-Length promises."""

    kind: Literal["truncate"] = "truncate"

    def bend(self, delivery: Delivery) -> None:
        delivery.truncated = True
