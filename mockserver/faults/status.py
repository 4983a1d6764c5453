"""Sends an error in place of the response."""

import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from mockserver.errors import ApiError, phrase_of
from mockserver.faults.base import Fault, ResponseEffects
from mockserver.instants import Moment
from mockserver.messages import quoted

_FRAMING = frozenset(
    {"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_RESERVED = dict.fromkeys(_FRAMING, "it frames the message") | {
    "date": "the server sends its own",
    "retry-after": "use retryAfter",
}
"""The headers that a fault must not have, and why."""

_DETAILS_MAX = 10_000
_RETRY_AFTER_MAX = 31_536_000
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]{0,1000}")


def _check_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"must have names of 1 to 100 letters, digits and hyphens; got {quoted(name)}")
        if reason := _RESERVED.get(name.lower()):
            raise ValueError(f"must not have {quoted(name)}: {reason}")
        if not _VALUE.fullmatch(value):
            raise ValueError(
                "must have values of at most 1,000 characters of ISO 8859-1, on one line; "
                f"{quoted(name)} has {quoted(value)}"
            )
    return headers


def _form(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return "(seconds)"
    return "(instant)" if isinstance(value, str | datetime) else None


_RetryAfter = Annotated[
    Annotated[int, Field(ge=0, le=_RETRY_AFTER_MAX), Tag("(seconds)")] | Annotated[Moment, Tag("(instant)")],
    Discriminator(
        _form,
        custom_error_type="retry_after",
        custom_error_message="must be an integer, in seconds, or a date and time, such as 2024-01-31T12:00:00Z",
    ),
]


def _check_details(details: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(details, allow_nan=False)
    except ValueError:
        raise ValueError("must be JSON: without NaN and infinite numbers") from None
    if len(text) > _DETAILS_MAX:
        raise ValueError(f"must have at most {_DETAILS_MAX:,} characters of JSON")
    return details


class StatusFault(Fault):
    """Sends any error status, in the vendor's body. The operation does nothing.

    By default ``id`` and ``message`` follow from the status, and there are no ``details``. ``retryAfter`` is sent as
    ``Retry-After``: seconds as they are, an instant as an HTTP date. ``headers`` replace those of the same name, or are
    added.
    """

    kind: Literal["status"] = "status"
    status: Annotated[int, Field(ge=400, le=599, strict=True)]
    id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    message: Annotated[str, Field(max_length=1000)] | None = None
    details: Annotated[
        Annotated[dict[str, Any], AfterValidator(_check_details)] | None, Field(description="an object")
    ] = None
    retryAfter: Annotated[_RetryAfter | None, Field(description="seconds, or a date and time")] = None
    headers: Annotated[
        Annotated[dict[str, str], AfterValidator(_check_headers)] | None, Field(description="values by their names")
    ] = None

    def apply(self, effects: ResponseEffects) -> None:
        headers = {} if self.retryAfter is None else {"Retry-After": _retry_after(self.retryAfter)}
        message = self.message or phrase_of(self.status)
        effects.error_response = ApiError(self.status, message, error_id=self.id, details=self.details, headers=headers)
        effects.headers = [
            (name.lower().encode("ascii"), value.encode("latin-1")) for name, value in (self.headers or {}).items()
        ]


def _retry_after(value: int | datetime) -> str:
    return str(value) if isinstance(value, int) else format_datetime(value.astimezone(UTC), usegmt=True)
