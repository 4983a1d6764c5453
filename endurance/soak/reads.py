"""The reading steps of a client: walks, numbered pages, polls, and requests that must be rejected."""

import asyncio
from contextlib import ExitStack, closing

from endurance.connection import Connection
from endurance.model import choices
from endurance.model.answers import WrongResponseError, at, check, items, parsed
from endurance.model.messages import Request
from endurance.model.project import ADDON, Project, Query
from endurance.model.writes import api_path, control_path
from endurance.soak.requester import Requester, Step

_MOST_PAGES = 20
_MOST_RETRIES = 20
_AT_ONCE = 3
_NEIGHBOURS = 5


async def walk(requester: Requester, project: Project) -> None:
    """Follows the cursors to the end, with retries after faults; sometimes reads the verdict afterwards."""
    random = requester.random
    of_addon = random.random() < 0.2
    query: Query | None = Query(random.randint(1 + len(project.lives) // _MOST_PAGES, 100), of_addon=of_addon)
    project.walks += 1
    token = f"walker-{project.walks}-of-{project.id}"
    seen: list[int] = []
    pages = retries = 0
    while query is not None and retries < _MOST_RETRIES:
        page = await requester.page(project, query, token=token)
        if page is None:
            retries += 1
            continue
        seen += page.numbers
        pages, query = query.page, page.following
    check(sorted(set(seen), reverse=True), seen, "the numbers on the pages of a walk")
    if query is None and not of_addon and random.random() < 0.2:
        await _verdict(requester, project, {"pages": pages, "restoresSeen": len(seen)})


async def _verdict(requester: Requester, project: Project, walked: dict[str, int]) -> None:
    body, _ = await requester.read(project, f"{control_path(project)}/walks")
    complete = {"verdict": "complete", **walked}
    walks = [{key: at(walk, key) for key in complete} for walk in items(body, "walks")]
    if complete not in walks and at(body, "dropped") == 0:
        raise WrongResponseError("no such walk in the verdicts", str(complete), str(walks[-3:]))


async def numbered(requester: Requester, project: Project) -> None:
    """Requests a page by its number, then follows its cursor."""
    query = choices.query(requester.random, of_addon=requester.random.random() < 0.2)
    page = await requester.page(project, query)
    if page is not None and page.following is not None:
        await requester.page(project, page.following)


async def poll(requester: Requester, project: Project) -> None:
    """Requests the first page again and again."""
    query = Query(requester.random.randint(1, 50))
    for _ in range(requester.random.randint(2, 6)):
        await requester.page(project, query)


async def at_once(requester: Requester, project: Project) -> None:
    """Requests several pages at the same time, if the order of the responses does not matter."""
    if project.rules or project.clock.mode == "stepping":
        return
    queries = [choices.query(requester.random) for _ in range(_AT_ONCE)]
    with ExitStack() as stack:
        connections = [stack.enter_context(closing(Connection(requester.address))) for _ in queries]
        pages = zip(queries, connections, strict=True)
        await asyncio.gather(*(requester.page(project, query, connection=connection) for query, connection in pages))


async def backup(requester: Requester, project: Project) -> None:
    """Gets the backup, with its newest restore."""
    request = Request("GET", api_path(project), project.token)
    response, _, machine = await requester.send(project, request, operation="get-backup")
    if response is None:
        return
    last = at(parsed(response), "data", "lastRestore")
    if not project.lives:
        check(None, last, "lastRestore")
        return
    now = project.clock.now(machine)
    life = project.lives[project.newest_first()[0]]
    rendered = life.rendered(now, last)
    check(rendered, last, "lastRestore")
    life.learn(rendered, now)


async def as_a_whole(requester: Requester, project: Project) -> None:
    """Reads the project from the control plane: the number of restores in each status, its clock, its rules."""
    body, now = await requester.read(project, control_path(project))
    check(len(project.lives), at(body, "restores"), "restores")
    rules = [at(rule, "id") for rule in items(body, "faults")]
    check([rule.id for rule in project.rules], rules, "the ids of the rules")
    project.check_statuses(at(body, "statuses"), now)
    if not project.clock.is_real:
        check(project.clock.mode, at(body, "clock", "mode"), "clock")


async def only_its_own(requester: Requester, project: Project) -> None:
    """Lists the projects of its token, which must be only itself, and requests another project, which must be a 404."""
    body, _ = await requester.read(project, "/v1/projects", token=project.token)
    check([project.id], [at(entry, "id") for entry in items(body, "data", "projects")], "the projects of a token")
    others = ["default-project", *(f"soak-{number}-{slot}" for number in range(_NEIGHBOURS) for slot in range(2))]
    other = requester.random.choice([other for other in others if other != project.id])
    await requester.rejected(project, f"/v1/projects/{other}/addons/{ADDON}/backups", 404, token=project.token)


async def rejected_requests(requester: Requester, project: Project) -> None:
    """Sends requests without a token, with a bad number, with another list's cursor, and for an unknown addon."""
    path = f"{api_path(project)}/restores"
    cursors = [cursor for (of_addon, *_), cursor in project.cursors.items() if of_addon]
    bad = requester.random.choice(["per_page=0", "per_page=101", "page=0", "page=x", "cursor=x", "page=1&page=1"])
    await requester.rejected(project, path, 401, token=None)
    await requester.rejected(project, f"{path}?{bad}", 400, token=project.token)
    await requester.rejected(project, path.replace(ADDON, "no-addon"), 404, token=project.token)
    if cursors:
        await requester.rejected(project, f"{path}?cursor={cursors[0]}", 400, token=project.token)


READS: dict[Step, int] = {
    walk: 10,
    numbered: 8,
    poll: 4,
    at_once: 2,
    backup: 3,
    as_a_whole: 3,
    only_its_own: 2,
    rejected_requests: 2,
}
"""The steps and their weights."""
