"""What the parts of a scenario file have in common: known fields only, and ids."""

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from mockserver.messages import quoted

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


class Part(BaseModel):
    """A table of a scenario file."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _check_fields(cls, content: Any) -> Any:
        for key in content if isinstance(content, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"has an unknown field {quoted(str(key))}; allowed: {', '.join(cls.model_fields)}")
        return content
