"""Measures the memory of the journals: projects are created, walked and kept, like in a test suite."""

from dataclasses import dataclass, replace
from itertools import cycle, islice

from bench.checkouts import Checkout
from bench.client import Client
from bench.figures import JournalSample, Results
from bench.processes import Workplace
from bench.rounds import tell
from bench.workloads import create_project, walk


@dataclass(frozen=True)
class Suite:
    """The numbers of projects, of page requests to each, and of pages that one walk takes."""

    projects: int
    requests: int
    per_page: int
    pages: int


LONG_JOURNALS = Suite(projects=200, requests=300, per_page=100, pages=10)
MANY_TESTS = Suite(projects=500, requests=40, per_page=50, pages=4)
SUITES = (LONG_JOURNALS, MANY_TESTS)
QUICK = tuple(replace(suite, projects=suite.projects // 20) for suite in SUITES)


def fill(workplace: Workplace, results: Results, checkout: Checkout, suite: Suite) -> None:
    """Runs a suite against a new server, and records its peak memory."""
    tell(f"journals: {checkout.name}, {suite.projects} projects with {suite.requests} requests each")
    with workplace.serving(checkout.server()) as server, Client(server.port) as client:
        for _ in range(suite.projects):
            project = create_project(client, scenario="many", restores=suite.pages * suite.per_page)
            requests = walk(client, project, suite.per_page)
            for request in islice(cycle(requests), suite.requests - len(requests)):
                client.get(request.target, request.token)
        results.journals.append(
            JournalSample(
                name=checkout.name,
                projects=suite.projects,
                requests=suite.requests,
                per_page=suite.per_page,
                peak_mb=server.peak_mb(),
            )
        )
