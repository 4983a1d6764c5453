"""The base of what a person or a program sends: an unknown field is rejected, with the fields that there are."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from mockserver.messages import UNKNOWN_FIELD, excerpt


class StrictModel(BaseModel):
    """Rejects unknown fields, and says which fields there are."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def field_names(cls) -> list[str]:
        """The names of the fields in JSON."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    def hint(cls, name: str, content: Mapping[str, Any]) -> str:  # noqa: ARG003 - for models that look at it
        """What to say about the unknown field ``name`` in ``content``."""
        return f"allowed: {', '.join(cls.field_names())}"

    @model_validator(mode="before")
    @classmethod
    def _reject_unknown_fields(cls, content: Any) -> Any:
        if isinstance(content, dict):
            known = cls.field_names()
            for name in content:
                if name not in known:
                    context = {"field": excerpt(name), "hint": cls.hint(name, content)}
                    raise PydanticCustomError(UNKNOWN_FIELD, "is an unknown field", context)
        return content
