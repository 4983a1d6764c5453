"""Pretends that the rate limit is used up."""

from math import ceil
from typing import Annotated, Literal, Self

from pydantic import Field

from mockserver.faults.base import Fault, ResponseEffects
from mockserver.rate_limit import WINDOW_SECONDS


class RateLimitFault(Fault):
    """Sends a 429 to every matching request until ``reset`` seconds have passed on the project's clock."""

    kind: Literal["rate-limit"] = "rate-limit"
    reset: Annotated[int, Field(ge=0, le=WINDOW_SECONDS, strict=True)] = WINDOW_SECONDS

    @property
    def holds_for(self) -> int:
        return self.reset * 1000

    def after(self, elapsed: int) -> Self:
        return self.model_copy(update={"reset": ceil((self.holds_for - elapsed) / 1000)})

    def apply(self, effects: ResponseEffects) -> None:
        effects.limit_reset = self.reset
