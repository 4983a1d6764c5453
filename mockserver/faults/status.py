"""Sends an error in place of the response."""

from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from mockserver.errors import ApiError
from mockserver.faults.base import Fault, ResponseEffects


class StatusFault(Fault):
    """Sends any error status, in the vendor's body. The operation does nothing."""

    kind: Literal["status"] = "status"
    status: Annotated[int, Field(ge=400, le=599, strict=True)]
    message: Annotated[str, Field(max_length=1000)] | None = None

    def apply(self, effects: ResponseEffects) -> None:
        effects.error_response = ApiError(self.status, self.message or _phrase(self.status))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
