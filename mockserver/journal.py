"""What is known of one call: what was asked, and what came of it."""

from dataclasses import dataclass, field

from mockserver.rate_limit import UNCOUNTED, Standing


@dataclass(slots=True)
class Call:
    """One request, from its arrival to its answer.

    ``path`` and ``query`` are as they came over the wire, still percent-encoded. ``arrived`` is in unix milliseconds,
    ``duration_ms`` by the monotonic clock. ``standing`` is the token's rate limit once this call was counted.
    ``message`` says what was wrong, where something was.
    """

    number: int
    method: str
    path: str
    query: str
    arrived: int
    token: str | None = None
    standing: Standing = UNCOUNTED
    status: int = 0
    duration_ms: float = 0.0
    message: str | None = None
    ignored_parameters: list[str] = field(default_factory=list)

    @property
    def error_id(self) -> str:
        """Names the answer to this call, should it be an error."""
        return f"request-{self.number:06d}"

    @property
    def failed(self) -> bool:
        return self.status >= 400
