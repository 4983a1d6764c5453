"""Lets the body trickle."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mockserver.faults.base import Fault, ResponseEffects


class SlowFault(Fault):
    """Sends ``bytesPerSecond`` of the body a second; of several, the slowest counts."""

    exclusive: ClassVar[bool] = False

    kind: Literal["slow"] = "slow"
    bytesPerSecond: Annotated[int, Field(ge=1, strict=True)]  # noqa: N815 - as the vendor writes its names

    def apply(self, effects: ResponseEffects) -> None:
        effects.bytes_per_second = min(self.bytesPerSecond, effects.bytes_per_second or self.bytesPerSecond)
