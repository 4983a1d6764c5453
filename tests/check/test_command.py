"""`mockserver check` on the command line: its options, its exit codes, what it prints and writes."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import mockserver
from mockserver.check.judging import Check, Comparisons
from mockserver.check.record import Record
from mockserver.check.seen import number
from mockserver.version import version
from tests.check.mutations import body, each_restore, failed, on, pages
from tests.check.support import OF_BACKUP, Mutant, mutable_server, new_token
from tests.commands import run_in_process
from tests.support import RunningServer

Cli = Callable[..., tuple[Any, str, str]]

BACKUP = [word for name, value in OF_BACKUP.items() for word in (f"--{name}", value)]
NO_SERVER = "http://127.0.0.1:1"


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs the command in this process; returns its exit code, its output and its messages."""
    monkeypatch.setenv("NORTHFLANK_TOKEN", new_token())
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def call(url: str, *words: str) -> tuple[Any, str, str]:
        code = run_in_process("check", url, *words)
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def differing(mutable: tuple[RunningServer, Mutant]) -> Iterator[str]:
    """The URL of a server whose restores have a null in place of an absent key, and whose 404s are 410s."""
    server, mutant = mutable

    def gone(request: Any, response: Any) -> None:
        on(pages, each_restore(lambda row: row.setdefault("completedAt", None)))(request, response)
        on(failed(404), body(lambda value: value["error"].update(code=5)))(request, response)

    mutant.after = gone
    yield server.url
    mutant.after = None


MISTAKES = [
    ([], "--project"),
    (["--project", "a", "--addon", "b"], "--backup"),
    ([*BACKUP, "--rows", "nothing"], "no area or row"),
    ([*BACKUP, "--report", "report.txt"], "must end in .json, .xml, .md"),
    ([*BACKUP, "--report", "/no/such/folder/report.md"], "no folder"),
    ([*BACKUP, "--contract", "2025"], "--contract must be auto"),
    ([*BACKUP, "--require", "guessed"], "--require must be one of"),
    ([*BACKUP, "--max-requests", "none"], "--max-requests must be"),
    ([*BACKUP, "--max-requests", "0"], "--max-requests must be"),
    ([*BACKUP, "--watch", "soon"], "--watch must be"),
    ([*BACKUP, "--watch", "PT5S"], "--watch must be from PT1M"),
    ([*BACKUP, "--writes"], "--restore-into"),
    ([*BACKUP, "--writes", "--restore-into", "another"], "--restore-into"),
    ([*BACKUP, "--weak-token-env", "NOT_SET_AT_ALL"], "is not set"),
    ([*BACKUP, "--baseline", "/no/such/file.json"], "cannot read the baseline"),
    ([*BACKUP, "--baseline", __file__], "is not a JSON report"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[" ".join(words) or "nothing" for words, _ in MISTAKES])
def test_a_mistake_is_one_line_and_no_request(cli: Cli, words: list[str], message: str) -> None:
    code, out, err = cli(NO_SERVER, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "url",
    ["api.northflank.com", "ftp://a", "http://", "http://a:0", "http://[", "http://a b", "http://u:p@a", "http://a?b"],
)
def test_the_url_is_a_base_url(cli: Cli, url: str) -> None:
    code, _, err = cli(url, *BACKUP)
    assert code == 2
    assert "URL" in err
    assert "u:p" not in err or url == "http://u:p@a"


def test_without_a_token_and_a_terminal_it_is_a_mistake(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTHFLANK_TOKEN")
    code, _, err = cli(NO_SERVER, *BACKUP)
    assert code == 2
    assert "NORTHFLANK_TOKEN" in err


def test_the_token_is_asked_for_at_a_terminal(cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTHFLANK_TOKEN")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _: "a-typed-token")
    code, out, _ = cli(server.url, *BACKUP, "--rows", "list.path")
    assert code == 0
    assert "1 rows agree" in out


def test_a_token_that_cannot_be_a_header_is_a_mistake_and_is_not_repeated(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NORTHFLANK_TOKEN", "two words")
    code, _, err = cli(NO_SERVER, *BACKUP)
    assert code == 2
    assert "two words" not in err


def test_plan_needs_no_token_and_no_server(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTHFLANK_TOKEN")
    code, out, _ = cli(NO_SERVER, *BACKUP, "--plan")
    assert code == 0
    assert "requests at most, with a budget of 80" in out
    assert "rows could be decided" in out
    assert "With --team: list.teams" in out
    assert "No request decides: " in out
    assert "Raise --max-requests" not in out
    assert "Raise --max-requests" in cli(NO_SERVER, *BACKUP, "--plan", "--watch", "PT10M")[1]
    assert cli(NO_SERVER, "--make", "--plan", "--rows", "list.path")[1].startswith("4 requests at most, with no budget")


def test_agreeing_is_exit_0(cli: Cli, server: RunningServer) -> None:
    code, out, err = cli(server.url, *BACKUP, "--rows", "pages")
    assert code == 0
    assert "Pages" in out
    assert "0 differ" in out
    assert err == ""


def test_a_difference_is_shown_with_a_command_that_repeats_it(cli: Cli, differing: str) -> None:
    code, out, _ = cli(differing, *BACKUP, "--rows", "restore,errors")
    assert code == 1
    assert "restore.completed-at-absent (assumed: we guessed, this is news)" in out
    assert "errors.body (observed, required)" in out
    assert "expected: status, message, id" in out
    assert "seen:     status, message, id, code" in out
    assert '-H "Authorization: Bearer $NORTHFLANK_TOKEN"' in out
    assert os.environ["NORTHFLANK_TOKEN"] not in out


def test_require_says_which_differences_fail(cli: Cli, differing: str) -> None:
    words = [*BACKUP, "--rows", "restore.completed-at-absent"]
    assert cli(differing, *words)[0] == 0
    assert cli(differing, *words, "--require", "assumed")[0] == 1
    code, out, _ = cli(differing, *BACKUP, "--rows", "errors.body", "--require", "documented")
    assert code == 0
    assert "errors.body (observed, not required)" in out


def test_a_server_that_cannot_be_reached_is_exit_3(cli: Cli) -> None:
    code, out, _ = cli(NO_SERVER, *BACKUP)
    assert code == 3
    assert "The check ended early: the first request failed: no connection" in out


def test_nothing_decided_is_exit_3(cli: Cli, server: RunningServer) -> None:
    assert cli(server.url, *BACKUP, "--rows", "list.teams")[0] == 3


def test_a_bug_in_a_check_is_exit_3(cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(record: Record) -> Comparisons:
        yield "200", number(record["list:1"].status)
        raise KeyError("a bug")

    monkeypatch.setitem(
        sys.modules["mockserver.check.checks"].CHECKS, "list.keys", Check("list.keys", ("list",), broken)
    )
    code, out, _ = cli(server.url, *BACKUP, "--rows", "list.keys,list.path")
    assert code == 3
    assert "list.keys: the check failed" in out


def test_a_known_difference_does_not_fail(cli: Cli, differing: str, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    words = [*BACKUP, "--rows", "errors"]
    assert cli(differing, *words, "--report", str(baseline))[0] == 1
    code, out, _ = cli(differing, *words, "--baseline", str(baseline))
    assert code == 0
    assert "errors.body (observed, known)" in out


def test_a_known_difference_that_is_gone_fails(
    cli: Cli, differing: str, mutable: tuple[RunningServer, Mutant], tmp_path: Path
) -> None:
    baseline = tmp_path / "baseline.json"
    words = [*BACKUP, "--rows", "restore"]
    cli(differing, *words, "--report", str(baseline))
    mutable[1].after = None
    code, out, _ = cli(differing, *words, "--baseline", str(baseline))
    assert code == 1
    assert "restore.completed-at-absent: no longer differs" in out


def test_the_reports(cli: Cli, differing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary"
    summary.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    files = [tmp_path / f"report.{suffix}" for suffix in ("json", "xml", "md")]
    cli(differing, *BACKUP, "--rows", "errors,list", *(word for file in files for word in ("--report", str(file))))

    report = json.loads(files[0].read_text())
    assert report["schema"] == "mockserver-check/1"
    assert report["contract"] == "2024"
    assert sum(report["counts"].values()) == len(report["rows"])
    row = next(row for row in report["rows"] if row["id"] == "errors.body")
    assert (row["result"], row["evidence"], row["reason"]) == ("differs", "observed", None)
    assert row["seen"] == "status, message, id, code"
    by_n = {one["n"]: one for one in report["requests"]}
    assert by_n[row["requests"][0]]["status"] == 404
    assert {"n", "method", "path", "status", "failure", "ms"} == set(report["requests"][0])
    assert "default-project" not in files[0].read_text()

    suites = ET.fromstring(files[1].read_text())  # noqa: S314 - we wrote it
    assert [suite.get("name") for suite in suites][:2] == ["List addon backup restores", "A restore"]
    cases = {str(case.get("name")).partition(" ")[0]: case for case in suites.iter("testcase")}
    assert cases["errors.body"].find("failure") is not None
    skipped = cases["list.teams"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "needs-option"
    assert list(cases["list.path"]) == []

    markdown = files[2].read_text()
    assert "| `errors.body` | observed | status, message, id | status, message, id, code | `GET /v1/" in markdown
    assert summary.read_text() == f"# Before\n{markdown}"


def test_an_early_end_and_a_bug_are_in_the_reports(
    cli: Cli, server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Record) -> Comparisons:
        raise KeyError("a bug")

    monkeypatch.setitem(
        sys.modules["mockserver.check.checks"].CHECKS, "list.keys", Check("list.keys", ("list",), broken)
    )
    files = [tmp_path / "report.md", tmp_path / "report.xml"]
    words = [word for file in files for word in ("--report", str(file))]
    assert cli(server.url, *BACKUP, "--max-requests", "9", *words)[0] == 3
    assert "The check ended early: the budget of 9 requests is used up." in files[0].read_text()
    assert "a bug of mockserver" in files[1].read_text()


def test_a_report_that_cannot_be_written_is_a_message(cli: Cli, server: RunningServer, tmp_path: Path) -> None:
    folder = tmp_path / "report.md"
    folder.mkdir()
    code, _, err = cli(server.url, *BACKUP, "--rows", "list", "--report", str(folder))
    assert code == 2
    assert "cannot write the report" in err


def test_a_summary_that_cannot_be_written_is_a_message(
    cli: Cli, server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    code, _, err = cli(server.url, *BACKUP, "--rows", "list")
    assert code == 2
    assert "GITHUB_STEP_SUMMARY" in err


def test_progress_is_shown_at_a_terminal(cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    _, out, err = cli(server.url, *BACKUP, "--rows", "list.path")
    assert "1: list:1" in err
    assert "list:1" not in out


def test_make_needs_no_token_and_no_ids(cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTHFLANK_TOKEN")
    assert cli(server.url, "--make", "--rows", "list.teams,tokens.malformed")[0] == 0


def test_make_at_a_server_without_a_control_plane_could_not_run(cli: Cli) -> None:
    with mutable_server(no_control=True) as (server, _):
        code, out, _ = cli(server.url, "--make")
    assert code == 3
    assert "the control plane responded to POST /projects with 404" in out


def test_more_options_decide_more_rows(cli: Cli, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAK", new_token())
    options = ["--empty-backup", "no-restores", "--other-backup", "single-restore", "--team", "a-team", "--probe-auth"]
    code, out, _ = cli(server.url, *BACKUP, *options, "--weak-token-env", "WEAK", "--rows", "list")
    assert code == 1
    assert "list.permission (documented, required)" in out
    assert '"Authorization: Bearer $WEAK_TOKEN"' in out


def test_watch_polls_the_list_slowly(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from mockserver.check.command import check
    from mockserver.check.options import OPTIONS

    monkeypatch.setenv("NORTHFLANK_TOKEN", new_token())
    values = dict.fromkeys(option.name.replace("-", "_") for option in OPTIONS) | OF_BACKUP
    pauses: list[float] = []
    check(server.url, values | {"watch": "PT20M", "rows": "restore.forward"}, pauses.append)
    assert pauses == [30.0] * 40


def test_the_workflow_installs_this_version() -> None:
    recipe = Path(mockserver.__file__).parents[1] / "docs" / "northflank-check.yaml"
    assert f"northflank-mockserver=={version()}\n" in recipe.read_text(encoding="utf-8")
