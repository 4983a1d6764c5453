"""Responses that are read from the attributes of objects."""

from typing import Annotated

from pydantic import AliasGenerator, BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_snake

from mockserver.instants import Timestamp, timestamp

InstantReading = Annotated[Timestamp, BeforeValidator(timestamp)]
"""An instant, in unix milliseconds, that the response has as a timestamp."""


class Reading(BaseModel):
    """A response; ``model_validate`` reads it from an object whose attributes have the same names in snake case."""

    model_config = ConfigDict(
        from_attributes=True, alias_generator=AliasGenerator(validation_alias=to_snake), validate_by_name=True
    )
