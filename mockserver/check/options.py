"""The options of `mockserver check`: their names and descriptions, and their parsing before any request is sent."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.fidelity import AREAS, FIDELITY, Evidence
from mockserver.contract.versions import Contract
from mockserver.durations import parse_duration
from mockserver.errors import UsageError
from mockserver.messages import quoted

TOKEN_VARIABLE = "NORTHFLANK_TOKEN"  # noqa: S105 - a name
SUFFIXES = (".json", ".xml", ".md")
AUTO = "auto"
MAX_REQUESTS = 80
MIN_WATCH, MAX_WATCH = 60_000, 24 * 3_600_000
"""How long a list may be watched, in milliseconds."""


class Option(NamedTuple):
    """One option. Without a ``metavar`` it is a flag; ``repeatable`` ones give a list."""

    name: str
    metavar: str | None
    help: str
    repeatable: bool = False


OPTIONS = (
    Option("project", "ID", "The project of the backup to check with."),
    Option("addon", "ID", "The addon of that backup."),
    Option("backup", "ID", "The backup, preferably with three restores or more."),
    Option("plan", None, "Print what would be requested and what cannot be decided. Requests nothing, needs no token."),
    Option("contract", "VERSION", f"{AUTO}, 2024 or 2026; {AUTO} decides by the form of the first id. Default {AUTO}."),
    Option("rows", "NAMES", "Only these areas or rows, separated by commas, such as pages,errors.body."),
    Option(
        "require",
        "CLASS",
        "Exit with 1 for differences in rows of this evidence class or a stronger one: "
        f"{', '.join(Evidence)}. Default {Evidence.REPORTED}.",
    ),
    Option("max-requests", "NUMBER", f"Send at most this many requests. Default {MAX_REQUESTS}."),
    Option("probe-auth", None, "Also send four invalid tokens; a service may lock an address out for them."),
    Option("weak-token-env", "VARIABLE", "The variable with a token that lacks the permission to read addons."),
    Option("restricted-token-env", "VARIABLE", "The variable with a token that is restricted to the project."),
    Option("empty-backup", "ID", "A backup of the same addon that was never restored."),
    Option("other-backup", "ID", "Another backup of the same addon, with two restores or more."),
    Option("team", "ID", "The team of the project, to check the paths under /v1/teams."),
    Option("watch", "DURATION", "Poll the list for this long, such as PT10M, to decide rows about time."),
    Option("writes", None, "Start restores and abort them, in the addon that --restore-into names."),
    Option("restore-into", "ID", "The addon again, as a confirmation of --writes."),
    Option("make", None, "For a mockserver: create projects to check with, and delete them at the end."),
    Option("baseline", "FILE", "A JSON report with known differences; one that no longer differs is an error too."),
    Option("report", "FILE", f"Write a report to a file, {', '.join(SUFFIXES)}; repeatable.", repeatable=True),
)
"""In the order of the table in docs/check.md."""


@dataclass(frozen=True)
class Options:
    """Valid options. ``watch`` is in milliseconds; ``rows`` holds ids of rows."""

    url: str
    project: str | None
    addon: str | None
    backup: str | None
    plan: bool
    contract: Contract | None
    rows: frozenset[str]
    require: Evidence
    max_requests: int
    probe_auth: bool
    weak_token: str | None
    restricted_token: str | None
    empty_backup: str | None
    other_backup: str | None
    team: str | None
    watch: int | None
    writes: bool
    make: bool
    baseline: Path | None
    reports: tuple[Path, ...]


def parse_options(url: str, values: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Options:
    """Options from the command line's values, by name with underscores; raises UsageError for an invalid one."""
    make, plan, writes = bool(values["make"]), bool(values["plan"]), bool(values["writes"])
    missing = [f"--{name}" for name in ("project", "addon", "backup") if not values[name]]
    if missing and not make:
        raise UsageError(f"name the backup to check with: {', '.join(missing)} is missing; or use --make")
    if writes and values["restore_into"] != values["addon"]:
        raise UsageError("--writes starts restores: confirm it by naming the addon again with --restore-into")
    return Options(
        url=_url(url),
        project=values["project"],
        addon=values["addon"],
        backup=values["backup"],
        plan=plan,
        contract=_contract(values["contract"] or AUTO),
        rows=_rows(values["rows"]),
        require=_evidence(values["require"] or Evidence.REPORTED),
        max_requests=_number("--max-requests", values["max_requests"] or str(MAX_REQUESTS)),
        probe_auth=bool(values["probe_auth"]) or make,
        weak_token=_variable("--weak-token-env", values["weak_token_env"], environment),
        restricted_token=_variable("--restricted-token-env", values["restricted_token_env"], environment),
        empty_backup=values["empty_backup"],
        other_backup=values["other_backup"],
        team=values["team"],
        watch=_watch(values["watch"]),
        writes=writes,
        make=make,
        baseline=None if values["baseline"] is None else Path(values["baseline"]),
        reports=tuple(map(_report, values["report"] or ())),
    )


def valid_token(name: str, text: str) -> str:
    """A token that can stand in a header; raises UsageError without repeating it."""
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise UsageError(f"the token in {name} must be of ASCII characters without white space, and not empty")
    return text


def _url(text: str) -> str:
    try:
        url = urlsplit(text)
        valid = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:
        valid = False
    if not valid or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError(
            f"the URL must be like https://api.northflank.com or http://127.0.0.1:8080; got {quoted(text)}"
        )
    if url.username is not None or url.query or url.fragment:
        raise UsageError("the URL must be a base URL, without a user, a query or a fragment")
    return text.rstrip("/")


def _contract(text: str) -> Contract | None:
    if text == AUTO:
        return None
    if text not in set(Contract):
        raise UsageError(f"--contract must be {AUTO}, {' or '.join(Contract)}; got {quoted(text)}")
    return Contract(text)


def _rows(text: str | None) -> frozenset[str]:
    """The ids of the rows that were named by themselves or by their area; all without a name."""
    ids = {row.id for row in FIDELITY}
    if text is None:
        return frozenset(ids)
    chosen: set[str] = set()
    for name in text.split(","):
        matching = {row.id for row in FIDELITY if name in {row.id, row.area}}
        if not matching:
            raise UsageError(
                f"--rows: no area or row {quoted(name)}; the areas are {', '.join(AREAS)}, and /_mock/fidelity and "
                "docs/fidelity.md list the rows"
            )
        chosen |= matching
    return frozenset(chosen)


def _evidence(text: str) -> Evidence:
    if text not in set(Evidence):
        raise UsageError(f"--require must be one of {', '.join(Evidence)}; got {quoted(text)}")
    return Evidence(text)


def _number(option: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text.lstrip("0")) <= 6):
        raise UsageError(f"{option} must be an integer from 1 to 999999; got {quoted(text)}")
    return int(text)


def _variable(option: str, name: str | None, environment: Mapping[str, str]) -> str | None:
    if name is None:
        return None
    if not environment.get(name):
        raise UsageError(f"{option} must name a variable that holds a token; {quoted(name)} is not set")
    return valid_token(name, environment[name])


def _watch(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        milliseconds = parse_duration(text)
    except ValueError as failure:
        raise UsageError(f"--watch {failure}; got {quoted(text)}") from None
    if not MIN_WATCH <= milliseconds <= MAX_WATCH:
        raise UsageError(f"--watch must be from PT1M to PT24H; got {quoted(text)}")
    return milliseconds


def _report(text: str) -> Path:
    path = Path(text)
    if path.suffix not in SUFFIXES:
        raise UsageError(f"--report must end in {', '.join(SUFFIXES)}; got {quoted(text)}")
    if not path.parent.is_dir():
        raise UsageError(f"--report: no folder {quoted(str(path.parent))}")
    return path
