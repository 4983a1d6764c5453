"""The pytest plugin, in test suites that run in their own processes."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from mockserver.testing import Server
from mockserver.testing.xdist import delete_after
from tests.commands import WITHOUT_OTHER_PLUGINS, environment, started
from tests.support import RunningServer, running_server, until
from tests.test_installation import add_distribution
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

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def imported() -> Iterator[dict[str, ModuleType]]:
    """Modules to keep in ``sys.modules`` after pytester.

    pytester removes the modules that were imported during a test. A module that is then imported again has new
    exception classes, which an ``except`` of the first import does not catch.
    """
    modules: dict[str, ModuleType] = {}
    yield modules
    sys.modules.update(modules)


@pytest.fixture(autouse=True)
def _environment_of_a_suite(
    imported: dict[str, ModuleType],
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    measured_processes: None,  # noqa: ARG001 - the plugin runs only there
) -> Iterator[None]:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    yield
    imported.update(sys.modules)


def run_suite(pytester: pytest.Pytester, *arguments: str, suite: str = SUITE, **outcomes: int) -> pytest.RunResult:
    """Runs a test module in a process of its own."""
    pytester.makepyfile(test_suite=suite)
    result = pytester.runpytest_subprocess(*WITHOUT_OTHER_PLUGINS, *arguments)
    result.assert_outcomes(**outcomes)
    return result


def urls(pytester: pytest.Pytester) -> set[str]:
    return set((pytester.path / "urls").read_text().split())


@pytest.mark.parametrize("workers", ["0", "3"])
def test_tests_have_different_projects_on_one_server_that_all_workers_share(
    pytester: pytest.Pytester, workers: str
) -> None:
    run_suite(pytester, "-n", workers, passed=4)
    (url,) = urls(pytester)
    assert is_gone(url)


def test_no_server_starts_if_no_test_uses_a_fixture(pytester: pytest.Pytester) -> None:
    suite = """
        import sys

        def test_nothing(pytestconfig):
            assert pytestconfig.pluginmanager.has_plugin("northflank_mock")
            assert not {"mockserver.testing.process", "mockserver.cli"} & sys.modules.keys()
        """
    run_suite(pytester, suite=suite, passed=1)


def test_a_test_can_override_the_options_of_its_project(pytester: pytest.Pytester, server: RunningServer) -> None:
    suite = """
        import pytest
        from tests.testing.asking import walk

        @pytest.fixture
        def northflank_mock_options():
            return {"scenario": "many", "restores": 7}

        def test_with_a_fixture(northflank_mock):
            assert len(walk(northflank_mock)) == 7

        @pytest.mark.parametrize("northflank_mock_options", [{"scenario": "single"}])
        def test_with_a_parameter(northflank_mock):
            assert len(walk(northflank_mock)) == 1

        def test_with_another_project(northflank_mock, make_northflank_mock):
            other = make_northflank_mock(scenario="empty")
            assert (len(walk(northflank_mock)), len(walk(other))) == (7, 0)
        """
    run_suite(pytester, "--northflank-mock-url", server.url, suite=suite, passed=3)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_project_id_names_scenario_and_test_and_is_unique_unless_the_test_sets_it(
    pytester: pytest.Pytester, server: RunningServer, workers: str
) -> None:
    project_id = f"explicit-with-{workers}-workers"
    suite = f"""
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

        @pytest.mark.parametrize("northflank_mock_options", [{{"project_id": "{project_id}"}}])
        def test_its_own(northflank_mock):
            assert northflank_mock.project_id == "{project_id}"
        """
    run_suite(pytester, "-n", workers, "--northflank-mock-url", server.url, suite=suite, passed=5)


def test_projects_are_deleted_after_their_test_unless_it_deletes_them(
    pytester: pytest.Pytester, server: RunningServer
) -> None:
    suite = """
        def test_keeps(northflank_mock, make_northflank_mock):
            make_northflank_mock(project_id="another-of-the-plugin")

        def test_deletes(northflank_mock):
            northflank_mock.delete()
        """
    before = server.client.get("/_mock/projects").json()
    run_suite(pytester, "--northflank-mock-url", server.url, suite=suite, passed=2)
    ids = [project["projectId"] for project in server.client.get("/_mock/projects").json()["projects"]]
    assert "another-of-the-plugin" not in ids
    assert len(before["projects"]) <= len(ids)


@pytest.mark.parametrize("workers", ["0", "1"])
def test_the_plugin_uses_a_server_that_is_already_running(
    pytester: pytest.Pytester, server: RunningServer, workers: str
) -> None:
    run_suite(pytester, "-n", workers, "--northflank-mock-url", server.url, passed=4)
    assert urls(pytester) == {server.url}
    pytester.makeini(f"[pytest]\nnorthflank_mock_url = {server.url}\n")
    run_suite(pytester, "-n", workers, passed=4)
    assert urls(pytester) == {server.url}
    assert Server(server.url).version


def test_ini_options_set_scenario_contract_and_a_folder_of_scenarios(pytester: pytest.Pytester) -> None:
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
    suite = """
        from tests.testing.asking import walk

        def test_it(northflank_mock):
            (restore,) = walk(northflank_mock)
            assert len(restore["id"]) == 24
        """
    run_suite(pytester, suite=suite, passed=1)


def test_a_fixture_sets_the_servers_settings_and_workers_share_a_server_for_each_value(
    pytester: pytest.Pytester,
) -> None:
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
    run_suite(pytester, "-n", "2", suite="", passed=8)
    assert sorted(line.partition("=")[0] for line in urls(pytester)) == ["one", "two"]


@pytest.mark.parametrize(
    ("workers", "ini", "message"),
    [
        (
            ("0", "1"),
            "northflank_mock_scenario = nothing\nnorthflank_mock_url = {url}",
            'northflank_mock_options: no scenario "nothing": there are aborting, *',
        ),
        (
            ("0",),
            "northflank_mock_contract = 2027\nnorthflank_mock_url = {url}",
            "northflank_mock_options: contract must be 2024 or 2026",
        ),
        (
            ("0", "1"),
            "northflank_mock_scenarios = no-folder",
            "northflank_mock_server_options: mockserver did not start (exit code 2):",
        ),
        (("0",), "northflank_mock_scenarios = a b", "northflank_mock_scenarios: expected one folder, got 2: */a, */b"),
        (
            ("0",),
            "northflank_mock_scenarios = a\nnorthflank_mock_url = http://127.0.0.1:1",
            "northflank_mock_scenarios: only a server that pytest starts can use *; the one at http://127.0.0.1:1 is *",
        ),
        (("0", "1"), "northflank_mock_url = nowhere", "northflank_mock_url: 'nowhere' is not the URL of a server: *"),
    ],
)
def test_a_wrong_configuration_is_one_message_without_a_traceback(
    pytester: pytest.Pytester, server: RunningServer, workers: Sequence[str], ini: str, message: str
) -> None:
    pytester.makeini(f"[pytest]\n{ini.format(url=server.url)}\n")
    for number in workers:
        result = run_suite(pytester, "-n", number, errors=4)
        result.stdout.fnmatch_lines([message])
        result.stdout.no_fnmatch_line("*plugin.py*")
        result.stdout.no_fnmatch_line("*During handling*")


def test_a_server_without_a_control_plane_is_one_message_without_a_traceback(pytester: pytest.Pytester) -> None:
    with running_server(no_control=True) as bare:
        result = run_suite(pytester, "--northflank-mock-url", bare.url, errors=4)
    result.stdout.fnmatch_lines([f"the server at {bare.url} has no control plane: *"])
    result.stdout.no_fnmatch_line("*plugin.py*")


NOT_DICTS = ["None", "['scenario']", "{1: 2}"]


@pytest.mark.parametrize(
    ("fixture", "wrong"),
    [("northflank_mock_options", NOT_DICTS), *(("northflank_mock_server_options", [each]) for each in NOT_DICTS)],
)
def test_options_that_are_not_a_dict_are_named_with_their_fixture(
    pytester: pytest.Pytester, fixture: str, wrong: list[str]
) -> None:
    for number, options in enumerate(wrong):
        suite = f"""
            import pytest

            @pytest.fixture(scope="session")
            def {fixture}():
                return {options}

            def test_it(northflank_mock):
                pass
            """
        pytester.makepyfile(**{f"test_{number}": suite})
    result = run_suite(pytester, suite="", errors=len(wrong))
    for options in wrong:
        pattern = options.replace("[", "[[]")
        result.stdout.fnmatch_lines([f"{fixture}: expected a dict with string keys, got {pattern}"])
    result.stdout.no_fnmatch_line("*mockserver/testing*")


def test_an_error_response_is_shown_at_the_tests_own_line(pytester: pytest.Pytester, server: RunningServer) -> None:
    suite = """
        def test_of_a_project(northflank_mock):
            northflank_mock.faults.add("status")

        def test_of_the_fixture(make_northflank_mock):
            make_northflank_mock(scenario="nothing")

        def test_of_the_server(northflank_mock_server):
            northflank_mock_server.make_project(restores={1, 2})
        """
    result = run_suite(pytester, "--northflank-mock-url", server.url, suite=suite, failed=3)
    result.stdout.fnmatch_lines(['>       northflank_mock.faults.add("status")', "*.py:2: ControlPlaneError"])
    result.stdout.fnmatch_lines(["*.py:5: ControlPlaneError"])
    result.stdout.fnmatch_lines(["*.py:8: ValueError"])
    result.stdout.no_fnmatch_line("*mockserver/testing*")


def test_deleting_a_project_of_a_server_that_has_ended_is_no_error() -> None:
    with running_server() as server:
        block = delete_after(Server(server.url).make_project())
        block.__enter__()
    block.__exit__(None, None, None)


def test_a_wrong_verdict_fails_the_test_at_its_own_line(pytester: pytest.Pytester, server: RunningServer) -> None:
    suite = """
        from tests.testing.asking import walk

        def test_it(northflank_mock):
            walk(northflank_mock, max_pages=2)
            northflank_mock.assert_walk("complete")
        """
    result = run_suite(pytester, "--northflank-mock-url", server.url, suite=suite, failed=1)
    result.stdout.fnmatch_lines(
        [
            '>       northflank_mock.assert_walk("complete")',
            'E*AssertionError: expected walk verdict "complete", got "abandoned": *',
            "E         2     cursor=...      200, 50 restores, has a next page  request-*",
            "E         3                     not requested",
            "E       never seen: 20 of 120 restores",
            "*.py:5: AssertionError",
        ]
    )
    result.stdout.no_fnmatch_line("*mockserver/testing*")


@pytest.mark.parametrize("workers", ["0", "1"])
def test_every_failed_test_shows_the_requests_to_its_projects(
    pytester: pytest.Pytester, server: RunningServer, workers: str
) -> None:
    suite = """
        from tests.testing.asking import page

        def test_fails(northflank_mock, make_northflank_mock):
            page(northflank_mock, "page=0")
            page(northflank_mock, "per_page=7")
            make_northflank_mock(project_id="without-requests")
            make_northflank_mock(project_id="deleted").delete()
            assert not page(northflank_mock, "per_page=8")

        def test_passes(northflank_mock):
            page(northflank_mock, "per_page=9")

        def test_uses_no_project():
            assert not "used"
        """
    options = ("-n", workers, "--northflank-mock-url", server.url)
    result = run_suite(pytester, *options, suite=suite, failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*- requests to default-test-fails-* -*",
            "GET /v1/projects/default-test-fails-*/restores",
            "  project time  requested with  response * request id",
            "  ??:??:??.??? *page=0 *400, page must be * request-*",
            "  ??:??:??.??? *per_page=7 *200, 7 restores, has a next page *",
            "*- requests to without-requests -*",
            "none",
        ]
    )
    for absent in ("*requests to deleted*", "*per_page=9*", "*requests to default-test-passes*"):
        result.stdout.no_fnmatch_line(absent)


def test_the_url_of_a_running_server_may_be_in_the_environment(
    pytester: pytest.Pytester, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\nnorthflank_mock_url = http://127.0.0.1:1\n")
    monkeypatch.setenv("NORTHFLANK_MOCK_URL", server.url)
    run_suite(pytester, passed=4)
    assert urls(pytester) == {server.url}


@pytest.mark.parametrize("arguments", [["--northflank-mock-timeout", "0.1"], []], ids=["an option", "the file"])
def test_a_url_where_nobody_listens_fails_soon_and_says_how_to_wait_longer(
    pytester: pytest.Pytester, arguments: list[str]
) -> None:
    pytester.makeini("[pytest]\nnorthflank_mock_url = http://127.0.0.1:1\nnorthflank_mock_timeout = 0.1\n")
    result = run_suite(pytester, *arguments, errors=4)
    waited = "(waited 0.1 seconds; --northflank-mock-timeout waits longer)"
    result.stdout.fnmatch_lines([f"no mockserver responds at http://127.0.0.1:1: * {waited}"])


def test_a_timeout_that_is_no_number_is_an_error(pytester: pytest.Pytester) -> None:
    arguments = ("--northflank-mock-url", "http://127.0.0.1:1", "--northflank-mock-timeout", "soon")
    result = run_suite(pytester, *arguments, errors=4)
    result.stdout.fnmatch_lines(["*northflank_mock_timeout: expected a number of seconds, got 'soon'"])


@pytest.mark.parametrize("workers", ["0", "1"])
def test_another_command_can_start_the_server(pytester: pytest.Pytester, workers: str) -> None:
    program = pytester.path / "other"
    program.write_text(f'#!/bin/sh\necho "$@" > arguments\nexec {sys.executable} -m mockserver.testing "$@"\n')
    program.chmod(0o700)
    pytester.makeini(f"[pytest]\nnorthflank_mock_command = '{program}'\n")
    run_suite(pytester, "-n", workers, passed=4)
    assert (pytester.path / "arguments").read_text() == "serve --port=0\n"
    (url,) = urls(pytester)
    assert is_gone(url)


def test_a_command_that_does_not_exist_is_one_message(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nnorthflank_mock_command = no-such-program run\n")
    result = run_suite(pytester, errors=4)
    result.stdout.fnmatch_lines(["*cannot run 'no-such-program', which should start the server: there is no such*"])


def test_another_package_of_the_same_name_is_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pytester.mkdir("site")
    add_distribution(folder, "mockserver-client")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{folder}")
    result = run_suite(pytester, suite="def test_it(): pass", passed=1)
    result.stdout.fnmatch_lines(["northflank-mock: warning: mockserver-client is installed too, and its package is *"])


@NOT_PORTABLE
@pytest.mark.parametrize("workers", ["0", "1"])
def test_the_server_ends_if_the_session_is_killed(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(
        """
        import threading

        def test_it(northflank_mock):
            with open("urls", "a") as urls:
                print(northflank_mock.base_url, file=urls)
            threading.Event().wait()
        """
    )
    with started(sys.executable, "-m", "pytest", "-n", workers, *WITHOUT_OTHER_PLUGINS) as session:
        until(lambda: (pytester.path / "urls").exists() and bool(urls(pytester)))
        (url,) = urls(pytester)
        assert Server(url).version
        session.popen.kill()
        until(lambda: is_gone(url))


def test_the_server_outlives_a_worker_that_crashes(pytester: pytest.Pytester) -> None:
    suite = """
        import os, pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(northflank_mock, number):
            with open("urls", "a") as urls:
                print(northflank_mock.base_url, file=urls)
            if number == 0:
                os._exit(1)
            assert northflank_mock.server.version
        """
    run_suite(pytester, "-n", "2", suite=suite, passed=5, failed=1)
    assert len(urls(pytester)) == 1


def test_a_request_without_the_secret_gets_no_response(pytester: pytest.Pytester) -> None:
    suite = """
        import json, socket

        def send(port, line):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(line)
                connection.shutdown(socket.SHUT_WR)
                return connection.recv(1000)

        def test_it(pytestconfig, northflank_mock):
            port = pytestconfig.workerinput["northflank_mock"]["port"]
            assert send(port, b"") == b""
            assert send(port, b"[]\\n") == b""
            assert send(port, json.dumps({"secret": "guess", "arguments": None}).encode() + b"\\n") == b""
            assert northflank_mock.server.version
        """
    run_suite(pytester, "-n", "1", suite=suite, passed=1)


REPORTED = """
    def test_passes(northflank_mock):
        pass

    def test_fails(northflank_mock, make_northflank_mock):
        northflank_mock.restores.add()
        make_northflank_mock(scenario="single").delete()
        northflank_mock.assert_walk("complete")

    def test_fails_without_a_project():
        assert False
"""


def test_a_failed_test_leaves_a_report_of_its_projects(pytester: pytest.Pytester, server: RunningServer) -> None:
    options = ("--northflank-mock-url", server.url, "--northflank-report", "reports/new")
    result = run_suite(pytester, *options, suite=REPORTED, passed=1, failed=2)
    (report,) = (pytester.path / "reports" / "new").iterdir()
    assert report.name == "test_suite.py-test_fails.html"
    assert "<title>" in report.read_text(encoding="utf-8")
    result.stdout.fnmatch_lines(["*northflank report*", f"*{report.name}", "no report of *no project*"])


def test_without_the_option_there_is_no_report(pytester: pytest.Pytester, server: RunningServer) -> None:
    result = run_suite(pytester, "--northflank-mock-url", server.url, suite=REPORTED, passed=1, failed=2)
    assert "northflank report" not in result.stdout.str()
