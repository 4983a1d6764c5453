"""The parameters of the operations: their OpenAPI descriptions, and their parsers."""

from typing import Annotated

from annotated_types import Interval
from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from mockserver.contract.pagination import PAGE_MAX, PER_PAGE_DEFAULT, PER_PAGE_MAX, parse_page, parse_per_page

ProjectId = Annotated[str, Path(alias="projectId", description="The project's id.")]
AddonId = Annotated[str, Path(alias="addonId", description="The addon's id.")]
BackupId = Annotated[str, Path(alias="backupId", description="The backup's id.")]
_Text = Annotated[str | None, WithJsonSchema({"type": "string", "minLength": 1})]


class PageParameters(BaseModel):
    """The query parameters of a list."""

    model_config = ConfigDict(frozen=True)

    per_page: Annotated[int, Interval(ge=1, le=PER_PAGE_MAX), BeforeValidator(parse_per_page)] = Field(
        PER_PAGE_DEFAULT, description="The maximum number of results on a page."
    )
    page: Annotated[int, Interval(ge=1, le=PAGE_MAX), BeforeValidator(parse_page)] = Field(
        1, description="The number of the page to return; a page past the end is empty."
    )
    cursor: _Text = Field(None, description="The cursor from the previous page; takes precedence over `page`.")


class SourceParameters(BaseModel):
    """The query parameters that name a backup of another project or addon than the path does."""

    model_config = ConfigDict(frozen=True)

    source_project_id: _Text = Field(
        None, alias="sourceProjectId", description="The project that the backup belongs to, if it is another one."
    )
    source_addon_id: _Text = Field(
        None, alias="sourceAddonId", description="The addon that the backup belongs to, if it is another one."
    )


class SourcePageParameters(SourceParameters, PageParameters):
    """The query parameters of a list that belongs to a backup."""


PageQuery = Annotated[PageParameters, Query()]
SourceQuery = Annotated[SourceParameters, Query()]
SourcePageQuery = Annotated[SourcePageParameters, Query()]
