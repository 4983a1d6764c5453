"""The examples for JavaScript and the command line work when they are copied to another folder."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from mockserver.contract.lifecycle import Outcome, Status
from mockserver.contract.operations import OperationName
from mockserver.contract.permissions import Permission
from mockserver.control.journal import RequestReading
from mockserver.control.polls import PollReading
from mockserver.control.projects import NewProject
from mockserver.control.restore_list import PlannedRestoreReading
from mockserver.control.walks import WalkReading
from mockserver.faults import KINDS
from mockserver.rate_limit import RateLimitSetting
from mockserver.sandbox.fault_rules import Rule
from mockserver.seeding.scenario import PlannedRestore, RestoreRow
from mockserver.walks.verdicts import Verdict
from tests.clients.support import FOLDER, PROGRAMS, run
from tests.fake_servers import QuietHandler, fake_server
from tests.support import RunningServer

HELPER = (FOLDER / "javascript" / "northflank-mock.mjs").read_text()
TYPES = (FOLDER / "javascript" / "northflank-mock.d.mts").read_text()
START_SERVER = "await (await import('./server.mjs')).default()"
TYPE_CHECK = (PROGRAMS / "tsc", "--noEmit", "--strict", "--module", "nodenext")
WITH_PACKAGES = ("--types", "node", "--allowJs", "--checkJs", "--skipLibCheck")
ALONE = ("--lib", "es2022,esnext.disposable", "--typeRoots", "none")
STRICTER = ("--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noUnusedLocals")
CONFORMS = """
import type * as declared from './northflank-mock.mjs';
import * as implementation from './implementation.mjs';
export const conforms: typeof declared = implementation;
// @ts-expect-error createProject() returns a project
export const differs: typeof declared = { ...implementation, createProject: async () => ({}) };
"""


@pytest.fixture
def copy(_javascript_clients: None, tmp_path: Path) -> Path:
    """A copy of the folders of examples, with the packages that they need."""
    for name in ("javascript", "command-line", "bugs"):
        shutil.copytree(FOLDER / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    return tmp_path


def environment(server: RunningServer) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
        "NORTHFLANK_MOCK_URL": server.url,
    }


def union_values(name: str) -> set[str]:
    """The strings of a union type of the JavaScript helper."""
    match = re.search(rf"^export type {name} =([^;]+);", TYPES, re.MULTILINE)
    assert match
    return set(re.findall(r"'([^']+)'", match[1]))


def interface_fields(name: str) -> dict[str, bool]:
    """The fields of an interface of the JavaScript helper, and whether each is required."""
    match = re.search(rf"^export interface {name} {{\n(.+?)^}}$", TYPES, re.MULTILINE | re.DOTALL)
    assert match
    return {field: not optional for field, optional in re.findall(r"^  '?([\w-]+)'?(\??):", match[1], re.MULTILINE)}


def fault_fields() -> dict[str, dict[str, bool]]:
    """The fields of each kind of fault in the JavaScript helper, and whether each is required."""
    match = re.search(r"^export interface FaultFields {(.+?)\n}$", TYPES, re.MULTILINE | re.DOTALL)
    assert match
    kinds = re.findall(r"\n  '?([\w-]+)'?: (.+?;)(?=\n  ['\w]|$)", match[1], re.DOTALL)
    return {
        kind: {field: not optional for field, optional in re.findall(r"(\w+)(\??):", fields)} for kind, fields in kinds
    }


def required_fields(model: type[BaseModel], *, without: str = "") -> dict[str, bool]:
    """The fields of a model of the server, and whether each is required."""
    return {field.alias or name: field.is_required() for name, field in model.model_fields.items() if name != without}


def array_values(constant: str) -> set[str]:
    """The strings of an array in the JavaScript helper."""
    match = re.search(rf"^const {constant} = \[(.+)\];$", HELPER, re.MULTILINE)
    assert match
    return set(re.findall(r"\w+", match[1]))


@pytest.mark.parametrize(
    "order", [[], ["--sequence.concurrent", "--sequence.shuffle"]], ids=["sequential", "concurrent"]
)
def test_the_vitest_suites_pass_in_any_order(copy: Path, server: RunningServer, order: list[str]) -> None:
    folder = copy / "javascript"
    reports = ["--reporter", "default", "--reporter", "json", "--outputFile.json", "results.json"]
    finished = run([PROGRAMS / "vitest", "run", *reports, *order], environment(server), folder=folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    defined = sum(len(re.findall(r"^ *test\(", path.read_text(), re.MULTILINE)) for path in folder.glob("*.test.mjs"))
    results = json.loads((folder / "results.json").read_text())
    assert (results["numPassedTests"], results["numTotalTests"]) == (defined, defined)


@pytest.mark.parametrize("command", [["vitest", "run", "-t", "read to the end"], ["node", "--test", "node-test.mjs"]])
def test_a_suite_without_a_server_starts_one_and_ends_it(copy: Path, command: list[str]) -> None:
    variables = {
        "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
        "PYTHONPATH": str(FOLDER.parents[1]),
        "NORTHFLANK_MOCK_COMMAND": f"{sys.executable} -m mockserver.testing",
    }
    # it would not return if the server did not end, which holds its standard error
    finished = run(command, variables, folder=copy / "javascript")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert re.search(r"1 passed|pass 1\b", finished.stdout)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no-such-command", "cannot run no-such-command: install mockserver, or set NORTHFLANK_MOCK_COMMAND"),
        (f"{sys.executable} -c pass", "mockserver ended before it was ready: its output above says why"),
    ],
    ids=["no such command", "it ends"],
)
def test_a_server_that_a_suite_cannot_start_is_an_error(copy: Path, command: str, message: str) -> None:
    variables = {"PATH": os.environ["PATH"], "NORTHFLANK_MOCK_COMMAND": command}
    program = ["node", "--input-type=module", "--eval", START_SERVER]
    finished = run(program, variables, folder=copy / "javascript")
    assert finished.returncode == 1
    assert f"Error: {message}" in finished.stderr


def test_each_bug_of_a_javascript_client_fails_an_assertion_that_names_it(copy: Path, server: RunningServer) -> None:
    finished = run([PROGRAMS / "vitest", "run"], environment(server), folder=copy / "bugs")
    assert finished.returncode == 0, finished.stdout + finished.stderr


def type_check(folder: Path, *options: str | Path) -> str:
    """What the type checker finds in files of a folder."""
    return run([*TYPE_CHECK, *options], {"PATH": os.environ["PATH"]}, folder=folder).stdout


def test_the_javascript_examples_pass_a_strict_type_check_and_the_helper_conforms_to_its_types(copy: Path) -> None:
    folder = copy / "javascript"
    (folder / "implementation.mjs").write_text(HELPER)
    (folder / "conforms.mts").write_text(CONFORMS)
    programs = [*folder.glob("*.m?s"), *(copy / "bugs").glob("*.m?s")]
    assert type_check(folder, *WITH_PACKAGES, *programs) == ""


def test_the_types_of_the_helper_are_valid_and_reject_mistakes(copy: Path) -> None:
    files = ("northflank-mock.d.mts", "northflank-mock.test-d.mts")
    assert type_check(copy / "javascript", *ALONE, *STRICTER, *files) == ""


def test_the_helpers_list_every_status_verdict_and_fault_of_the_emulator() -> None:
    assert union_values("Status") == set(Status)
    assert union_values("Outcome") == set(Outcome)
    assert union_values("Verdict") == set(Verdict)
    assert union_values("Operation") == set(OperationName) - {OperationName.HEALTH}
    assert union_values("Permission") == set(Permission)
    assert array_values("VERDICTS") == set(Verdict)
    assert array_values("WHEN") == required_fields(Rule, without="fault").keys()
    shell = re.search(r"verdicts='(.+)'", (FOLDER / "command-line" / "northflank-mock.sh").read_text())
    assert shell
    assert set(shell[1].split()) == set(Verdict)


def test_the_types_of_the_helper_have_every_field_of_the_emulator() -> None:
    assert interface_fields("RequestRecord") == required_fields(RequestReading)
    assert interface_fields("Walk") == required_fields(WalkReading)
    assert interface_fields("Polls") == required_fields(PollReading)
    assert interface_fields("When").keys() == required_fields(Rule, without="fault").keys()
    assert fault_fields() == {kind: required_fields(fault, without="kind") for kind, fault in KINDS.items()}
    assert interface_fields("ProjectOptions").keys() == required_fields(NewProject).keys()
    assert interface_fields("RateLimit").keys() == required_fields(RateLimitSetting).keys()
    assert interface_fields("PlannedRestore") == required_fields(PlannedRestoreReading)
    assert interface_fields("Plan").keys() == required_fields(PlannedRestore).keys()
    assert interface_fields("RestoreRow") == required_fields(RestoreRow)


ONE_PAGE = """curl -s -o page -H "Authorization: Bearer $TOKEN" \\
    $NORTHFLANK_MOCK_URL/v1/projects/$PROJECT_ID/addons/$ADDON_ID/backups/$BACKUP_ID/restores"""
SOURCED = "set -euo pipefail; source northflank-mock.sh; "


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('mock_project \'{"scenario": "no-such"}\'', 'no scenario "no-such": there are aborting, '),
        ("mock_project many", "the body is not JSON"),
        ('mock_project \'{"projectId": ""}\'', "projectId must "),
        ("mock_project; mock_fault '{}'", "fault is missing"),
        ("mock_project; mock_advance backwards", "by must be a non-negative duration"),
        (
            "NORTHFLANK_MOCK_URL=http://127.0.0.1:1; mock_project",
            "mock: POST http://127.0.0.1:1/_mock/projects: no emulator responds",
        ),
        (
            "mock_project; mock_assert_walk",
            'expected walk verdict "complete", got no walk\n  the project received no request',
        ),
        (
            f"mock_project; {ONE_PAGE}; mock_assert_walk",
            'expected walk verdict "complete", got "abandoned": stopped after page 1',
        ),
        (
            "mock_project; mock_assert_walk done",
            "unknown verdict done: expected one of complete repeated abandoned skipped looped overran mixed poll\n",
        ),
        (
            f"mock_project; {ONE_PAGE}?number=[0-1000]; mock_assert_walk poll",
            'expected walk verdict "poll", but the journal dropped 1 of the first requests',
        ),
    ],
    ids=["scenario", "no JSON", "id", "fault", "clock", "unreachable", "no walk", "abandoned", "no verdict", "dropped"],
)
def test_an_error_ends_a_script_with_a_message(copy: Path, server: RunningServer, script: str, message: str) -> None:
    finished = run(["bash", "-c", SOURCED + script], environment(server), folder=copy / "command-line")
    assert finished.returncode == 1
    assert message in finished.stderr
    assert finished.stderr.startswith("mock: ")
    assert "    at " not in finished.stderr


def test_default_project_ids_of_scripts_are_readable_and_unique_and_an_explicit_one_is_used(
    copy: Path, server: RunningServer
) -> None:
    bodies = ("", "{}", '{"scenario": "single"}', '{"projectId": "explicit-in-a-script"}')
    script = "".join(f"mock_project '{body}'; echo $PROJECT_ID;" for body in bodies)
    finished = run(["bash", "-c", SOURCED + script], environment(server), folder=copy / "command-line")
    assert finished.stderr == ""
    assert re.fullmatch(
        r"default-[0-9a-f]{10}\ndefault-[0-9a-f]{10}\nsingle-[0-9a-f]{10}\nexplicit-in-a-script\n", finished.stdout
    )
    assert len(set(finished.stdout.split())) == len(bodies)


def test_a_script_sends_a_slug_for_any_name_of_a_scenario(copy: Path) -> None:
    class RejectingHandler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name in http.server
            bodies.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_error(400)

    bodies: list[str] = []
    scenarios = ("Nightly: all_pages", "---", "a" * 88 + "-b", "a" * 200)
    script = "".join(f"mock_project '{json.dumps({'scenario': name})}' || true;" for name in scenarios)
    with fake_server(RejectingHandler) as address:
        variables = {"PATH": os.environ["PATH"], "NORTHFLANK_MOCK_URL": f"http://{address}"}
        run(["bash", "-c", SOURCED + script], variables, folder=copy / "command-line")
    readable = ("nightly-all-pages-", "", "a" * 88 + "-", "a" * 89 + "-")
    for body, scenario, beginning in zip(bodies, scenarios, readable, strict=True):
        assert re.match(rf'{{"projectId":"{beginning}[0-9a-f]{{10}}",', body)
        assert json.loads(body)["scenario"] == scenario


def test_a_script_can_advance_the_clock_and_delete_the_faults(copy: Path, server: RunningServer) -> None:
    script = """
        mock_project '{"scenario": "single"}'
        mock_clock '{"mode": "frozen", "now": "2024-07-01T12:00:00Z"}'
        mock_advance PT90S
        mock_fault '{"fault": {"kind": "reset"}}'
        mock_clear
        mock_request GET "/projects/$PROJECT_ID" | mock_read 'JSON.stringify([it.clock.now, it.faults])'
    """
    finished = run(["bash", "-c", SOURCED + script], environment(server), folder=copy / "command-line")
    assert finished.stderr == ""
    noon, later = "2024-07-01T12:00:00.000Z", "2024-07-01T12:01:30.000Z"
    assert finished.stdout.splitlines() == [noon, later, "fault-1", json.dumps([later, []], separators=(",", ":"))]
