"""The base class of the kinds of fault, and the effects that a fault can have on a response."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, cast

from pydantic import ConfigDict

from mockserver.contract.broken_pages import BrokenPaging, PageFacts
from mockserver.errors import ApiError
from mockserver.strict import StrictModel

CONDITIONS = ("operation", "page", "nth", "times", "for", "probability")
"""The fields of a rule beside its fault."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """How many restores to insert, delete and finish after a page is sent, the newest first."""

    insert: int = 0
    delete: int = 0
    finish: int = 0


@dataclass(slots=True)
class ResponseEffects:
    """What faults do to a response; with these defaults it is sent in full and immediately.

    ``wait_ms`` delays the first byte, and ``bytes_per_second`` limits the body. ``error_response`` replaces the
    response, and the operation does nothing. ``reset`` resets the connection before the first byte; ``truncated`` ends
    it in the middle of the body. ``body`` replaces the body. ``limit_reset`` is the number of seconds until the rate
    limit resets: the response is a 429 that says so. ``headers`` replace those of the same name, or are added.
    ``paging`` says how the page of a list breaks; the client gets it whole.
    """

    wait_ms: int = 0
    bytes_per_second: int | None = None
    error_response: ApiError | None = None
    limit_reset: int | None = None
    reset: bool = False
    truncated: bool = False
    body: bytes | None = None
    headers: Sequence[tuple[bytes, bytes]] = ()
    paging: BrokenPaging | None = None
    mutations: list[Mutation] = field(default_factory=list)

    @property
    def corrupted(self) -> bool:
        """Whether the client does not get the complete response."""
        return (
            self.error_response is not None
            or self.limit_reset is not None
            or self.reset
            or self.truncated
            or self.body is not None
        )


class Fault(StrictModel):
    """A kind of fault. If several ``exclusive`` ones match a request, only the first triggers."""

    model_config = ConfigDict(frozen=True)

    exclusive: ClassVar[bool] = True

    @classmethod
    def hint(cls, name: str, content: Mapping[str, Any]) -> str:  # noqa: ARG003 - for models that look at it
        if name in CONDITIONS:
            return "put it beside fault, not inside"
        own = [field for field in cls.field_names() if field != "kind"]
        return f"{cls.name()} faults have {', '.join(own) or 'no fields'}"

    @classmethod
    def name(cls) -> str:
        """The kind's name in a rule."""
        return cast(str, cls.model_fields["kind"].default)

    def fits(self, page: Callable[[], PageFacts] | None) -> bool:  # noqa: ARG002 - for kinds that need a page
        """Whether it has a meaning for a request: for this page if it is for a list."""
        return True

    @property
    def holds_for(self) -> int | None:
        """How long it holds once it has triggered, in milliseconds; None if its rule decides."""
        return None

    def after(self, elapsed: int) -> Self:  # noqa: ARG002 - for kinds that change
        """The fault as it is when it has held for ``elapsed`` milliseconds."""
        return self

    def apply(self, effects: ResponseEffects) -> None:
        """Adds this fault to the effects on a response."""
        raise NotImplementedError
