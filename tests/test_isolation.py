"""Projects share nothing: forty clients at once on one server, each with one of its own; none slows another down."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.instants import timestamp
from tests.support import NOW, MadeProject, RunningServer, make_project, running_server

CLIENTS = 40
MINUTE = 60_000
SCENARIOS = ("lifecycle", "failing", "aborting", "stuck", "many")


def one_client(server: RunningServer, number: int) -> dict[str, Any]:
    """Bends a project in a way of its own, uses it, and tells all that it came to know."""
    project = make_project(
        server,
        scenario=SCENARIOS[number % len(SCENARIOS)],
        seed=number,
        contract="2026" if number % 2 else "2024",
        projectId=f"client-{number}",
        clock={"mode": "frozen", "now": timestamp(NOW + number * MINUTE)},
    )
    told: dict[str, Any] = {"made": {key: value for key, value in project.made.items() if key != "restoresUrl"}}
    project.fault("status", {"page": 2, "times": 1 + number % 3}, status=500 + number)
    project.fault("mutate", {"page": 1, "times": 1}, insert=1 + number % 3)
    added = project.add(endsAfter=number)
    project.advance(number)
    statuses = []
    cursor = ""
    while True:
        answer = project.page(f"per_page=100{cursor}")
        statuses.append(answer.status_code)
        if answer.status_code == 200:
            pagination = answer.json()["pagination"]
            if not pagination["hasNextPage"]:
                break
            cursor = f"&cursor={pagination['cursor']}"
    project.page("page=2")
    forced = project.on_backup("PATCH", f"/{added['id']}", json={"status": "aborted"}).json()
    told |= {"statuses": statuses, "added": added, "forced": forced, "restores": project.restores()}
    told |= {"project": project.ok("GET"), "seen": project.ask("GET", "/addons").json()}
    listed = server.client.get("/v1/projects", headers={"Authorization": f"Bearer {project.token}"}).json()
    told["projects"] = [each["id"] for each in listed["data"]["projects"]]
    told["requests"] = [
        (entry["path"], entry["query"], entry["status"], [fault["kind"] for fault in entry["faults"]])
        for entry in project.requests()
    ]
    kept = ("verdict", "pages", "restoresSeen", "restoresTotal", "retries", "token")
    told["walks"] = [[walk[key] for key in kept] for walk in project.walks()]
    return told


def test_forty_clients_at_once_see_what_each_would_see_alone() -> None:
    with running_server(scenario="example") as server, ThreadPoolExecutor(CLIENTS) as pool:
        together = list(pool.map(lambda number: one_client(server, number), range(CLIENTS)))
    with running_server(scenario="example") as server:
        alone = [one_client(server, number) for number in range(CLIENTS)]
    assert together == alone
    assert [told["projects"] for told in together] == [[f"client-{number}"] for number in range(CLIENTS)]
    assert len({str(told["requests"]) for told in together}) == CLIENTS


def statements_of(server: RunningServer, act: Callable[[], object]) -> Counter[str]:
    """The statements that the store runs meanwhile, their values left out."""
    seen: list[str] = []
    connection = server.emulator.store.connection
    connection.set_trace_callback(seen.append)
    try:
        act()
    finally:
        connection.set_trace_callback(None)
    return Counter(re.sub(r"'[^']*'|\d+", "?", statement) for statement in seen)


@pytest.mark.parametrize("given_id", [True, False], ids=["with an id", "without"])
def test_the_two_hundredth_project_costs_the_store_what_the_first_did(*, given_id: bool) -> None:
    with running_server(scenario="example") as server:
        projects: list[MadeProject] = []

        def make() -> None:
            wanted = {"projectId": f"given-{len(projects)}"} if given_id else {}
            projects.append(make_project(server, scenario="many", restores=60, **wanted))

        def use() -> None:
            project = projects[-1]
            project.page().raise_for_status()
            project.fault("latency", ms=0)
            project.advance(5)
            project.add()
            project.ok("POST", "/reset")
            project.page().raise_for_status()

        acts = (make, use)
        first = [statements_of(server, act) for act in acts]
        for _ in range(198):
            make()
        last = [statements_of(server, act) for act in acts]
        assert len(projects) == 200
        assert first[0].total() > 0
        assert last == first
