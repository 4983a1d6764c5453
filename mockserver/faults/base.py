"""What the kinds of fault have in common, and what a fault can do to an answer."""

from dataclasses import dataclass, field
from typing import ClassVar, cast

from pydantic import BaseModel, ConfigDict

from mockserver.errors import ApiError


@dataclass(frozen=True, slots=True)
class Mutation:
    """How the list changes once a page went out: so many restores, the newest first."""

    insert: int = 0
    delete: int = 0
    finish: int = 0


@dataclass(slots=True)
class ResponseEffects:
    """What faults do to a response; with these defaults it is sent in full and at once.

    ``wait_ms`` passes before the first byte, and ``bytes_per_second`` limits the body. ``error_response`` is sent in
    place of the response, and the operation does nothing. ``reset`` ends the connection before the first byte,
    ``truncated`` in the middle of the body. ``body`` replaces the body. ``limit_reset`` is for how many seconds the
    rate limit is used up.
    """

    wait_ms: int = 0
    bytes_per_second: int | None = None
    error_response: ApiError | None = None
    limit_reset: int | None = None
    reset: bool = False
    truncated: bool = False
    body: bytes | None = None
    mutations: list[Mutation] = field(default_factory=list)

    @property
    def corrupted(self) -> bool:
        """Whether the client gets something else than the answer."""
        return self.error_response is not None or self.reset or self.truncated or self.body is not None


class Fault(BaseModel):
    """One kind of fault. ``exclusive``: of several that strike one call, only the first of these does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exclusive: ClassVar[bool] = True

    @classmethod
    def name(cls) -> str:
        """The kind, as a rule names it."""
        return cast(str, cls.model_fields["kind"].default)

    def apply(self, effects: ResponseEffects) -> None:
        """Changes how the answer is delivered."""
        raise NotImplementedError
