"""`mockserver check` from its options to its exit code."""

import getpass
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mockserver.check.baseline import Baseline, read_baseline
from mockserver.check.client import Client
from mockserver.check.judging import Result
from mockserver.check.options import TOKEN_VARIABLE, Options, parse_options, valid_token
from mockserver.check.plan import make_plan, plan_text
from mockserver.check.probes import UNKNOWN
from mockserver.check.report import counts_by_area, markdown_report, summary, write_report
from mockserver.check.requests import Token
from mockserver.check.run import Outcome, run
from mockserver.check.session import Session, is_loopback
from mockserver.clock import MachineClock
from mockserver.contract.fidelity import AREAS, Evidence, Row
from mockserver.contract.versions import Contract
from mockserver.errors import UsageError

AGREES, DIFFERS, COULD_NOT_RUN = 0, 1, 3
"""Exit codes; 2 is for usage, as everywhere."""

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"


def check(url: str, values: Mapping[str, Any], pause: Callable[[float], None] = time.sleep) -> int:
    """Runs the command; returns its exit code. Raises UsageError before any request is sent."""
    options = parse_options(url, values)
    baseline = read_baseline(options.baseline)
    if options.plan:
        print(*plan_text(options, make_plan(options, options.contract or Contract.V2026)), sep="\n")
        return AGREES
    session = _session(options, pause)
    outcome = run(options, session)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(*result_lines(options, outcome, baseline), sep="\n")
    now = MachineClock().now()
    for path in options.reports:
        write_report(path, outcome, now)
    if summary_file := os.environ.get(SUMMARY_VARIABLE):
        _append(Path(summary_file), markdown_report(outcome))
    return exit_code(options, outcome, baseline)


def exit_code(options: Options, outcome: Outcome, baseline: Baseline) -> int:
    """0 if the server agrees as far as required, 1 if it differs, 3 if nothing was decided or a check failed."""
    if not outcome.decided or outcome.count(Result.CHECK_ERROR):
        return COULD_NOT_RUN
    failing = [row for row in outcome.differing if _required(options, row) and not baseline.knows(outcome, row.id)]
    return DIFFERS if failing or baseline.outdated(outcome) else AGREES


def _session(options: Options, pause: Callable[[float], None]) -> Session:
    tokens = {Token.WEAK: options.weak_token, Token.RESTRICTED: options.restricted_token, Token.MAIN: _token(options)}
    ids = {
        "projectId": options.project,
        "addonId": options.addon,
        "backupId": options.backup,
        "weakProjectId": options.project,
        "emptyBackupId": options.empty_backup,
        "otherBackupId": options.other_backup,
        "teamId": options.team,
        "unknown": UNKNOWN,
    }
    return Session(
        client=Client(options.url),
        values={name: value for name, value in ids.items() if value is not None},
        tokens={name: token for name, token in tokens.items() if token is not None},
        budget=None if options.make else options.max_requests,
        paced=not is_loopback(options.url),
        may_write=options.writes or options.make,
        watch_seconds=(options.watch or 0) / 1000,
        pause=pause,
        progress=_show_progress if sys.stderr.isatty() else lambda _: None,
    )


def _token(options: Options) -> str | None:
    token = os.environ.get(TOKEN_VARIABLE)
    if token:
        return valid_token(TOKEN_VARIABLE, token)
    if options.make:
        return None
    if not sys.stdin.isatty():
        raise UsageError(f"set {TOKEN_VARIABLE} to an API token; --plan needs none")
    return valid_token("the input", getpass.getpass("API token: "))


def _show_progress(text: str) -> None:
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def result_lines(options: Options, outcome: Outcome, baseline: Baseline) -> Iterable[str]:
    """The result for the terminal: the areas, the differences, the summary."""
    width = max(map(len, AREAS.values()))
    for area, (agree, differ, undecided) in counts_by_area(outcome).items():
        yield f"{AREAS[area]:{width}}  {agree:3} agree  {differ:3} differ  {undecided:3} undecided"
    for row in outcome.differing:
        finding = outcome.findings[row.id]
        yield f"\n{row.id} ({_weight(options, outcome, baseline, row)}): {row.behaviour}"
        yield f"  expected: {finding.expected}"
        yield f"  seen:     {finding.seen}"
        yield from (f"  {one.curl(options.url)}" for one in outcome.exchanges_of(row))
    for row in outcome.rows:
        if outcome.findings[row.id].result is Result.CHECK_ERROR:
            yield f"\n{row.id}: the check failed: a bug of mockserver; please report it"
    for row_id in baseline.outdated(outcome):
        yield f"\n{row_id}: no longer differs: take it out of the baseline"
    if outcome.problem:
        yield f"\nThe check ended early: {outcome.problem}."
    yield f"\n{summary(outcome)}"


def _weight(options: Options, outcome: Outcome, baseline: Baseline, row: Row) -> str:
    if baseline.knows(outcome, row.id):
        return f"{row.evidence}, known"
    if row.evidence is Evidence.ASSUMED:
        return "assumed: we guessed, this is news"
    return f"{row.evidence}, {'required' if _required(options, row) else 'not required'}"


def _required(options: Options, row: Row) -> bool:
    classes = list(Evidence)
    return classes.index(row.evidence) <= classes.index(options.require)


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as failure:
        raise UsageError(f"cannot write {SUMMARY_VARIABLE}: {failure.strerror}") from None
