"""The pytest plugin: a new project for each test, on one server for the session.

pytest loads this module in every environment that has the package. So it imports the rest of the package only when a
test uses a fixture or pytest-xdist starts workers.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

__tracebackhide__ = True

if TYPE_CHECKING:
    from mockserver.testing import Project, ProjectOptions, Server, ServerOptions


_PROJECTS = pytest.StashKey["list[Project]"]()
"""The projects of a test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    url = "use the mockserver that runs at this URL, such as http://127.0.0.1:8080, instead of starting one"
    parser.getgroup("northflank-mock", "mockserver, the local Northflank API").addoption(
        "--northflank-mock-url", metavar="URL", help=url
    )
    timeout = "for how many seconds the server at the URL may take to become ready; 5 by default"
    parser.getgroup("northflank-mock").addoption("--northflank-mock-timeout", metavar="SECONDS", help=timeout)
    parser.getgroup("northflank-mock").addoption(
        "--northflank-report",
        metavar="DIR",
        help="write the live page of each project of a failed test into this folder, as one HTML file",
    )
    parser.addini("northflank_mock_url", url, default="")
    parser.addini("northflank_mock_timeout", timeout, default="5")
    parser.addini(
        "northflank_mock_command", "what runs mockserver, such as a program in another environment", default=""
    )
    parser.addini("northflank_mock_scenario", "the scenario of each test's project", default="")
    parser.addini("northflank_mock_contract", "the contract of each test's project: 2024 or 2026", default="")
    parser.addini("northflank_mock_scenarios", "a folder with your own scenarios", type="paths", default=[])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A hook of pytest-xdist: sends each worker the address of the server that they share."""
    from mockserver.testing.xdist import shared_server_for

    node.workerinput["northflank_mock"] = shared_server_for(node.config)


def pytest_report_header() -> str | None:
    """Names another package that is called mockserver."""
    from mockserver.installation import conflict

    problem = conflict()
    return problem and f"northflank-mock: warning: {problem}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> "Generator[None, pytest.TestReport, pytest.TestReport]":
    """Shows the requests to each project of a failed test, and writes a report of each while they still exist."""
    report = yield
    if report.when == "call" and report.failed and _PROJECTS in item.stash:
        projects = item.stash[_PROJECTS]
        tables = _requests(projects)
        report.sections += [(f"requests to {project.project_id}", table) for project, table in tables]
        if folder := item.config.getoption("northflank_report"):
            from mockserver.testing.xdist import write_reports

            written = write_reports(folder, item.nodeid, projects)
            report.sections.append(("northflank report", written))
    return report


def _requests(projects: "list[Project]") -> "Iterator[tuple[Project, str]]":
    """The projects, each with a table of its requests, except those that the test has deleted."""
    from mockserver.testing.client import MockserverError
    from mockserver.testing.report import requests_table

    for project in projects:
        with suppress(MockserverError):
            yield project, requests_table(project.requests)


@pytest.fixture(scope="session")
def northflank_mock_server_options(pytestconfig: pytest.Config) -> "ServerOptions":
    """The settings of the server that pytest starts. Override this fixture to change them."""
    from mockserver.testing.xdist import configured_url, report_errors

    folders = pytestconfig.getini("northflank_mock_scenarios")
    with report_errors("northflank_mock_scenarios"):
        if len(folders) > 1:
            raise ValueError(f"expected one folder, got {len(folders)}: {', '.join(map(str, folders))}")
        if folders and (url := configured_url(pytestconfig)):
            raise ValueError(
                f"only a server that pytest starts can use this folder; the one at {url} is already running"
            )
    return {"scenarios": folders[0]} if folders else {}


@pytest.fixture(scope="session")
def northflank_mock_server(
    pytestconfig: pytest.Config, northflank_mock_server_options: "ServerOptions"
) -> "Iterator[Server]":
    """The server of the session, which the workers of pytest-xdist share; or the one at --northflank-mock-url."""
    from mockserver.testing.xdist import configured_url, report_errors, server_for

    source = "northflank_mock_url" if configured_url(pytestconfig) else "northflank_mock_server_options"
    with ExitStack() as stack:
        with report_errors(source):
            server = stack.enter_context(server_for(pytestconfig, northflank_mock_server_options))
        yield server


@pytest.fixture
def northflank_mock_options(pytestconfig: pytest.Config) -> "ProjectOptions":
    """The options of the test's project. Override or parametrize this fixture to change them."""
    options: ProjectOptions = {}
    if scenario := pytestconfig.getini("northflank_mock_scenario"):
        options["scenario"] = scenario
    if contract := pytestconfig.getini("northflank_mock_contract"):
        options["contract"] = contract
    return options


@pytest.fixture
def make_northflank_mock(
    request: pytest.FixtureRequest, northflank_mock_server: "Server"
) -> "Iterator[Callable[..., Project]]":
    """Creates additional projects, with the test's name in their ids; they are deleted after the test."""
    from mockserver.testing.project_ids import with_project_id
    from mockserver.testing.xdist import delete_after

    test = request.node.name
    projects = request.node.stash.setdefault(_PROJECTS, [])
    with ExitStack() as stack:

        def make(**options: Any) -> "Project":
            project = northflank_mock_server.make_project(**with_project_id(options, test))
            projects.append(project)
            return stack.enter_context(delete_after(project))

        yield make


@pytest.fixture
def northflank_mock(
    make_northflank_mock: "Callable[..., Project]", northflank_mock_options: "ProjectOptions"
) -> "Project":
    """A new project for this test only."""
    from mockserver.testing.xdist import checked_options, report_errors

    with report_errors("northflank_mock_options"):
        return make_northflank_mock(**checked_options(northflank_mock_options))
