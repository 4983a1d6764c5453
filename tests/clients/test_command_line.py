"""The vendor's command line lists the stored restores."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from mockserver.store.queries import BackupPath
from tests.clients.conftest import ACCEPTED_TOKEN
from tests.clients.support import BACKUPS, FOLDER, UNKNOWN, CommandLine, error_response, expected_restores
from tests.support import TOKEN, RunningServer, SandboxProject, make_project

INTERRUPTED = -signal.SIGINT
"""The exit code if it prompts while its standard input is closed; 130 in a shell."""


def test_login_stores_the_host_and_the_token(command_line: CommandLine, server: RunningServer) -> None:
    finished = command_line.login(server.url)
    assert finished.returncode == 0
    assert "Successfully logged in" in finished.stdout
    config = json.loads(command_line.config.read_text())
    assert config["contexts"] == [{"host": server.url, "name": "default", "token": TOKEN}]


def test_login_with_a_rejected_token_prints_an_error_stores_nothing_and_exits_with_0(
    command_line: CommandLine, restricted_server: RunningServer
) -> None:
    finished = command_line.login(restricted_server.url)
    assert "make sure to use a valid token" in finished.stderr
    assert finished.returncode == 0
    config = json.loads(command_line.config.read_text())
    assert config["contexts"] == []


def test_a_host_without_a_scheme_is_requested_over_https(command_line: CommandLine, server: RunningServer) -> None:
    assert "valid token and host" in command_line.login(server.url.removeprefix("http://")).stderr


def test_login_with_an_accepted_token_succeeds(command_line: CommandLine, restricted_server: RunningServer) -> None:
    assert "Successfully logged in" in command_line.login(restricted_server.url, ACCEPTED_TOKEN).stdout


@pytest.mark.parametrize(("options", "code"), [([], INTERRUPTED), (["--name", "default", "--override"], 0)])
def test_a_second_login_prompts_for_a_name_unless_it_may_override(
    logged_in: CommandLine, server: RunningServer, options: list[str], code: int
) -> None:
    finished = logged_in.login(server.url, options=options)
    assert finished.returncode == code
    assert ("Choose the name of the new local context" in finished.stdout) == bool(code)


@pytest.mark.parametrize("backup", BACKUPS, ids=lambda backup: backup.backup_id)
def test_load_all_lists_every_restore_once(logged_in: CommandLine, server: RunningServer, backup: BackupPath) -> None:
    finished = logged_in.restores("--loadAll", "-o", "json", backup=backup)
    assert json.loads(finished.stdout) == {"restores": expected_restores(server, backup)}


def test_json_output_has_every_restore_without_load_all(logged_in: CommandLine, server: RunningServer) -> None:
    assert json.loads(logged_in.restores("-o", "json").stdout) == {"restores": expected_restores(server)}


def test_page_lists_only_that_page(logged_in: CommandLine, server: RunningServer) -> None:
    finished = logged_in.restores("--page", "2", "-o", "json")
    assert json.loads(finished.stdout) == {"restores": expected_restores(server)[50:100]}


def test_cursor_lists_the_next_page(logged_in: CommandLine, server: RunningServer) -> None:
    cursor = server.page().json()["pagination"]["cursor"]
    finished = logged_in.restores("--cursor", cursor, "-o", "json")
    assert json.loads(finished.stdout) == {"restores": expected_restores(server)[50:100]}


def test_text_output_has_the_first_page_and_a_prompt_for_the_next(
    logged_in: CommandLine, server: RunningServer
) -> None:
    finished = logged_in.restores()
    assert finished.returncode == INTERRUPTED
    output = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", finished.stdout)
    assert re.findall(r"\bid: (\d+)", output) == [str(restore["id"]) for restore in expected_restores(server)[:50]]
    assert "there are more rows, load?" in output


def test_text_output_of_the_last_page_has_no_prompt(logged_in: CommandLine) -> None:
    finished = logged_in.restores("--page", "3")
    assert finished.returncode == 0
    assert "load?" not in finished.stdout


@pytest.mark.parametrize("options", [[], ["-o", "json"], ["--loadAll", "-o", "json"]])
def test_an_unknown_backup_is_one_message_without_a_stack_trace(
    logged_in: CommandLine, server: RunningServer, options: list[str]
) -> None:
    finished = logged_in.restores(*options, backup=UNKNOWN)
    assert finished.returncode == 1
    assert f"Message: {error_response(server, backup=UNKNOWN)['message']} (HTTP status code: 404," in finished.stderr
    assert "NF error id: " in finished.stderr
    assert "    at " not in finished.stderr


def test_an_invalid_option_is_a_message_with_details(logged_in: CommandLine, server: RunningServer) -> None:
    finished = logged_in.restores("--per_page", "101", "-o", "json")
    error = error_response(server, "per_page=101")
    assert finished.returncode == 1
    assert error["message"] in finished.stderr
    assert json.dumps(error["details"], separators=(",", ":")) in finished.stderr


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    """A project with three pages of restores."""
    return make_project(server, scenario="many", restores=120)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "rate-limit"}], ids=["503", "429"])
def test_a_page_that_fails_is_not_retried_and_nothing_is_printed(
    logged_in: CommandLine, project: SandboxProject, fault: dict[str, Any]
) -> None:
    project.fault(when={"page": 2, "times": 1}, **fault)
    finished = logged_in.restores("-o", "json", backup=project.backup)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert "HTTP status code: " in finished.stderr
    assert (project.walk()["verdict"], project.walk()["retries"]) == ("abandoned", 0)


def test_a_broken_connection_is_retried(logged_in: CommandLine, project: SandboxProject) -> None:
    project.fault("reset", {"page": 2, "times": 1})
    finished = logged_in.restores("-o", "json", backup=project.backup)
    assert len(json.loads(finished.stdout)["restores"]) == 120
    assert (project.walk()["verdict"], project.walk()["retries"]) == ("complete", 1)


def test_every_command_looks_up_a_host_name_and_runs_without_it(logged_in: CommandLine, tmp_path: Path) -> None:
    log_lookups = tmp_path / "log_lookups.mjs"
    log_lookups.write_text(f"""
        import dns from 'node:dns';
        import '{(FOLDER / "no-names.mjs").as_uri()}';
        const {{ lookup }} = dns;
        dns.lookup = (name, ...others) => (console.error(`looked up: ${{name}}`), lookup(name, ...others));
    """)
    for _ in range(2):
        finished = logged_in.run("contexts", "ls", options=f"--import={log_lookups.as_uri()}")
        assert finished.returncode == 0
        assert "looked up: " in finished.stderr
