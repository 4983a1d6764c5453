"""The vendor's command line at a terminal: it prompts, and the test chooses."""

import json
import re

import pytest

from mockserver.store.queries import BackupPath
from tests.clients.support import CommandLine, expected_restores
from tests.clients.terminal import DOWN, ENTER, Terminal
from tests.support import RunningServer, SandboxProject, make_project

LIST_RESTORES = ("get", "addon", "backup", "restores")
LOAD_MORE = "there are more rows, load?"


def choose(terminal: Terminal, backup: BackupPath) -> None:
    terminal.choose("Choose the project to use:", backup.project_id)
    terminal.choose("Choose the addon to use:", backup.addon_id)
    terminal.choose("Choose the backups to use:", backup.backup_id)


def ids_in(output: str) -> list[int]:
    return [int(restore_id) for restore_id in re.findall(r"\bid: (\d+)", output)]


def stored_ids(server: RunningServer, backup: BackupPath) -> list[int]:
    return [restore["id"] for restore in expected_restores(server, backup)]


@pytest.fixture
def project(server: RunningServer, command_line: CommandLine) -> SandboxProject:
    """A project with whose token the command line is logged in."""
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
def test_without_ids_it_prompts_for_project_addon_and_backup_and_lists_the_restores(
    logged_in: CommandLine, server: RunningServer, backup: BackupPath
) -> None:
    with logged_in.at_terminal(*LIST_RESTORES) as terminal:
        choose(terminal, backup)
        code, output = terminal.read_to_end()
    assert code == 0
    assert ids_in(output) == stored_ids(server, backup)


def test_with_a_projects_own_token_only_that_project_can_be_chosen(
    command_line: CommandLine, project: SandboxProject
) -> None:
    with command_line.at_terminal(*LIST_RESTORES) as terminal:
        offered = [terminal.read_choice()]
        terminal.press(DOWN)
        offered.append(terminal.read_choice())
    assert offered == [project.id] * 2


@pytest.mark.parametrize(
    ("keys", "count", "verdict"), [(ENTER, 70, "complete"), ("n" + ENTER, 50, "abandoned")], ids=["yes", "no"]
)
def test_the_prompt_for_more_rows_loads_them_only_if_confirmed(
    command_line: CommandLine, project: SandboxProject, keys: str, count: int, verdict: str
) -> None:
    with command_line.at_terminal(*LIST_RESTORES) as terminal:
        choose(terminal, project.backup)
        first = terminal.read_until(re.escape(LOAD_MORE)).string
        terminal.press(keys)
        code, rest = terminal.read_to_end()
    assert code == 0
    assert ids_in(first) + ids_in(rest) == stored_ids(project.server, project.backup)[:count]
    assert project.walk()["verdict"] == verdict
    operations = [record["operation"] for record in project.requests()]
    assert operations[:4] == ["login", "list-projects", "list-addons", "list-backups"]
    assert project.requests()[3]["query"] == "per_page=50"


def test_a_backup_can_be_restored_and_the_restore_aborted(command_line: CommandLine, project: SandboxProject) -> None:
    with command_line.at_terminal("restore", "addon", "backup") as terminal:
        choose(terminal, project.backup)
        code, output = terminal.read_to_end()
    started = re.search(r"restoreId: '(\d+)'", output)
    assert code == 0
    assert started
    newest = expected_restores(project.server, project.backup)[0]
    assert (newest["id"], newest["status"]) == (int(started[1]), "scheduled")
    data = json.dumps({"restoreId": started[1]})
    with command_line.at_terminal("abort", "addon", "restore", "--input", data) as terminal:
        choose(terminal, project.backup)
        code, _ = terminal.read_to_end()
    assert code == 0
    newest = expected_restores(project.server, project.backup)[0]
    assert (newest["id"], newest["status"]) == (int(started[1]), "aborting")
