"""The vendor's command line, as a person at a terminal has it: it asks, the person chooses."""

import json
import re

import pytest

from mockserver.store.queries import BackupPath
from tests.clients.support import CommandLine, shown
from tests.clients.terminal import DOWN, ENTER, Terminal
from tests.projects import Project, make_project
from tests.support import RunningServer

LISTED = ("get", "addon", "backup", "restores")
MORE = "there are more rows, load?"


def choose(terminal: Terminal, backup: BackupPath) -> None:
    terminal.choose("Choose the project to use:", backup.project_id)
    terminal.choose("Choose the addon to use:", backup.addon_id)
    terminal.choose("Choose the backups to use:", backup.backup_id)


def ids_in(output: str) -> list[int]:
    return [int(restore_id) for restore_id in re.findall(r"\bid: (\d+)", output)]


def stored_ids(server: RunningServer, backup: BackupPath) -> list[int]:
    return [restore["id"] for restore in shown(server, backup)]


@pytest.fixture
def project(server: RunningServer, command_line: CommandLine) -> Project:
    """A project whose token the person has logged in with."""
    project = make_project(server, scenario="many", restores=70)
    assert "Successfully logged in" in command_line.login(server.url, project.token).stdout
    return project


@pytest.mark.parametrize(
    "backup",
    [
        BackupPath("default-project", "example-addon", "single-restore"),
        BackupPath("default-project", "session-cache", "one-page"),
    ],
    ids=lambda backup: backup.backup_id,
)
def test_with_no_ids_a_person_chooses_project_addon_and_backup_and_sees_the_restores(
    logged_in: CommandLine, server: RunningServer, backup: BackupPath
) -> None:
    with logged_in.at_terminal(*LISTED) as terminal:
        choose(terminal, backup)
        code, output = terminal.read_to_end()
    assert code == 0
    assert ids_in(output) == stored_ids(server, backup)


def test_a_projects_own_token_offers_that_project_alone(command_line: CommandLine, project: Project) -> None:
    with command_line.at_terminal(*LISTED) as terminal:
        offered = [terminal.read_choice()]
        terminal.press(DOWN)
        offered.append(terminal.read_choice())
    assert offered == [project.backup.project_id] * 2


@pytest.mark.parametrize(
    ("answer", "sees", "verdict"), [(ENTER, 70, "complete"), ("n" + ENTER, 50, "abandoned")], ids=["yes", "no"]
)
def test_a_person_who_wants_more_rows_gets_them(
    command_line: CommandLine, project: Project, answer: str, sees: int, verdict: str
) -> None:
    with command_line.at_terminal(*LISTED) as terminal:
        choose(terminal, project.backup)
        first = terminal.read_until(re.escape(MORE)).string
        terminal.press(answer)
        code, rest = terminal.read_to_end()
    assert code == 0
    assert ids_in(first) + ids_in(rest) == stored_ids(project.server, project.backup)[:sees]
    assert project.walk["verdict"] == verdict
    operations = [call["operation"] for call in project.requests]
    assert operations[:4] == ["login", "list-projects", "list-addons", "list-backups"]
    assert project.requests[3]["query"] == "per_page=50"


def test_a_person_restores_a_backup_and_aborts_that(command_line: CommandLine, project: Project) -> None:
    with command_line.at_terminal("restore", "addon", "backup") as terminal:
        choose(terminal, project.backup)
        code, output = terminal.read_to_end()
    started = re.search(r"restoreId: '(\d+)'", output)
    assert code == 0
    assert started
    newest = shown(project.server, project.backup)[0]
    assert (newest["id"], newest["status"]) == (int(started[1]), "scheduled")
    told = json.dumps({"restoreId": started[1]})
    with command_line.at_terminal("abort", "addon", "restore", "--input", told) as terminal:
        choose(terminal, project.backup)
        code, _ = terminal.read_to_end()
    assert code == 0
    newest = shown(project.server, project.backup)[0]
    assert (newest["id"], newest["status"]) == (int(started[1]), "aborting")
