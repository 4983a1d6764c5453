"""The pytest plugin: a fresh project for each test, on one server for the session.

Loaded in every run of pytest wherever the package is installed, so it imports what it needs once a test asks, or
once pytest-xdist starts workers, whose tests may.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

__tracebackhide__ = True

if TYPE_CHECKING:
    from mockserver.testing import Project, ProjectOptions, Server, ServerOptions


def pytest_addoption(parser: pytest.Parser) -> None:
    url = "speak to the mockserver that runs at this URL, as http://127.0.0.1:8080, rather than start one"
    parser.getgroup("northflank-mock", "mockserver, the local Northflank API").addoption(
        "--northflank-mock-url", metavar="URL", help=url
    )
    parser.addini("northflank_mock_url", url, default="")
    parser.addini("northflank_mock_scenario", "the scenario of each test's project", default="")
    parser.addini("northflank_mock_contract", "the contract of each test's project: 2024 or 2026", default="")
    parser.addini("northflank_mock_scenarios", "a folder with scenarios of your own", type="paths", default=[])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of pytest-xdist, for each worker: tells it how to reach the server that they share."""
    from mockserver.testing.xdist import shared_server_for

    node.workerinput["northflank_mock"] = shared_server_for(node.config)


@pytest.fixture(scope="session")
def northflank_mock_server_options(pytestconfig: pytest.Config) -> "ServerOptions":
    """How the server is started; override it for other settings."""
    from mockserver.testing.xdist import reported, url_given

    folders = pytestconfig.getini("northflank_mock_scenarios")
    with reported("northflank_mock_scenarios"):
        if len(folders) > 1:
            raise ValueError(f"it should be one folder, and is {len(folders)}: {', '.join(map(str, folders))}")
        if folders and (url := url_given(pytestconfig)):
            raise ValueError(f"it is of a server that pytest starts, and the one at {url} runs already")
    return {"scenarios": folders[0]} if folders else {}


@pytest.fixture(scope="session")
def northflank_mock_server(
    pytestconfig: pytest.Config, northflank_mock_server_options: "ServerOptions"
) -> "Iterator[Server]":
    """The server of the session, and of all workers of pytest-xdist; or the one at --northflank-mock-url."""
    from mockserver.testing.xdist import reported, server_of, url_given

    place = "northflank_mock_url" if url_given(pytestconfig) else "northflank_mock_server_options"
    with ExitStack() as stack:
        with reported(place):
            server = stack.enter_context(server_of(pytestconfig, northflank_mock_server_options))
        yield server


@pytest.fixture
def northflank_mock_options(pytestconfig: pytest.Config) -> "ProjectOptions":
    """What a test's project is made of; override it, or parametrize it, for another."""
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
    """Makes further projects, each with the test's name in its id; they are gone after the test."""
    from mockserver.testing.project_ids import with_project_id
    from mockserver.testing.xdist import deleted

    test = request.node.name
    with ExitStack() as made:
        yield lambda **options: made.enter_context(
            deleted(northflank_mock_server.make_project(**with_project_id(options, test)))
        )


@pytest.fixture
def northflank_mock(
    make_northflank_mock: "Callable[..., Project]", northflank_mock_options: "ProjectOptions"
) -> "Project":
    """A fresh project, the test's own."""
    from mockserver.testing.xdist import checked_options, reported

    with reported("northflank_mock_options"):
        return make_northflank_mock(**checked_options(northflank_mock_options))
