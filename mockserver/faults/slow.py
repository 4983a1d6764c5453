"""Sends the body slowly."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mockserver.faults.base import Fault, ResponseEffects


class SlowFault(Fault):
    """Limits the body to ``bytesPerSecond``. Of several such faults the slowest applies."""

    exclusive: ClassVar[bool] = False

    kind: Literal["slow"] = "slow"
    bytesPerSecond: Annotated[int, Field(ge=1, strict=True)]

    def apply(self, effects: ResponseEffects) -> None:
        effects.bytes_per_second = min(self.bytesPerSecond, effects.bytes_per_second or self.bytesPerSecond)
