"""The pytest plugin: a new project for each test, on one server for the session.

pytest loads this module in every environment that has the package. So it imports the rest of the package only when a
test uses a fixture or pytest-xdist starts workers.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

__tracebackhide__ = True

if TYPE_CHECKING:
    from mockserver.testing import Project, ProjectOptions, Server, ServerOptions


def pytest_addoption(parser: pytest.Parser) -> None:
    url = "use the mockserver that runs at this URL, such as http://127.0.0.1:8080, instead of starting one"
    parser.getgroup("northflank-mock", "mockserver, the local Northflank API").addoption(
        "--northflank-mock-url", metavar="URL", help=url
    )
    parser.addini("northflank_mock_url", url, default="")
    parser.addini("northflank_mock_scenario", "the scenario of each test's project", default="")
    parser.addini("northflank_mock_contract", "the contract of each test's project: 2024 or 2026", default="")
    parser.addini("northflank_mock_scenarios", "a folder with your own scenarios", type="paths", default=[])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A hook of pytest-xdist: sends each worker the address of the server that they share."""
    from mockserver.testing.xdist import shared_server_for

    node.workerinput["northflank_mock"] = shared_server_for(node.config)


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
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            delete_after(northflank_mock_server.make_project(**with_project_id(options, test)))
        )


@pytest.fixture
def northflank_mock(
    make_northflank_mock: "Callable[..., Project]", northflank_mock_options: "ProjectOptions"
) -> "Project":
    """A new project for this test only."""
    from mockserver.testing.xdist import checked_options, report_errors

    with report_errors("northflank_mock_options"):
        return make_northflank_mock(**checked_options(northflank_mock_options))
