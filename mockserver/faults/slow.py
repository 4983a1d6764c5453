"""Lets the body trickle."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mockserver.faults.base import Delivery, Fault


class SlowFault(Fault):
    """Sends ``bytesPerSecond`` of the body a second; of several, the slowest counts."""

    decides: ClassVar[bool] = False

    kind: Literal["slow"] = "slow"
    bytesPerSecond: Annotated[int, Field(ge=1, strict=True)]  # noqa: N815 - as the vendor writes its names

    def bend(self, delivery: Delivery) -> None:
        delivery.bytes_per_second = min(self.bytesPerSecond, delivery.bytes_per_second or self.bytesPerSecond)
