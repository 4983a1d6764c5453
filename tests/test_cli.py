"""The command line: the output of each command, and its messages for mistakes."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from mockserver.app import create_app
from mockserver.cli import COMMANDS, open_in_browser
from mockserver.errors import UsageError
from mockserver.seeding.scenario import builtin_scenarios
from mockserver.settings import Settings, option_name, variable_name
from mockserver.store import open_store
from mockserver.version import version
from tests.commands import MOCKSERVER, environment, run, run_in_process, serving, started
from tests.support import PATIENCE_SECONDS, RunningServer, restores_in, until
from tests.test_settings import BAD, GOOD

Command = Sequence[str]


@dataclass
class Ended:
    """How a command ended."""

    code: Any
    out: str
    err: str


class CommandLine:
    """Runs commands within this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        code = run_in_process(*arguments)
        return Ended(code, *self._capsys.readouterr())


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line, without settings in the environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_name(name), raising=False)
    return CommandLine(capsys)


def assert_mistake(ended: Ended, *words: str) -> None:
    """The command ended with exit code 2 and one line, which has these words."""
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("mockserver: ")
    assert ended.err.count("\n") == 1
    for each in words:
        assert each in ended.err


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of each ``serve``, which does not start a server."""
    seen: list[Settings] = []

    def record(settings: Settings) -> None:
        seen.append(settings)
        raise UsageError("not in this test")

    monkeypatch.setattr("mockserver.web.server.bind", record)
    return seen


def option(name: str, text: str) -> list[str]:
    """The arguments that set a setting on the command line."""
    if isinstance(Settings.model_fields[name].default, bool):
        return [option_name(name)]
    return [word for part in text.split(",") for word in (option_name(name), part)]


@pytest.mark.parametrize("name", GOOD)
def test_every_setting_is_an_option_and_a_variable_of_serve(
    name: str, cli: CommandLine, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    text, meaning = GOOD[name]
    cli("serve", *option(name, text))
    monkeypatch.setenv(variable_name(name), text)
    cli("serve")
    assert [getattr(settings, name) for settings in served] == [meaning, meaning]


def test_an_option_can_turn_off_a_switch_that_its_variable_turns_on(
    cli: CommandLine, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NFMOCK_ENFORCE_RATE_LIMIT", "true")
    cli("serve", "--no-enforce-rate-limit")
    assert served[0].enforce_rate_limit is False


def test_tokens_on_the_command_line_replace_those_of_the_variable(
    cli: CommandLine, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NFMOCK_TOKEN", "one,two")
    cli("serve", "--token", "three", "--token", "four")
    cli("serve")
    assert [settings.token for settings in served] == [("three", "four"), ("one", "two")]


def test_the_help_of_serve_names_every_option_variable_and_default(cli: CommandLine) -> None:
    ended = cli("serve", "--help")
    words = " ".join(ended.out.split())
    assert ended.code == 0
    for name in Settings.model_fields:
        assert option_name(name) in words
        assert variable_name(name) in words
    assert "NFMOCK_PORT; default 8080" in words


def test_version_prints_the_version(cli: CommandLine) -> None:
    assert cli("--version") == Ended(0, f"mockserver {version()}\n", "")


@pytest.mark.parametrize("arguments", [(), ("--help",)])
def test_the_help_lists_the_commands(cli: CommandLine, arguments: Command) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.err) == (0, "")
    for command in ("serve", "seed", "scenarios", "openapi", "health"):
        assert f"\n  {command} " in ended.out


@pytest.mark.parametrize(
    ("name", "text", "rule"), [bad for bad in BAD if bad[0] not in ("token", "enforce_rate_limit")]
)
def test_an_invalid_value_is_one_line_and_exit_code_2(cli: CommandLine, name: str, text: str, rule: str) -> None:
    assert_mistake(cli("serve", option_name(name), text), f"mockserver: {option_name(name)} ", rule)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nope",), "nope"),
        (("serve", "--nope"), "--nope"),
        (("serve", "--port"), "--port"),
        (("serve", "extra"), "extra"),
        (("serve", "--scenario", "nope"), 'scenario "nope"'),
        (("serve", "--database", "/no/such/folder/store.db"), "/no/such/folder/store.db"),
        (("serve", "--host", "192.0.2.1"), "192.0.2.1:0: Cannot assign requested address"),
        (("seed",), "--database or NFMOCK_DATABASE"),
        (("seed", "--restores", "-1"), '"-1"'),
        (("seed", "--restores", "many"), '"many"'),
        (("seed", "--restores", "٣"), '"٣"'),
        (("seed", "--restores", "9" * 5000), "--restores"),
        (("seed", "--database", "/no/such/folder/store.db"), "/no/such/folder/store.db"),
        (("health", "--port", "x"), "--port must be "),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, arguments: Command, words: str
) -> None:
    if arguments[0] != "health":
        monkeypatch.setenv("NFMOCK_PORT", "0")
    assert_mistake(cli(*arguments), words)


def test_serve_reports_a_port_in_use(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert_mistake(cli("serve", "--port", port), f"127.0.0.1:{port}: Address already in use", "--port")


def test_a_process_reports_a_mistake_without_a_traceback() -> None:
    ended = run(*MOCKSERVER, "serve", variables={"NFMOCK_PORT": "x"})
    assert_mistake(Ended(ended.returncode, ended.stdout, ended.stderr), "mockserver: NFMOCK_PORT must be ")


@pytest.mark.usefixtures("measured_processes")
def test_serve_prints_its_url_and_responds_there() -> None:
    with serving("--scenario", "example", variables={"NFMOCK_LOG_REQUESTS": "all"}) as served:
        assert (
            served.ready
            == f"mockserver is ready at {served.url} (scenario example), live page at {served.url}/_mock/\n"
        )
        assert served.get().json()["pagination"] == {"hasNextPage": False, "count": 1}
        code, out, err = served.end()
    assert (code, err) == (0, "")
    assert out.count(" 200 GET /v1/projects/") == 1


def test_a_scenario_file_is_checked_and_described(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        help = "Mine."
        [[projects]]
        [[projects.addons]]
        id = "orders"
        [[projects.addons.backups]]
        restores.count = 12
        restores.outcomes = { completed = 5, failed = 1 }
        [[projects.addons.backups]]
        id = "planned"
        restores = [{ startsAfter = "PT5S" }, { id = 5, plan = { endsAt = 2024-01-01T00:00:00Z, outcome = "failed" } }]
        """
    )
    ended = cli("scenarios", "--check", str(path))
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "project 1 / orders / backup 1: 10 completed, 2 failed",
        "project 1 / orders / planned: 1 scheduled, 1 failed",
        f"{path} is a scenario: 1 project, 1 addon, 2 backups, 14 restores",
    ]


TOO_LATE = '{ status = "completed", completedAt = 2100-01-01T00:00:00Z }'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("help = 5", "help must be a string"),
        ("help = ", "is not TOML"),
        (
            f'help = "x"\nprojects = [{{ addons = [{{ backups = [{{ restores = [{TOO_LATE}] }}] }}] }}]',
            "completedAt of a restore must not be after the project's present instant",
        ),
    ],
)
def test_what_is_wrong_with_a_scenario_file_is_said(
    cli: CommandLine, tmp_path: Path, content: str, problem: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content)
    assert_mistake(cli("scenarios", "--check", str(path)), problem)


def test_serve_opens_the_page_in_the_browser(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser.py"
    browser.write_text("import pathlib, sys\npathlib.Path(sys.argv[1]).write_text(sys.argv[2])\n")
    command = shlex.join([sys.executable, str(browser), str(opened)])
    with serving("--open", variables={"BROWSER": f"{command} %s"}) as served:
        until(lambda: opened.exists() and opened.read_text() == f"{served.url}/_mock/")


def test_serve_does_not_wait_for_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    may_open, opened = threading.Event(), SimpleQueue[str]()

    def open_slowly(url: str) -> None:
        assert may_open.wait(PATIENCE_SECONDS)
        opened.put(url)

    monkeypatch.setattr("webbrowser.open", open_slowly)
    open_in_browser("http://localhost/_mock/")
    may_open.set()
    assert opened.get(timeout=PATIENCE_SECONDS) == "http://localhost/_mock/"


def test_serve_does_not_open_a_page_that_is_disabled(cli: CommandLine) -> None:
    assert_mistake(cli("serve", "--port", "0", "--open", "--no-control"), "--open needs the live page")


def test_the_scenarios_are_listed_with_what_each_is_for(cli: CommandLine) -> None:
    ended = cli("scenarios")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines] == list(builtin_scenarios())
    assert lines[4] == "example         The vendor's documented example, to the byte, and nothing else."


def test_the_printed_openapi_document_is_the_one_that_is_served(cli: CommandLine, server: RunningServer) -> None:
    ended = cli("openapi")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == server.get("/openapi.json").json()


def test_health_exits_with_0_if_a_server_responds(cli: CommandLine, server: RunningServer) -> None:
    assert cli("health", "--port", server.url.rpartition(":")[2]) == Ended(0, "", "")


def test_health_exits_with_1_if_no_server_responds(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = str(reserved.getsockname()[1])
    ended = cli("health", "--port", port)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.endswith(f"127.0.0.1:{port}: Connection refused\n")


def test_seed_makes_a_file_that_serve_serves_as_it_is(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    ended = cli("seed", "--database", str(file), "--seed", "7")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"{file} holds 317 restores\n"
    assert list(tmp_path.iterdir()) == [file]
    private = create_app(Settings(seed=7)).state.emulator.store
    seeded = create_app(Settings(seed=1, database=file)).state.emulator.store
    for everything in ("project", "addon", "backup", "restore"):
        query = f"SELECT * FROM {everything}"  # noqa: S608 - the names are above
        assert seeded.connection.execute(query).fetchall() == private.connection.execute(query).fetchall()
    private.close()
    seeded.close()


def test_seed_writes_the_requested_number_of_restores_and_reports_progress(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    ended = cli("seed", "--database", str(file), "--restores", "100001")
    assert ended.code == 0
    assert ended.err == f"100,000 restores written\n{file} holds 100,198 restores\n"
    store = open_store(file, lambda _: None)
    assert len(restores_in(store)) == 100_001
    store.close()


def test_seed_can_leave_a_backup_empty(cli: CommandLine, tmp_path: Path) -> None:
    assert cli("seed", "--database", str(tmp_path / "store.db"), "--restores", "0").err.endswith("holds 197 restores\n")


def test_seed_does_not_touch_an_existing_file(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_text("precious")
    assert_mistake(cli("seed", "--database", str(file)), f"mockserver: {file} exists")
    assert file.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [file]


def test_seed_rejects_a_number_for_a_scenario_that_generates_no_restores(cli: CommandLine, tmp_path: Path) -> None:
    ended = cli("seed", "--database", str(tmp_path / "store.db"), "--scenario", "example", "--restores", "5")
    assert_mistake(ended, "scenario")
    assert list(tmp_path.iterdir()) == []


DISK_FULL = """
import resource
from mockserver.cli import COMMANDS, main

resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
main()
"""


def test_seed_on_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    command = ("seed", "--database", str(tmp_path / "store.db"), "--restores", "100000")
    ended = run(sys.executable, "-c", DISK_FULL, *command)
    assert ended.returncode == 2
    assert "disk" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.usefixtures("measured_processes")
def test_seed_that_is_interrupted_leaves_nothing(tmp_path: Path, number: signal.Signals, code: int) -> None:
    command = ("seed", "--database", str(tmp_path / "store.db"), "--restores", "1000000000")
    with started(*MOCKSERVER, *command) as process:
        assert process.read_error_line() == "100,000 restores written\n"
        ended, _, err = process.end(number)
    assert ended == code
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_seed_that_is_killed_leaves_nothing_at_the_requested_path(tmp_path: Path) -> None:
    command = ("seed", "--database", str(tmp_path / "store.db"), "--restores", "1000000000")
    with started(*MOCKSERVER, *command) as process:
        assert process.read_error_line() == "100,000 restores written\n"
        process.end(signal.SIGKILL)
    (left,) = tmp_path.iterdir()
    assert left.name == f"store.db.{process.popen.pid}.partial"


PEAK_MEMORY = """
from mockserver.cli import COMMANDS, main

try:
    main()
finally:
    with open("/proc/self/status") as status:
        print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not os.access("/proc/self/status", os.R_OK), reason="needs Linux to read a process's peak memory")
def test_seed_takes_no_more_memory_for_more_restores(tmp_path: Path) -> None:
    def peak_kilobytes(count: int) -> int:
        command = ("seed", "--database", str(tmp_path / f"{count}.db"), "--restores", str(count))
        return int(run(sys.executable, "-c", PEAK_MEMORY, *command).stdout)

    few, many = peak_kilobytes(20_000), peak_kilobytes(200_000)
    assert many < 200_000
    assert many < few + 5_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("command", ["openapi", "scenarios", "--help"])
@pytest.mark.usefixtures("measured_processes")
def test_output_that_cannot_be_written_is_one_line_on_standard_error(command: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [*MOCKSERVER, command], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment()
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith("mockserver: cannot write ")
    assert ended.stderr.endswith(": No space left on device\n")
    assert ended.stderr.count("\n") == 1


def test_any_command_ends_on_sigterm(monkeypatch: pytest.MonkeyPatch) -> None:
    def exit_on_sigterm(_: Settings) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setitem(COMMANDS, "scenarios", (exit_on_sigterm, ()))
    assert run_in_process("scenarios") == 128 + signal.SIGTERM
