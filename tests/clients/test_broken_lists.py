"""What the vendor's clients do with lists that break; docs/clients.md has the same table."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from northflank import ApiCallError, ApiClient, AsyncApiClient

from mockserver.contract.broken_pages import BrokenPaging
from tests.clients.support import CommandLine, JavaScript, python_ids
from tests.support import RunningServer, SandboxProject, make_project

ROWS = [{"status": "completed", "id": number} for number in range(9, 0, -1)]
TIMES = {BrokenPaging.EMPTY_PAGE: 2}
"""How often a page breaks; others break ten times, so that a client that loops for ever ends."""

FOR_EVER = 10
PER_PAGE = 4

OUTCOMES = {
    "repeat-cursor": ("loops", "loops", "loops"),
    "ignore-cursor": ("loops", "loops", "loops"),
    "repeat-rows": ("repeats", "repeats", "repeats"),
    "empty-page": ("ends", "ends", "ends"),
    "no-cursor": ("loses", "loses", "ends"),
    "null-cursor": ("loops", "loops", "ends"),
    "empty-cursor": ("fails", "fails", "ends"),
    "cursor-at-end": ("ends", "ends", "ends"),
}
"""By `what`: of the JavaScript client, the command line and the Python SDK."""

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"

Walk = Callable[[SandboxProject, Path], list[Any] | None]
"""Reads a whole list; None if it fails."""


def program(project: SandboxProject, name: str, package: str) -> Any:
    client = JavaScript(project.server.url, project.token, package)
    return client.run(name, {"per_page": PER_PAGE}, project.backup)


def javascript(package: str) -> Walk:
    def walk(project: SandboxProject, _: Path) -> list[Any] | None:
        ended = program(project, "walk.mjs", package)
        return ended["restores"] if ended["ending"] == "restores" else None

    return walk


def command_line(project: SandboxProject, home_folder: Path) -> list[Any] | None:
    finished = CommandLine(home_folder).restores("-o", "json", "--per_page", str(PER_PAGE), backup=project.backup)
    return json.loads(finished.stdout)["restores"] if finished.returncode == 0 else None


def blocking(project: SandboxProject, _: Path) -> list[Any] | None:
    client = ApiClient(project.token, base_url=project.server.url)
    try:
        return list(
            client.get.addon.backup.restores.all(**python_ids(project.backup), per_page=PER_PAGE).data["restores"]
        )
    except ApiCallError:
        return None


def asynchronous(project: SandboxProject, _: Path) -> list[Any] | None:
    client = AsyncApiClient(project.token, base_url=project.server.url)
    try:
        all_restores = client.get.addon.backup.restores.all(**python_ids(project.backup), per_page=PER_PAGE)
        return list(asyncio.run(all_restores).data["restores"])
    except ApiCallError:
        return None


CLIENTS: dict[str, tuple[int, Walk]] = {
    "js-client 0.9.5": (0, javascript("@northflank/js-client")),
    "js-client 0.7.25": (0, javascript("js-client-0.7.25")),
    "cli": (1, command_line),
    "northflank": (2, blocking),
    "northflank, asynchronous": (2, asynchronous),
}


def outcome(restores: list[Any] | None, requests: int) -> str:
    if restores is None:
        return "fails"
    ids = [restore["id"] for restore in restores]
    if requests > FOR_EVER:
        return "loops"
    if len(set(ids)) < len(ids):
        return "repeats"
    return "ends" if len(ids) == len(ROWS) else "loses"


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("what", BrokenPaging)
def test_what_a_client_does_with_a_list_that_breaks(
    server: RunningServer, what: BrokenPaging, client: str, tmp_path: Path
) -> None:
    column, walk = CLIENTS[client]
    project = make_project(server, restores=ROWS)
    project.fault("paging", {"times": TIMES.get(what, FOR_EVER)}, what=what)
    restores = walk(project, tmp_path)
    requests = [record for record in project.requests() if record.get("operation") == "list-restores"]
    assert len(requests) <= FOR_EVER + 3
    assert outcome(restores, len(requests)) == OUTCOMES[what][column]


@pytest.mark.usefixtures("_javascript_clients")
def test_the_client_0_7_13_follows_no_pages(server: RunningServer) -> None:
    project = make_project(server, restores=ROWS)
    has = program(project, "no-pages.mjs", "js-client-0.7.13")
    assert has == {"all": "undefined", "getNextPage": "undefined", "hasNextPage": True}


def test_the_page_has_the_same_table() -> None:
    _, _, section = PAGE.read_text(encoding="utf-8").partition("## Lists that break\n")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+)[^|]* \| (\w+)[^|]* \| (\w+)[^|]* \|$", section, re.MULTILINE)
    assert {what: tuple(outcomes) for what, *outcomes in rows} == OUTCOMES
    assert list(OUTCOMES) == [what for what, *_ in rows]
    assert set(OUTCOMES) == set(BrokenPaging)
