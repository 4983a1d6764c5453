"""Pretends that the rate limit is used up."""

from typing import Annotated, Literal

from pydantic import Field

from mockserver.faults.base import Fault, ResponseEffects
from mockserver.rate_limit import WINDOW_SECONDS, limit_error


class RateLimitFault(Fault):
    """Sends a 429 whose headers say that the limit resets in ``reset`` seconds."""

    kind: Literal["rate-limit"] = "rate-limit"
    reset: Annotated[int, Field(ge=0, le=WINDOW_SECONDS, strict=True)] = WINDOW_SECONDS

    def apply(self, effects: ResponseEffects) -> None:
        effects.error_response = limit_error(self.reset)
        effects.limit_reset = self.reset
