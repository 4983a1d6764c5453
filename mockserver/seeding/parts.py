"""What the parts of a scenario file have in common: known fields only, and ids."""

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mockserver.errors import UsageError
from mockserver.messages import quoted
from mockserver.strict import StrictModel

SLUG_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"

_Item = TypeVar("_Item", bound=BaseModel)


def _check_slug(text: str) -> str:
    if not re.fullmatch(SLUG_PATTERN, text):
        raise ValueError(f"must be letters a-z and digits, with single hyphens between them; got {quoted(text)}")
    return text


def check_unique_ids(parts: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """Returns ``parts``; raises ValueError if two of them have the same id."""
    seen: set[str | int | None] = set()
    for part in parts:
        for part_id in (getattr(part, "id", None), getattr(part, "objectId", None)):
            if part_id in seen:
                raise ValueError(f"has more than one item with the id {quoted(str(part_id))}: give each its own id")
            seen |= {part_id} - {None}
    return parts


Slug = Annotated[str, Field(max_length=100), AfterValidator(_check_slug)]


class Part(StrictModel):
    """A table of a scenario file."""

    model_config = ConfigDict(frozen=True)


class RowError(UsageError):
    """A field of a restore does not fit the project's present instant. ``problem`` is a sentence without a subject."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} of a restore {problem}")
        self.field = field
        self.problem = problem
