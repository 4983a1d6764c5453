"""What is requested of mockserver: the lists of requests that wrk sends again and again.

A page that was requested before may be remembered by the server until something is written. So a *first read* is
measured with lists in which every page occurs once, and a write follows them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bench.client import TOKEN, Client
from bench.errors import UnusableError

PROJECTS = 5
PAGES = 20
PER_PAGE = 50
RUNNING_RESTORES = 10
HOURS = "PT6H"
"""How long those restores run: longer than any bench."""

WALK = f"a walk: {PAGES} pages by cursor, in each of {PROJECTS} projects"
POLL = f"a poll: one page again and again, with {RUNNING_RESTORES} running restores on it"
WRITE = "a write: one restore is forced to a status, through the control plane"
FIRST_READS = "first reads: pages that were not requested since the last write"


@dataclass(frozen=True)
class Request:
    """One request, as a line for ``requests.lua``."""

    target: str
    method: str = "GET"
    token: str = TOKEN
    body: str = ""

    def line(self) -> str:
        return f"{self.method}\t{self.target}\t{self.token}\t{self.body}"


@dataclass(frozen=True)
class Project:
    """A project that was created for a workload; ``target`` is the path of its backup's restores in the API."""

    token: str
    target: str

    @property
    def control_target(self) -> str:
        """The path of the same restores in the control plane."""
        return self.target.replace("/v1/", "/_mock/", 1)

    def page(self, query: str = "") -> Request:
        return Request(self.target + query, token=self.token)


def create_project(client: Client, **body: Any) -> Project:
    """Creates a project; ``body`` is the body of the request."""
    created = client.post_json("/_mock/projects", body)
    return Project(created["token"], "/v1/" + created["restoresUrl"].partition("/v1/")[2])


def walk(client: Client, project: Project, per_page: int = PER_PAGE) -> list[Request]:
    """The requests of a walk by cursor from the first page to the last."""
    requests: list[Request] = []
    query: str | None = f"?per_page={per_page}"
    while query:
        requests.append(project.page(query))
        cursor = client.get_json(project.target + query, project.token)["pagination"].get("cursor")
        query = cursor and f"?per_page={per_page}&cursor={cursor}"
    return requests


def walks(client: Client) -> list[Request]:
    """Walks over all projects at the same time: the first page of each, then the second of each, and so on."""
    projects = [create_project(client, scenario="many", restores=PAGES * PER_PAGE) for _ in range(PROJECTS)]
    return list(chain.from_iterable(zip(*(walk(client, project) for project in projects), strict=True)))


def poll(client: Client) -> list[Request]:
    """One page whose newest restores are in progress, by the machine's clock, until long after the bench."""
    project = create_project(client, scenario="many", restores=PAGES * PER_PAGE)
    for _ in range(RUNNING_RESTORES):
        client.post_json(project.control_target, {"startsAfter": "PT0S", "endsAfter": HOURS})
    restores = client.get_json(project.target, project.token)["data"]["restores"]
    if [restore["status"] for restore in restores].count("in-progress") != RUNNING_RESTORES:
        raise UnusableError("the restores to poll are not in progress.")
    return [project.page()]


def write(client: Client) -> list[Request]:
    """A write to the store, in a project that gets no other requests."""
    project = create_project(client, scenario="single")
    (restore,) = client.get_json(project.target, project.token)["data"]["restores"]
    return [Request(f"{project.control_target}/{restore['id']}", "PATCH", body='{"status":"failed"}')]


def first_reads(client: Client) -> list[Request]:
    """Every page of the walks once, then a write: no page is requested twice without a write between."""
    return [*walks(client), *write(client)]


WORKLOADS: dict[str, Callable[[Client], list[Request]]] = {
    WALK: walks,
    POLL: poll,
    WRITE: write,
    FIRST_READS: first_reads,
}
"""The name of each workload in the results, and the function that makes its requests."""
