"""Projects are isolated: concurrent clients do not affect each other, and more projects do not slow one down."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.instants import timestamp
from tests.support import NOW, RunningServer, SandboxProject, make_project, running_server

CLIENTS = 40
MINUTE = 60_000
SCENARIOS = ("lifecycle", "failing", "aborting", "stuck", "many")


def one_client(server: RunningServer, number: int) -> dict[str, Any]:
    """Uses a project with faults of its own; returns everything that the client observed."""
    project = make_project(
        server,
        scenario=SCENARIOS[number % len(SCENARIOS)],
        seed=number,
        contract="2026" if number % 2 else "2024",
        projectId=f"client-{number}",
        clock={"mode": "frozen", "now": timestamp(NOW + number * MINUTE)},
    )
    created = {key: value for key, value in project.created.items() if key != "restoresUrl"}
    observed: dict[str, Any] = {"created": created}
    project.fault("status", {"page": 2, "times": 1 + number % 3}, status=500 + number)
    project.fault("mutate", {"page": 1, "times": 1}, insert=1 + number % 3)
    added = project.add(endsAfter=number)
    project.advance(number)
    statuses = []
    cursor = ""
    while True:
        response = project.page(f"per_page=100{cursor}")
        statuses.append(response.status_code)
        if response.status_code == 200:
            pagination = response.json()["pagination"]
            if not pagination["hasNextPage"]:
                break
            cursor = f"&cursor={pagination['cursor']}"
    project.page("page=2")
    forced = project.on_backup("PATCH", f"/{added['id']}", json={"status": "aborted"}).json()
    observed |= {"statuses": statuses, "added": added, "forced": forced, "restores": project.restores()}
    observed |= {"project": project.ok("GET"), "seen": project.ask("GET", "/addons").json()}
    body = server.client.get("/v1/projects", headers=project.authorization).json()
    observed["projects"] = [each["id"] for each in body["data"]["projects"]]
    observed["requests"] = [
        (entry["path"], entry["query"], entry["status"], [fault["kind"] for fault in entry["faults"]])
        for entry in project.requests()
    ]
    columns = ("verdict", "pages", "restoresSeen", "restoresTotal", "retries", "token")
    observed["walks"] = [[walk[key] for key in columns] for walk in project.walks()]
    return observed


def test_forty_concurrent_clients_observe_what_each_observes_alone() -> None:
    with running_server(scenario="example") as server, ThreadPoolExecutor(CLIENTS) as pool:
        together = list(pool.map(lambda number: one_client(server, number), range(CLIENTS)))
    with running_server(scenario="example") as server:
        alone = [one_client(server, number) for number in range(CLIENTS)]
    assert together == alone
    assert [observed["projects"] for observed in together] == [[f"client-{number}"] for number in range(CLIENTS)]
    assert len({str(observed["requests"]) for observed in together}) == CLIENTS


def statements_of(server: RunningServer, act: Callable[[], object]) -> Counter[str]:
    """The statements that the store runs during ``act``, without their values."""
    with server.statements() as statements:
        act()
    return Counter(re.sub(r"'[^']*'|\d+", "?", statement) for statement in statements)


@pytest.mark.parametrize("with_id", [True, False], ids=["with an id", "without an id"])
def test_the_two_hundredth_project_takes_the_same_statements_as_the_first(*, with_id: bool) -> None:
    with running_server(scenario="example") as server:
        projects: list[SandboxProject] = []

        def create() -> None:
            options = {"projectId": f"project-{len(projects)}"} if with_id else {}
            projects.append(make_project(server, scenario="many", restores=60, **options))

        def use() -> None:
            project = projects[-1]
            project.page().raise_for_status()
            project.fault("latency", ms=0)
            project.advance(5)
            project.add()
            project.ok("POST", "/reset")
            project.page().raise_for_status()

        acts = (create, use)
        first = [statements_of(server, act) for act in acts]
        for _ in range(198):
            create()
        last = [statements_of(server, act) for act in acts]
        assert len(projects) == 200
        assert first[0].total() > 0
        assert last == first
