"""Behind HAProxy, each project is on exactly one server, and a killed server loses only its own projects."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL
from typing import Any, TypeVar

import pytest
from northflank import ApiCallError, ApiClient

from mockserver.testing import Project
from mockserver.testing.client import Client
from tests.balancer.haproxy import NO_SERVER, balancer
from tests.commands import serving
from tests.support import until

PROJECTS, WORKERS = 200, 8
RESTORES, PAGES = 60, 2
LIMIT_SECONDS = 300

T = TypeVar("T")


def walk(project: Project) -> None:
    """Lists every restore of a project with the vendor's Python client."""
    client = ApiClient(project.token, base_url=project.base_url)
    response = client.get.addon.backup.restores.all(
        project_id=project.project_id, addon_id=project.addon_id, backup_id=project.backup_id
    )
    assert len(response.data["restores"]) == RESTORES


def error_of(project: Project) -> tuple[int, str]:
    """The status and message that the vendor's Python client raises."""
    with pytest.raises(ApiCallError) as raised:
        walk(project)
    return raised.value.status, str(raised.value.message)


def servers_of(urls: Iterable[str], projects: Iterable[Project]) -> dict[Project, str]:
    """The server of each project; fails unless each project is on one server and no server is empty."""
    ids = {url: {each["projectId"] for each in Client(url).request("GET", "/projects")["projects"]} for url in urls}
    matches = {project: [url for url in ids if project.project_id in ids[url]] for project in projects}
    assert all(len(match) == 1 for match in matches.values())
    assert {url for (url,) in matches.values()} == ids.keys()
    return {project: url for project, (url,) in matches.items()}


def assert_walked(project: Project, url: str, times: int) -> None:
    """Fails unless the server at ``url`` has all requests of this many walks, and each walk is complete."""
    journal = Client(url).request("GET", f"/projects/{project.project_id}/requests")["requests"]
    assert [request["status"] for request in journal] == [200] * PAGES * times
    assert sum(request["restores"] for request in journal) == RESTORES * times
    project.assert_walk("complete")


def test_200_projects_of_8_workers_are_each_on_one_server_and_survive_the_end_of_another(tmp_path: Path) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(WORKERS) as pool:

        def run_all(function: Callable[..., T], *arguments: Iterable[Any]) -> list[T]:
            return list(pool.map(function, *arguments))

        options = ("--scenario", "single", "--log-requests", "none")
        servers = [stack.enter_context(serving(*options, seconds=LIMIT_SECONDS)) for _ in range(3)]
        front = stack.enter_context(balancer([server.url for server in servers], tmp_path))

        def create_and_walk(_: int) -> Project:
            project = front.make_project(scenario="many", restores=RESTORES)
            walk(project)
            return project

        urls = servers_of([server.url for server in servers], run_all(create_and_walk, range(PROJECTS)))
        assert len({project.project_id for project in urls}) == PROJECTS
        run_all(assert_walked, urls, urls.values(), [1] * PROJECTS)

        victim, *_ = servers
        lost = [project for project, url in urls.items() if url == victim.url]
        others = {project: url for project, url in urls.items() if url != victim.url}
        victim.end(SIGKILL)

        for project, error in zip(lost, run_all(error_of, lost), strict=True):
            assert error in ((404, f'no project "{project.project_id}"'), (503, NO_SERVER))
        run_all(walk, others)
        run_all(assert_walked, others, others.values(), [2] * len(others))

        # after failed health checks, requests for the lost projects go to other servers, which respond with a 404
        until(lambda: error_of(lost[0])[0] == 404)
        assert run_all(error_of, lost) == [(404, f'no project "{project.project_id}"') for project in lost]
        run_all(create_and_walk, range(WORKERS))
