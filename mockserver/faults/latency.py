"""Delays the first byte."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mockserver.faults.base import Fault, ResponseEffects


class LatencyFault(Fault):
    """Waits ``ms`` milliseconds before the first byte. Other requests do not wait."""

    exclusive: ClassVar[bool] = False

    kind: Literal["latency"] = "latency"
    ms: Annotated[int, Field(ge=0, le=600_000, strict=True)]

    def apply(self, effects: ResponseEffects) -> None:
        effects.wait_ms += self.ms
