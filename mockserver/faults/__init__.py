"""The kinds of fault, a module for each. A new kind is added to both lists here."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from mockserver.faults.base import Fault
from mockserver.faults.latency import LatencyFault
from mockserver.faults.malformed import MalformedFault
from mockserver.faults.mutate import MutateFault
from mockserver.faults.paging import PagingFault
from mockserver.faults.rate_limit import RateLimitFault
from mockserver.faults.reset import ResetFault
from mockserver.faults.slow import SlowFault
from mockserver.faults.status import StatusFault
from mockserver.faults.truncate import TruncateFault

_CLASSES: tuple[type[Fault], ...] = (
    LatencyFault,
    MalformedFault,
    MutateFault,
    PagingFault,
    RateLimitFault,
    ResetFault,
    SlowFault,
    StatusFault,
    TruncateFault,
)
KINDS = {fault.name(): fault for fault in _CLASSES}


def _tag(fault: Any) -> str | None:
    kind = fault.get("kind") if isinstance(fault, dict) else getattr(fault, "kind", None)
    return f"({kind})" if isinstance(kind, str) and kind in KINDS else None


AnyFault = Annotated[
    Annotated[LatencyFault, Tag("(latency)")]
    | Annotated[MalformedFault, Tag("(malformed)")]
    | Annotated[MutateFault, Tag("(mutate)")]
    | Annotated[PagingFault, Tag("(paging)")]
    | Annotated[RateLimitFault, Tag("(rate-limit)")]
    | Annotated[ResetFault, Tag("(reset)")]
    | Annotated[SlowFault, Tag("(slow)")]
    | Annotated[StatusFault, Tag("(status)")]
    | Annotated[TruncateFault, Tag("(truncate)")],
    Discriminator(
        _tag, custom_error_type="fault", custom_error_message=f"must have one of these kinds: {', '.join(KINDS)}"
    ),
]
"""The tags are in parentheses, so that messages leave them out of a field's location."""
