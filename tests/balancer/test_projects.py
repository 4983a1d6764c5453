"""Behind HAProxy, each project lives whole on one server, and a server that is killed takes only its own with it."""

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
from tests.projects import until

PROJECTS, WORKERS = 200, 8
RESTORES, PAGES = 60, 2
LIMIT_SECONDS = 300

T = TypeVar("T")


def walk(project: Project) -> None:
    """Gets every restore of a project as the official Python client does."""
    client = ApiClient(project.token, base_url=project.base_url)
    found = client.get.addon.backup.restores.all(
        project_id=project.project_id, addon_id=project.addon_id, backup_id=project.backup_id
    )
    assert len(found.data["restores"]) == RESTORES


def error_of(project: Project) -> tuple[int, str]:
    """The status and message that the official Python client raises."""
    with pytest.raises(ApiCallError) as raised:
        walk(project)
    return raised.value.status, str(raised.value.message)


def find_homes(urls: Iterable[str], projects: Iterable[Project]) -> dict[Project, str]:
    """The server of each project; fails unless each project is on exactly one, and each server has some."""
    hold_at = {url: {each["projectId"] for each in Client(url).ask("GET", "/projects")["projects"]} for url in urls}
    homes = {project: [url for url in hold_at if project.project_id in hold_at[url]] for project in projects}
    assert all(len(found) == 1 for found in homes.values())
    assert {url for (url,) in homes.values()} == hold_at.keys()
    return {project: url for project, (url,) in homes.items()}


def assert_walked(project: Project, home: str, times: int) -> None:
    """Fails unless its home has every request of that many walks, and the balancer shows them as complete."""
    journal = Client(home).ask("GET", f"/projects/{project.project_id}/requests")["requests"]
    assert [request["status"] for request in journal] == [200] * PAGES * times
    assert sum(request["restores"] for request in journal) == RESTORES * times
    project.assert_walk("complete")


def test_200_projects_of_8_workers_are_each_whole_on_one_server_and_survive_the_end_of_another(tmp_path: Path) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(WORKERS) as pool:

        def each(act: Callable[..., T], *of: Iterable[Any]) -> list[T]:
            return list(pool.map(act, *of))

        options = ("--scenario", "single", "--log-requests", "none")
        servers = [stack.enter_context(serving(*options, seconds=LIMIT_SECONDS)) for _ in range(3)]
        front = stack.enter_context(balancer([server.url for server in servers], tmp_path))

        def create_and_walk(_: int) -> Project:
            project = front.make_project(scenario="many", restores=RESTORES)
            walk(project)
            return project

        homes = find_homes([server.url for server in servers], each(create_and_walk, range(PROJECTS)))
        assert len({project.project_id for project in homes}) == PROJECTS
        each(assert_walked, homes, homes.values(), [1] * PROJECTS)

        victim, *_ = servers
        lost = [project for project, home in homes.items() if home == victim.url]
        others = {project: home for project, home in homes.items() if home != victim.url}
        victim.end(SIGKILL)

        for project, error in zip(lost, each(error_of, lost), strict=True):
            assert error in ((404, f'no project "{project.project_id}"'), (503, NO_SERVER))
        each(walk, others)
        each(assert_walked, others, others.values(), [2] * len(others))

        # once the health checks have failed, other servers get the lost ids, and say that they do not know them
        until(lambda: error_of(lost[0])[0] == 404)
        assert each(error_of, lost) == [(404, f'no project "{project.project_id}"') for project in lost]
        each(create_and_walk, range(WORKERS))
