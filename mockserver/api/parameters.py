"""The parameters of the operations: as the OpenAPI document has them, and read by the contract's rules."""

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
    Query(description="How many results a page holds at most."),
]
Page = Annotated[
    int,
    Interval(ge=1, le=PAGE_MAX),
    BeforeValidator(parse_page),
    Query(description="Which page to answer with; past the end is a page without results."),
]
CursorText = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "minLength": 1}),
    Query(description="The cursor that the page before handed out; wins over `page` where both are sent."),
]
SourceProjectId = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "minLength": 1}),
    Query(alias="sourceProjectId", description="The project that the backup belongs to, where it is another one."),
]
SourceAddonId = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "minLength": 1}),
    Query(alias="sourceAddonId", description="The addon that the backup belongs to, where it is another one."),
]
