"""The parameters of the operations: their OpenAPI descriptions, and their parsers."""

from typing import Annotated

from annotated_types import Interval
from fastapi import Path, Query
from pydantic import BeforeValidator, WithJsonSchema

from mockserver.contract.pagination import PAGE_MAX, PER_PAGE_MAX, parse_page, parse_per_page

ProjectId = Annotated[str, Path(alias="projectId", description="The project's id.")]
AddonId = Annotated[str, Path(alias="addonId", description="The addon's id.")]
BackupId = Annotated[str, Path(alias="backupId", description="The backup's id.")]
PerPage = Annotated[
    int,
    Interval(ge=1, le=PER_PAGE_MAX),
    BeforeValidator(parse_per_page),
    Query(description="The maximum number of results on a page."),
]
Page = Annotated[
    int,
    Interval(ge=1, le=PAGE_MAX),
    BeforeValidator(parse_page),
    Query(description="The number of the page to return; a page past the end is empty."),
]
CursorText = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "minLength": 1}),
    Query(description="The cursor from the previous page; takes precedence over `page`."),
]
SourceProjectId = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "minLength": 1}),
    Query(alias="sourceProjectId", description="The project that the backup belongs to, if it is another one."),
]
SourceAddonId = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "minLength": 1}),
    Query(alias="sourceAddonId", description="The addon that the backup belongs to, if it is another one."),
]
