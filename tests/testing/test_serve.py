"""``serve()``: the server is ready when the block begins, and has ended after it, however the block ends."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import mockserver.testing
from mockserver.testing import Server, StartError, UnreachableError
from mockserver.testing import process as process_module
from tests.commands import started
from tests.support import PATIENCE_SECONDS, until
from tests.testing.asking import page, walk

WAITING_SUITE = """
import mockserver.testing, sys

with mockserver.testing.serve() as mock:
    print(mock.base_url, flush=True)
    sys.stdin.read()
"""

HOLDING_UNTIL_CTRL_C = """
import mockserver.testing, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in a background job of a shell
with mockserver.testing.serve() as mock:
    print(mock.base_url, flush=True)
    try:
        sys.stdin.read()
    finally:
        mock.delete()
"""

NOT_PORTABLE = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def is_gone(url: str) -> bool:
    try:
        print(Server(url).version)
    except UnreachableError:
        return True
    return False


@pytest.mark.usefixtures("measured_processes")
def test_a_block_has_a_project_on_a_ready_server_which_ends_after_it() -> None:
    with mockserver.testing.serve() as mock:
        assert len(walk(mock)) == 120
        mock.assert_walk("complete")
    assert is_gone(mock.base_url)


def test_the_server_ends_if_the_block_raises() -> None:
    url = ""
    with pytest.raises(ZeroDivisionError), mockserver.testing.serve() as mock:  # noqa: PT012 - tests the block itself
        url = mock.base_url
        raise ZeroDivisionError
    assert is_gone(url)


def test_serve_takes_options_of_the_project_and_of_the_server(tmp_path: Path) -> None:
    scenario = tmp_path / "own.toml"
    scenario.write_text((Path("seed") / "many.toml").read_text(), encoding="utf-8")
    with mockserver.testing.serve(
        scenario="own",
        scenarios=tmp_path,
        restores=3,
        contract="2026",
        project_id="a-project",
        token=["good"],
        enforce_rate_limit=True,
        scheduled_for=timedelta(seconds=1),
    ) as mock:
        assert mock.project_id == "a-project"
        restores = walk(mock)
        assert len(restores) == 3
        assert all(isinstance(restore["id"], str) for restore in restores)
        assert mock.server.make_project(scenario="own").project_id != "a-project"


@pytest.mark.parametrize("rate_limit", [2, {"limit": 2}], ids=["of the server", "of the project"])
def test_a_rate_limit_is_the_servers_if_it_is_a_number_and_else_the_projects(rate_limit: Any) -> None:
    with mockserver.testing.serve(rate_limit=rate_limit, enforce_rate_limit=True) as mock:
        assert [page(mock)[0] for _ in range(3)] == [200, 200, 429]


def test_two_servers_share_nothing() -> None:
    with mockserver.testing.serve(project_id="same") as one, mockserver.testing.serve(project_id="same") as other:
        assert one.base_url != other.base_url
        page(one)
        assert (len(one.requests), len(other.requests)) == (1, 0)


def test_settings_in_environment_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("NO_CONTROL", "true"), ("PORT", "nothing"), ("LOG_FORMAT", "json"), ("CONTRACT", "2026")):
        monkeypatch.setenv(f"NFMOCK_{name}", value)
    with mockserver.testing.serve(scenario="single") as mock:
        assert isinstance(walk(mock)[0]["id"], int)


def test_a_server_that_cannot_start_raises_its_output() -> None:
    with pytest.raises(StartError, match=r"did not start \(exit code 2\):\nmockserver: ") as failed:
        mockserver.testing.serve(scenario="nothing").__enter__()
    assert failed.value.output.startswith('mockserver: no scenario "nothing": there are aborting')


def test_an_unknown_option_is_named_in_the_error() -> None:
    with pytest.raises(StartError, match=r"[^-]colour"):
        mockserver.testing.serve(colour="red").__enter__()  # type: ignore[call-arg]  # mypy reports it too


def test_a_server_that_hangs_while_it_starts_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "READY_SECONDS", 0.01)
    with pytest.raises(StartError, match=r"did not start \(exit code -9\)"), process_module.running(["--seed=1"]):
        pytest.fail("the server cannot be ready")


def test_a_server_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "GRACE_SECONDS", 0)
    with mockserver.testing.serve() as mock:
        url = mock.base_url
    assert is_gone(url)


@NOT_PORTABLE
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_if_the_tests_are_killed(number: int) -> None:
    with started(sys.executable, "-c", WAITING_SUITE) as tests:
        url = tests.read_line().strip()
        assert Server(url).version
        tests.end(number)
        until(lambda: is_gone(url))


@NOT_PORTABLE
def test_ctrl_c_reaches_only_the_tests_which_can_still_use_the_server() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING_UNTIL_CTRL_C],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as tests:
        assert tests.stdout
        url = tests.stdout.readline().strip()
        os.killpg(tests.pid, signal.SIGINT)
        _, errors = tests.communicate(timeout=PATIENCE_SECONDS)
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert "Error" not in errors
    assert is_gone(url)
