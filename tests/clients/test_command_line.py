"""The vendor's command line gets what is stored."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from mockserver.store.queries import BackupPath
from tests.clients.conftest import GOOD_TOKEN
from tests.clients.support import BACKUPS, FOLDER, UNKNOWN, CommandLine, refusal, shown
from tests.projects import Project, make_project
from tests.support import TOKEN, RunningServer

NOBODY_ANSWERS = -signal.SIGINT
"""How it ends where it asks a question, and its standard input is closed: a shell says 130."""


def test_logging_in_keeps_the_host_and_the_token(command_line: CommandLine, server: RunningServer) -> None:
    finished = command_line.login(server.url)
    assert finished.returncode == 0
    assert "Successfully logged in" in finished.stdout
    kept = json.loads(command_line.config.read_text())
    assert kept["contexts"] == [{"host": server.url, "name": "default", "token": TOKEN}]


def test_logging_in_with_a_bad_token_says_so_keeps_nothing_and_exits_with_0(
    command_line: CommandLine, guarded_server: RunningServer
) -> None:
    finished = command_line.login(guarded_server.url)
    assert "make sure to use a valid token" in finished.stderr
    assert finished.returncode == 0
    kept = json.loads(command_line.config.read_text())
    assert kept["contexts"] == []


def test_a_host_without_a_scheme_is_taken_for_https(command_line: CommandLine, server: RunningServer) -> None:
    assert "valid token and host" in command_line.login(server.url.removeprefix("http://")).stderr


def test_logging_in_with_one_of_the_good_tokens_works(command_line: CommandLine, guarded_server: RunningServer) -> None:
    assert "Successfully logged in" in command_line.login(guarded_server.url, GOOD_TOKEN).stdout


@pytest.mark.parametrize(("options", "code"), [([], NOBODY_ANSWERS), (["--name", "default", "--override"], 0)])
def test_logging_in_again_asks_for_a_name_unless_it_may_override(
    logged_in: CommandLine, server: RunningServer, options: list[str], code: int
) -> None:
    finished = logged_in.login(server.url, options=options)
    assert finished.returncode == code
    assert ("Choose the name of the new local context" in finished.stdout) == bool(code)


@pytest.mark.parametrize("backup", BACKUPS, ids=lambda backup: backup.backup_id)
def test_load_all_gets_every_restore_once(logged_in: CommandLine, server: RunningServer, backup: BackupPath) -> None:
    finished = logged_in.restores("--loadAll", "-o", "json", backup=backup)
    assert json.loads(finished.stdout) == {"restores": shown(server, backup)}


def test_load_all_gets_every_restore_whatever_a_page_holds(logged_in: CommandLine, server: RunningServer) -> None:
    finished = logged_in.restores("--loadAll", "--per_page", "7", "-o", "json")
    assert json.loads(finished.stdout) == {"restores": shown(server)}


def test_output_for_a_program_is_every_restore_without_being_asked_to(
    logged_in: CommandLine, server: RunningServer
) -> None:
    assert json.loads(logged_in.restores("-o", "json").stdout) == {"restores": shown(server)}


def test_a_page_that_is_asked_for_is_all_that_comes(logged_in: CommandLine, server: RunningServer) -> None:
    finished = logged_in.restores("--page", "2", "-o", "json")
    assert json.loads(finished.stdout) == {"restores": shown(server)[50:100]}


def test_a_cursor_gets_the_page_that_it_leads_to(logged_in: CommandLine, server: RunningServer) -> None:
    cursor = server.page().json()["pagination"]["cursor"]
    finished = logged_in.restores("--cursor", cursor, "-o", "json")
    assert json.loads(finished.stdout) == {"restores": shown(server)[50:100]}


def test_a_person_is_shown_the_first_page_and_offered_the_next(logged_in: CommandLine, server: RunningServer) -> None:
    finished = logged_in.restores()
    assert finished.returncode == NOBODY_ANSWERS
    output = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", finished.stdout)
    assert re.findall(r"\bid: (\d+)", output) == [str(restore["id"]) for restore in shown(server)[:50]]
    assert "there are more rows, load?" in output


def test_a_person_is_offered_nothing_after_the_last_page(logged_in: CommandLine) -> None:
    finished = logged_in.restores("--page", "3")
    assert finished.returncode == 0
    assert "load?" not in finished.stdout


@pytest.mark.parametrize("options", [[], ["-o", "json"], ["--loadAll", "-o", "json"]])
def test_an_unknown_backup_is_one_message_and_no_trace(
    logged_in: CommandLine, server: RunningServer, options: list[str]
) -> None:
    finished = logged_in.restores(*options, backup=UNKNOWN)
    assert finished.returncode == 1
    assert f"Message: {refusal(server, backup=UNKNOWN)['message']} (HTTP status code: 404," in finished.stderr
    assert "NF error id: " in finished.stderr
    assert "    at " not in finished.stderr


def test_a_bad_option_is_told_with_its_details(logged_in: CommandLine, server: RunningServer) -> None:
    finished = logged_in.restores("--per_page", "101", "-o", "json")
    told = refusal(server, "per_page=101")
    assert finished.returncode == 1
    assert told["message"] in finished.stderr
    assert json.dumps(told["details"], separators=(",", ":")) in finished.stderr


@pytest.fixture
def project(server: RunningServer, command_line: CommandLine) -> Project:
    """A project of three pages whose token the person has logged in with."""
    project = make_project(server, scenario="many", restores=120)
    command_line.login(server.url, project.token)
    return project


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "rate-limit"}], ids=["503", "429"])
def test_a_page_that_fails_is_not_asked_for_again_and_nothing_is_put_out(
    command_line: CommandLine, project: Project, fault: dict[str, Any]
) -> None:
    project.add_fault(**fault, page=2, times=1)
    finished = command_line.restores("-o", "json", backup=project.backup)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert "HTTP status code: " in finished.stderr
    assert (project.walk["verdict"], project.walk["retries"]) == ("abandoned", 0)


def test_a_connection_that_breaks_is_tried_again(command_line: CommandLine, project: Project) -> None:
    project.add_fault("reset", page=2, times=1)
    finished = command_line.restores("-o", "json", backup=project.backup)
    assert len(json.loads(finished.stdout)["restores"]) == 120
    assert (project.walk["verdict"], project.walk["retries"]) == ("complete", 1)


def test_every_call_looks_up_a_name_and_goes_on_without_it(logged_in: CommandLine, tmp_path: Path) -> None:
    watched = tmp_path / "watched.mjs"
    watched.write_text(f"""
        import dns from 'node:dns';
        import '{(FOLDER / "no-names.mjs").as_uri()}';
        const {{ lookup }} = dns;
        dns.lookup = (name, ...others) => (console.error(`looked up: ${{name}}`), lookup(name, ...others));
    """)
    for _ in range(2):
        finished = logged_in.run("contexts", "ls", options=f"--import={watched.as_uri()}")
        assert finished.returncode == 0
        assert "looked up: " in finished.stderr
