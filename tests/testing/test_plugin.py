"""The pytest plugin, in test-suites of other people: each runs in a process of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mockserver.testing import Server
from mockserver.testing.xdist import deleted
from tests.commands import environment, started
from tests.projects import until
from tests.support import RunningServer, running_server
from tests.testing.test_serve import NOT_PORTABLE, is_gone

SUITE = """
    import pytest
    from tests.testing.asking import walk

    @pytest.mark.parametrize("restores", [1, 2, 3, 4])
    def test_adds(northflank_mock, restores):
        for _ in range(restores):
            northflank_mock.restores.add()
        assert len(walk(northflank_mock)) == 120 + restores
        northflank_mock.assert_walk("complete")
        with open("urls", "a") as urls:
            print(northflank_mock.base_url, file=urls)
"""
WITHOUT_OTHERS = [
    f"-pno:{name}" for name in ("anyio", "faker", "hypothesispytest", "pytest_cov", "randomly", "schemathesis")
]
"""Plugins that are installed here, too: most of the time that a run of so few tests takes."""

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def imported() -> Iterator[dict[str, ModuleType]]:
    """Modules that stay imported when pytester ends.

    It removes each that was imported since it began, for the sake of test suites that run within this process. Ours do
    not; and a module that is imported twice has two classes of each exception: what one copy raises, an `except` of the
    other does not catch.
    """
    modules: dict[str, ModuleType] = {}
    yield modules
    sys.modules.update(modules)


@pytest.fixture(autouse=True)
def _as_others_have_it(
    imported: dict[str, ModuleType], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    yield
    imported.update(sys.modules)


def ran(pytester: pytest.Pytester, *arguments: str, **outcomes: int) -> pytest.RunResult:
    result = pytester.runpytest_subprocess(*WITHOUT_OTHERS, *arguments)
    result.assert_outcomes(**outcomes)
    return result


def urls(pytester: pytest.Pytester) -> set[str]:
    return set((pytester.path / "urls").read_text().split())


@pytest.mark.parametrize("workers", ["0", "3"])
def test_each_test_has_a_project_of_its_own_on_one_server_for_the_session_and_all_workers(
    pytester: pytest.Pytester, workers: str
) -> None:
    pytester.makepyfile(SUITE)
    ran(pytester, "-n", workers, passed=4)
    (url,) = urls(pytester)
    assert is_gone(url)


def test_without_a_test_that_asks_no_server_is_started(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing(pytestconfig):
            assert pytestconfig.pluginmanager.has_plugin("northflank_mock")
            assert not {"mockserver.testing.process", "mockserver.cli"} & sys.modules.keys()
        """
    )
    ran(pytester, passed=1)


def test_a_test_overrides_what_its_project_is_made_of(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from tests.testing.asking import walk

        @pytest.fixture
        def northflank_mock_options():
            return {"scenario": "many", "restores": 7}

        def test_by_a_fixture(northflank_mock):
            assert len(walk(northflank_mock)) == 7

        @pytest.mark.parametrize("northflank_mock_options", [{"scenario": "single"}])
        def test_by_a_parameter(northflank_mock):
            assert len(walk(northflank_mock)) == 1

        def test_with_another_project(northflank_mock, make_northflank_mock):
            other = make_northflank_mock(scenario="empty")
            assert (len(walk(northflank_mock)), len(walk(other))) == (7, 0)
        """
    )
    ran(pytester, passed=3)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_project_id_names_scenario_and_test_and_is_unique_among_workers_unless_the_test_gives_one(
    pytester: pytest.Pytester, server: RunningServer, workers: str
) -> None:
    given = f"given-to-{workers}-workers"
    pytester.makepyfile(
        f"""
        import re
        import pytest

        @pytest.fixture
        def northflank_mock_options():
            return {{"scenario": "many"}}

        @pytest.mark.parametrize("number", range(4))
        def test_reads(northflank_mock, make_northflank_mock, number):
            other = make_northflank_mock()
            assert re.fullmatch(rf"many-test-reads-{{number}}-[0-9a-f]{{{{10}}}}", northflank_mock.project_id)
            assert re.fullmatch(rf"default-test-reads-{{number}}-[0-9a-f]{{{{10}}}}", other.project_id)

        @pytest.mark.parametrize("northflank_mock_options", [{{"project_id": "{given}"}}])
        def test_its_own(northflank_mock):
            assert northflank_mock.project_id == "{given}"
        """
    )
    ran(pytester, "-n", workers, "--northflank-mock-url", server.url, passed=5)


def test_projects_are_deleted_behind_their_test_unless_it_did(pytester: pytest.Pytester, server: RunningServer) -> None:
    pytester.makepyfile(
        """
        def test_keeps(northflank_mock, make_northflank_mock):
            make_northflank_mock(project_id="another-of-the-plugin")

        def test_deletes(northflank_mock):
            northflank_mock.delete()
        """
    )
    before = server.client.get("/_mock/projects").json()
    ran(pytester, "--northflank-mock-url", server.url, passed=2)
    ids = [project["projectId"] for project in server.client.get("/_mock/projects").json()["projects"]]
    assert "another-of-the-plugin" not in ids
    assert len(before["projects"]) <= len(ids)


@pytest.mark.parametrize("workers", ["0", "1"])
def test_it_speaks_to_a_server_that_runs_already(
    pytester: pytest.Pytester, server: RunningServer, workers: str
) -> None:
    pytester.makepyfile(SUITE)
    ran(pytester, "-n", workers, "--northflank-mock-url", server.url, passed=4)
    assert urls(pytester) == {server.url}
    pytester.makeini(f"[pytest]\nnorthflank_mock_url = {server.url}\n")
    ran(pytester, "-n", workers, passed=4)
    assert urls(pytester) == {server.url}
    assert Server(server.url).version


def test_ini_options_choose_scenario_contract_and_a_folder_of_scenarios(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        """
        [pytest]
        northflank_mock_scenario = our-own
        northflank_mock_contract = 2026
        northflank_mock_scenarios = scenarios
        """
    )
    folder = pytester.mkdir("scenarios")
    (folder / "our-own.toml").write_text((ROOT / "seed" / "single.toml").read_text())
    pytester.makepyfile(
        """
        from tests.testing.asking import walk

        def test_it(northflank_mock):
            (restore,) = walk(northflank_mock)
            assert len(restore["id"]) == 24
        """
    )
    ran(pytester, passed=1)


def test_the_settings_of_the_server_are_a_fixture_and_each_choice_has_one_server(pytester: pytest.Pytester) -> None:
    for name, seconds in (("one", 1), ("two", 2)):
        folder = pytester.mkpydir(name)
        (folder / "conftest.py").write_text(
            "import pytest\n"
            "@pytest.fixture(scope='session')\n"
            f"def northflank_mock_server_options():\n    return {{'scheduled_for': {seconds}}}\n"
        )
        (folder / "test_it.py").write_text(
            "import pytest\n"
            "@pytest.mark.parametrize('number', range(4))\n"
            "def test_it(northflank_mock, northflank_mock_server, number):\n"
            "    assert northflank_mock.server is northflank_mock_server\n"
            "    with open('urls', 'a') as urls:\n"
            f"        print('{name}', northflank_mock.base_url, sep='=', file=urls)\n"
        )
    ran(pytester, "-n", "2", passed=8)
    assert sorted(line.partition("=")[0] for line in urls(pytester)) == ["one", "two"]


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("ini", "told"),
    [
        ("northflank_mock_scenario = nothing", 'northflank_mock_options: no scenario "nothing": there are aborting, *'),
        ("northflank_mock_contract = 2027", "northflank_mock_options: contract must be 2024 or 2026"),
        (
            "northflank_mock_scenarios = no-folder",
            "northflank_mock_server_options: mockserver did not start (exit code 2):",
        ),
        ("northflank_mock_scenarios = a b", "northflank_mock_scenarios: it should be one folder, and is 2: */a, */b"),
        (
            "northflank_mock_scenarios = a\nnorthflank_mock_url = http://127.0.0.1:1",
            "northflank_mock_scenarios: it is of a server that pytest starts, and the one at http://127.0.0.1:1 runs *",
        ),
        ("northflank_mock_url = nowhere", "northflank_mock_url: 'nowhere' is not the URL of a server: it should be *"),
    ],
)
def test_what_is_wrong_is_told_without_a_traceback(
    pytester: pytest.Pytester, workers: str, ini: str, reported: str
) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile(SUITE)
    result = ran(pytester, "-n", workers, errors=4)
    result.stdout.fnmatch_lines([reported])
    result.stdout.no_fnmatch_line("*plugin.py*")
    result.stdout.no_fnmatch_line("*During handling*")


def test_where_no_control_plane_is_to_be_had_that_is_told_without_a_traceback(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    with running_server(no_control=True) as bare:
        result = ran(pytester, "--northflank-mock-url", bare.url, errors=4)
    result.stdout.fnmatch_lines([f"the server at {bare.url} has no control plane: *"])
    result.stdout.no_fnmatch_line("*plugin.py*")


@pytest.mark.parametrize("options", ["None", "['scenario']", "{1: 2}"])
@pytest.mark.parametrize("fixture", ["northflank_mock_options", "northflank_mock_server_options"])
def test_options_that_are_no_dict_of_names_are_told(pytester: pytest.Pytester, fixture: str, options: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.fixture(scope="session")
        def {fixture}():
            return {options}

        def test_it(northflank_mock):
            pass
        """
    )
    result = ran(pytester, errors=1)
    shown = options.replace("[", "[[]")
    result.stdout.fnmatch_lines([f"{fixture}: it should be a dict of names and values, and is {shown}"])
    result.stdout.no_fnmatch_line("*mockserver/testing*")


def test_a_refused_call_is_shown_where_the_test_made_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_of_a_project(northflank_mock):
            northflank_mock.faults.add("status")

        def test_of_the_fixture(make_northflank_mock):
            make_northflank_mock(scenario="nothing")

        def test_of_the_server(northflank_mock_server):
            northflank_mock_server.make_project(restores={1, 2})
        """
    )
    result = ran(pytester, failed=3)
    result.stdout.fnmatch_lines(['>       northflank_mock.faults.add("status")', "*.py:2: RefusedError"])
    result.stdout.fnmatch_lines(["*.py:5: RefusedError"])
    result.stdout.fnmatch_lines(["*.py:8: ValueError"])
    result.stdout.no_fnmatch_line("*mockserver/testing*")


def test_where_the_server_is_gone_a_project_on_it_is_too() -> None:
    with running_server() as server:
        behind = deleted(Server(server.url).make_project())
        behind.__enter__()
    behind.__exit__(None, None, None)


def test_a_walk_that_is_not_as_it_should_be_fails_the_test_at_its_own_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from tests.testing.asking import walk

        def test_it(northflank_mock):
            walk(northflank_mock, most=2)
            northflank_mock.assert_walk("complete")
        """
    )
    result = ran(pytester, failed=1)
    result.stdout.fnmatch_lines(
        [
            '>       northflank_mock.assert_walk("complete")',
            'E*AssertionError: expected a walk that is "complete", and it is "abandoned": *',
            "E         2     cursor=...  200, 50 restores, a next page",
            "E         3                 never asked for",
            "E       missed: 20 of 120 restores",
            "*.py:5: AssertionError",
        ]
    )
    result.stdout.no_fnmatch_line("*mockserver/testing*")


@NOT_PORTABLE
@pytest.mark.parametrize("workers", ["0", "2"])
def test_no_server_is_left_where_the_session_is_killed(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(
        """
        import threading

        def test_it(northflank_mock):
            with open("urls", "a") as urls:
                print(northflank_mock.base_url, file=urls)
            threading.Event().wait()
        """
    )
    with started(sys.executable, "-m", "pytest", "-n", workers, *WITHOUT_OTHERS) as session:
        until(lambda: (pytester.path / "urls").exists() and bool(urls(pytester)))
        (url,) = urls(pytester)
        assert Server(url).version
        session.popen.kill()
        until(lambda: is_gone(url))


def test_a_worker_that_crashes_takes_no_server_with_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(northflank_mock, number):
            with open("urls", "a") as urls:
                print(northflank_mock.base_url, file=urls)
            if number == 0:
                os._exit(1)
            assert northflank_mock.server.version
        """
    )
    ran(pytester, "-n", "2", passed=5, failed=1)
    assert len(urls(pytester)) == 1


def test_a_stranger_gets_nothing_of_the_workers_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import json, socket

        def ask(port, line):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(line)
                connection.shutdown(socket.SHUT_WR)
                return connection.recv(1000)

        def test_it(pytestconfig, northflank_mock):
            port = pytestconfig.workerinput["northflank_mock"]["port"]
            assert ask(port, b"") == b""
            assert ask(port, b"[]\\n") == b""
            assert ask(port, json.dumps({"secret": "guess", "arguments": None}).encode() + b"\\n") == b""
            assert northflank_mock.server.version
        """
    )
    ran(pytester, "-n", "1", passed=1)
