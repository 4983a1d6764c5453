"""Every walk of the vendor's clients is judged correctly."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from northflank import ApiClient, AsyncApiClient

from tests.clients.support import CommandLine, JavaScript, expected_restores, python_ids
from tests.support import RunningServer, SandboxProject, make_project


@dataclass(frozen=True)
class Clients:
    """The vendor's clients, set up for one project's list of restores."""

    javascript: JavaScript
    command_line: CommandLine
    project: SandboxProject
    query: dict[str, int]

    def run(self, program: str) -> Any:
        return self.javascript.of(self.project).run(program, self.query, self.project.backup)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the Python SDK's methods."""
        return python_ids(self.project.backup) | self.query

    @property
    def blocking(self) -> Any:
        return ApiClient(self.project.token, base_url=self.project.server.url).get.addon.backup.restores

    @property
    def asynchronous(self) -> Any:
        return AsyncApiClient(self.project.token, base_url=self.project.server.url).get.addon.backup.restores


def javascript_all(clients: Clients) -> list[Any]:
    return list(clients.run("all.mjs")["data"]["restores"])


def javascript_next_pages(clients: Clients) -> list[Any]:
    return [restore for page in clients.run("next-pages.mjs") for restore in page["data"]["restores"]]


def python_all(clients: Clients) -> list[Any]:
    return list(clients.blocking.all(**clients.arguments).data["restores"])


def python_next_pages(clients: Clients) -> list[Any]:
    pages = [clients.blocking(**clients.arguments)]
    while pages[-1].pagination.has_next_page:
        pages.append(pages[-1].pagination.get_next_page())
    return [restore for page in pages for restore in page.data["restores"]]


def asynchronous_python_all(clients: Clients) -> list[Any]:
    return list(asyncio.run(clients.asynchronous.all(**clients.arguments)).data["restores"])


def asynchronous_python_next_pages(clients: Clients) -> list[Any]:
    async def walk() -> list[Any]:
        pages = [await clients.asynchronous(**clients.arguments)]
        while pages[-1].pagination.has_next_page:
            pages.append(await pages[-1].pagination.aget_next_page())
        return [restore for page in pages for restore in page.data["restores"]]

    return asyncio.run(walk())


def command_line_load_all(clients: Clients) -> list[Any]:
    options = [option for name, value in clients.query.items() for option in (f"--{name}", str(value))]
    finished = clients.command_line.restores("--loadAll", *options, "-o", "json", backup=clients.project.backup)
    return list(json.loads(finished.stdout)["restores"])


WALKS = (
    javascript_all,
    javascript_next_pages,
    python_all,
    python_next_pages,
    asynchronous_python_all,
    asynchronous_python_next_pages,
    command_line_load_all,
)


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize(
    ("options", "query", "pages"),
    [
        ({"scenario": "many", "restores": 180}, {}, 4),
        ({"scenario": "two-full-pages"}, {}, 2),
        ({"scenario": "many", "restores": 20}, {"per_page": 7}, 3),
    ],
    ids=["180", "two-full-pages", "by-seven"],
)
def test_every_method_of_the_vendors_clients_walks_to_the_end(
    server: RunningServer,
    javascript: JavaScript,
    logged_in: CommandLine,
    walk: Callable[[Clients], list[Any]],
    options: dict[str, Any],
    *,
    query: dict[str, int],
    pages: int,
) -> None:
    project = make_project(server, **options)
    stored = expected_restores(server, project.backup)
    assert walk(Clients(javascript, logged_in, project, query)) == stored
    judged = project.walk()
    actual = [judged[name] for name in ("verdict", "pages", "restoresSeen", "restoresTotal", "retries")]
    assert actual == ["complete", pages, len(stored), len(stored), 0]


def test_a_javascript_client_that_stops_after_one_page_has_abandoned_its_walk(
    server: RunningServer, javascript: JavaScript
) -> None:
    project = make_project(server, scenario="many", restores=180)
    javascript.of(project).run("page.mjs", backup=project.backup)
    assert (project.walk()["verdict"], project.walk()["restoresSeen"]) == ("abandoned", 50)
    assert "130 of 180 restores were never seen" in project.walk()["explanation"]
