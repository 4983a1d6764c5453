"""Projects as sandboxes: create, list, read, reset and delete them."""

from typing import Annotated, Any

from fastapi import Body, Request, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticKnownError

from mockserver.clock import ClockMode, ClockSetting
from mockserver.contract.lifecycle import Status
from mockserver.contract.permissions import ALL, Permission
from mockserver.contract.versions import Contract
from mockserver.control.clock import ClockReading, reading
from mockserver.control.faults import RuleReading, readings
from mockserver.control.readings import Reading
from mockserver.control.routing import CONFLICT, NOT_FOUND, ProjectId, control_router, get_sandbox
from mockserver.emulator import Emulator
from mockserver.errors import ApiError, InvalidFieldError, UsageError
from mockserver.messages import quoted
from mockserver.rate_limit import RateLimitSetting
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.sandboxes import MAX_RESTORES
from mockserver.seeding.parts import Slug, check_unique_ids
from mockserver.seeding.recipe import Recipe
from mockserver.seeding.scenario import NUMBER, ROWS, AnyRestore, ProjectPart
from mockserver.store import listings, queries, survey
from mockserver.store.queries import NEWEST, BackupPath
from mockserver.strict import StrictModel
from mockserver.web.context import emulator_of

router = control_router()

MAX_BACKUPS = 100

_Number = Annotated[int, Field(ge=0, le=MAX_RESTORES, strict=True)]


def _not_too_long(rows: Any) -> Any:
    """Counts before pydantic looks at the first row, which it would do otherwise."""
    if isinstance(rows, list) and len(rows) > MAX_RESTORES:
        context = {"field_type": "List", "max_length": MAX_RESTORES, "actual_length": len(rows)}
        raise PydanticKnownError("too_long", context)
    return rows


_Rows = Annotated[
    tuple[AnyRestore, ...],
    Field(max_length=MAX_RESTORES, fail_fast=True),
    AfterValidator(check_unique_ids),
    BeforeValidator(_not_too_long),
]


def _form(value: Any) -> str | None:
    if isinstance(value, list | tuple):
        return ROWS
    return NUMBER if isinstance(value, int) else None


_NumberOrRows = Annotated[
    Annotated[_Number, Tag(NUMBER)] | Annotated[_Rows, Tag(ROWS)],
    Discriminator(
        _form, custom_error_type="number_or_rows", custom_error_message="must be an integer, or a list of restores"
    ),
]


class NewProject(StrictModel):
    """How to create a project; every field is optional."""

    scenario: Annotated[str, Field(description="The scenario whose first project it is filled with.")] = "default"
    seed: Annotated[
        int | None, Field(strict=True, description="The seed of its generated data; by default the server's.")
    ] = None
    restores: Annotated[
        _NumberOrRows | None,
        Field(description="How many its first backup has, if the scenario generates them; or the restores themselves."),
    ] = None
    clock: Annotated[ClockSetting, Field(description="Its starting clock.")] = ClockSetting(mode=ClockMode.REAL)
    rateLimit: Annotated[
        RateLimitSetting | None, Field(description="Its own rate limit; by default the server's applies.")
    ] = None
    contract: Annotated[Contract | None, Field(description="The contract in it; by default the server's.")] = None
    projectId: Annotated[Slug | None, Field(description="Its id; by default one is generated.")] = None
    addonId: Annotated[Slug | None, Field(description="The id of its first addon.")] = None
    backupId: Annotated[Slug | None, Field(description="The id of the first backup of that addon.")] = None
    permissions: Annotated[
        tuple[Permission, ...], Field(fail_fast=True, description="What its token may do; by default everything.")
    ] = ALL


class CreatedProject(BaseModel):
    """A new project: its ids, its token, and the URL of its first backup's restores."""

    projectId: str
    addonId: str
    backupId: str
    token: Annotated[str, Field(description="Lists only this project.")]
    scenario: str
    seed: int
    restores: Annotated[int, Field(description="The number of restores of the backup.")]
    restoresUrl: Annotated[str, Field(description="The absolute URL.")]


class _ProjectIdentity(BaseModel):
    projectId: str
    token: Annotated[str | None, Field(description="Absent if the server started with the project.")] = None
    scenario: str
    seed: int
    contract: Contract


class BackupIds(BaseModel):
    """The ids of a backup and of its addon."""

    addonId: str
    backupId: str


class _ProjectCounts(BaseModel):
    restores: Annotated[int, Field(description="The number of restores of all its backups.")]
    statuses: Annotated[dict[Status, int], Field(description="How many are in each status at the project's instant.")]
    backups: Annotated[
        list[BackupIds], Field(description=f"Its backups, by their ids; the first {MAX_BACKUPS} if there are more.")
    ]


class RateLimitReading(Reading):
    """The rate limit of requests for a project, for each token."""

    limit: Annotated[int, Field(description="Requests per window.")]
    windowSeconds: int
    enforced: Annotated[bool, Field(description="Whether a request beyond the limit is a 429.")]


class _ProjectState(BaseModel):
    rateLimit: RateLimitReading
    clock: ClockReading
    faults: list[RuleReading]


class ProjectReading(_ProjectState, _ProjectCounts, _ProjectIdentity):
    """A project and its present state."""


class ProjectEntry(_ProjectState, _ProjectIdentity):
    """A project in the list: without what only counting its restores would show."""


class ProjectReadings(BaseModel):
    """The projects, in the order of creation."""

    projects: list[ProjectEntry]


@router.post("/projects", status_code=201, responses=CONFLICT, summary="Create a project")
async def make_project(
    request: Request,
    new: Annotated[NewProject, Body()] = NewProject(),  # noqa: B008 - never changed
) -> CreatedProject:
    emulator = emulator_of(request)
    recipe = _recipe(emulator, new)
    try:
        sandbox = emulator.sandboxes.make(recipe, new.projectId)
    except UsageError as failure:
        raise ApiError(400, str(failure), details={"restores": [str(failure)]}) from None
    addon = recipe.part.addons[0]
    return _created(request, sandbox, str(addon.id), str(addon.backups[0].id))


@router.get("/projects", response_model=ProjectReadings, summary="List the projects")
async def list_projects(request: Request) -> Response:
    entries = [_entry(sandbox) for sandbox in emulator_of(request).sandboxes.all()]
    # the framework would take ten times as long to check and convert it, and hold up everybody else meanwhile
    body = ProjectReadings(projects=entries).model_dump_json(exclude_none=True)
    return Response(body, media_type="application/json")


@router.get("/projects/{projectId}", responses=NOT_FOUND, summary="Read a project")
async def get_project(request: Request, project_id: ProjectId) -> ProjectReading:
    return _reading(emulator_of(request), get_sandbox(request, project_id))


@router.delete("/projects/{projectId}", status_code=204, responses=NOT_FOUND, summary="Delete a project")
async def delete_project(request: Request, project_id: ProjectId) -> Response:
    emulator = emulator_of(request)
    sandbox = get_sandbox(request, project_id)
    emulator.sandboxes.delete(sandbox)
    emulator.rate_limit.forget(sandbox.token)
    return Response(status_code=204)


@router.post(
    "/projects/{projectId}/reset",
    responses=NOT_FOUND | CONFLICT,
    summary="Take a project back to its scenario, seed and starting clock",
)
async def reset_project(request: Request, project_id: ProjectId) -> ProjectReading:
    emulator = emulator_of(request)
    sandbox = emulator.sandboxes.reset(get_sandbox(request, project_id))
    emulator.rate_limit.forget(sandbox.token)
    return _reading(emulator, sandbox)


def _recipe(emulator: Emulator, new: NewProject) -> Recipe:
    try:
        scenario = emulator.scenarios.load(new.scenario)
    except UsageError as failure:
        raise ApiError(400, str(failure), details={"scenario": [str(failure)]}) from None
    if not scenario.projects or not scenario.projects[0].addons or not scenario.projects[0].addons[0].backups:
        problem = f"must have a backup in its first project; {quoted(new.scenario)} has none"
        raise InvalidFieldError("scenario", problem)
    return Recipe(
        scenario=new.scenario,
        part=_part(scenario.projects[0], new),
        seed=emulator.settings.seed if new.seed is None else new.seed,
        contract=new.contract,
        permissions=new.permissions,
        clock=new.clock,
        rate_limit=new.rateLimit,
    )


def _part(part: ProjectPart, new: NewProject) -> ProjectPart:
    """The scenario's project, changed as requested; its first addon and first backup have ids."""
    addon, *other_addons = part.addons
    backup, *other_backups = addon.backups
    backup = backup.model_copy(update={"id": new.backupId or backup.id or "example-backup"})
    if isinstance(new.restores, tuple):
        backup = backup.model_copy(update={"restores": new.restores})
    elif new.restores is not None:
        if isinstance(backup.restores, tuple):
            raise InvalidFieldError(
                "restores",
                f"must be left out, or a list: scenario {quoted(new.scenario)} has no number of restores to set",
            )
        backup = backup.model_copy(update={"restores": backup.restores.model_copy(update={"count": new.restores})})
    addon = addon.model_copy(
        update={"id": new.addonId or addon.id or "example-addon", "backups": (backup, *other_backups)}
    )
    for field, chosen, others in (("addonId", addon, other_addons), ("backupId", backup, other_backups)):
        if chosen.id in {other.id for other in others}:
            problem = f"must not be {quoted(str(chosen.id))}, which is the id of another one in the scenario"
            raise InvalidFieldError(field, problem)
    return part.model_copy(update={"addons": (addon, *other_addons)})


def _created(request: Request, sandbox: Sandbox, addon_id: str, backup_id: str) -> CreatedProject:
    connection = emulator_of(request).store.connection
    key = queries.backup_key(connection, BackupPath(sandbox.id, addon_id, backup_id))
    return CreatedProject(
        projectId=sandbox.id,
        addonId=addon_id,
        backupId=backup_id,
        token=str(sandbox.token),
        scenario=sandbox.recipe.scenario,
        seed=sandbox.recipe.seed,
        restores=queries.count_from(connection, key.backup, NEWEST),
        restoresUrl=f"{request.base_url}v1/projects/{sandbox.id}/addons/{addon_id}/backups/{backup_id}/restores",
    )


def _reading(emulator: Emulator, sandbox: Sandbox) -> ProjectReading:
    connection = emulator.store.connection
    statuses = survey.count_by_status(connection, sandbox.key, sandbox.clock.now())
    return ProjectReading(
        **dict(_entry(sandbox)),
        restores=sum(statuses.values()),
        statuses=statuses,
        backups=[
            BackupIds(addonId=addon_id, backupId=backup_id)
            for addon_id, backup_id in listings.backup_paths(connection, sandbox.key, MAX_BACKUPS)
        ],
    )


def _entry(sandbox: Sandbox) -> ProjectEntry:
    return ProjectEntry(
        projectId=sandbox.id,
        token=sandbox.token,
        scenario=sandbox.recipe.scenario,
        seed=sandbox.recipe.seed,
        contract=sandbox.contract,
        rateLimit=sandbox.rate_limit,
        clock=reading(sandbox.clock),
        faults=readings(sandbox),
    )
