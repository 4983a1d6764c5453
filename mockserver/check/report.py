"""The reports of a run. They are made of what ``seen`` allows, of our own words, and of numbers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from mockserver.check.judging import Finding, Result
from mockserver.check.run import Outcome
from mockserver.contract.fidelity import AREAS, Row
from mockserver.errors import UsageError
from mockserver.instants import timestamp
from mockserver.version import version

SCHEMA = "mockserver-check/1"
"""The version of the JSON report's schema; another number if a field changes its meaning or goes."""


def json_report(outcome: Outcome, instant: int) -> dict[str, Any]:
    """The report as a JSON object."""
    return {
        "schema": SCHEMA,
        "version": version(),
        "contract": outcome.contract,
        "date": timestamp(instant),
        "counts": {result: outcome.count(result) for result in Result},
        "rows": [_row_json(row, outcome.findings[row.id]) for row in outcome.rows],
        "requests": [
            {
                "n": one.number,
                "method": one.method,
                "path": one.template,
                "status": one.status or None,
                "failure": one.failure,
                "ms": one.response.milliseconds if one.response else None,
            }
            for one in outcome.exchanges
        ],
    }


def _row_json(row: Row, finding: Finding) -> dict[str, Any]:
    return {
        "id": row.id,
        "evidence": row.evidence,
        "result": finding.result,
        "reason": finding.reason,
        "expected": finding.expected,
        "seen": finding.seen,
        "requests": list(finding.requests),
    }


def junit_report(outcome: Outcome) -> bytes:
    """The report as JUnit XML: a test case for each row, in a suite for each area."""
    suites = ET.Element("testsuites", name="mockserver check")
    for area, title in AREAS.items():
        rows = [row for row in outcome.rows if row.area == area]
        results = [outcome.findings[row.id].result for row in rows]
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=title,
            tests=str(len(rows)),
            failures=str(results.count(Result.DIFFERS)),
            errors=str(results.count(Result.CHECK_ERROR)),
            skipped=str(results.count(Result.UNDECIDED)),
        )
        for row in rows:
            case = ET.SubElement(suite, "testcase", classname=f"check.{area}", name=f"{row.id} ({row.evidence})")
            _add_result(case, row, outcome.findings[row.id])
    return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True))


def _add_result(case: ET.Element, row: Row, finding: Finding) -> None:
    match finding.result:
        case Result.DIFFERS:
            message = f"expected {finding.expected}; seen {finding.seen}"
            ET.SubElement(case, "failure", message=message).text = row.behaviour
        case Result.UNDECIDED:
            ET.SubElement(case, "skipped", message=str(finding.reason))
        case Result.CHECK_ERROR:
            ET.SubElement(case, "error", message="the check failed: a bug of mockserver")


def markdown_report(outcome: Outcome) -> str:
    """The report as Markdown: the counts by area, then the rows that differ."""
    lines = [
        "## mockserver check",
        "",
        f"{summary(outcome)} Contract {outcome.contract}, {len(outcome.exchanges)} requests.",
        "",
        "| area | agree | differ | undecided |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {AREAS[area]} | {' | '.join(map(str, counts))} |" for area, counts in counts_by_area(outcome).items()]
    if outcome.differing:
        lines += ["", "| row | evidence | expected | seen | requests |", "| --- | --- | --- | --- | --- |"]
    for row in outcome.differing:
        finding = outcome.findings[row.id]
        requests = "<br>".join(f"`{one.method} {one.template}`" for one in outcome.exchanges_of(row))
        lines.append(f"| `{row.id}` | {row.evidence} | {finding.expected} | {finding.seen} | {requests} |")
    if outcome.problem:
        lines += ["", f"The check ended early: {outcome.problem}."]
    return "\n".join(lines) + "\n"


def counts_by_area(outcome: Outcome) -> Mapping[str, tuple[int, int, int]]:
    """For each area with rows: how many agree, differ, and are undecided."""
    counts = {}
    for area in AREAS:
        results = [outcome.findings[row.id].result for row in outcome.rows if row.area == area]
        if results:
            agree, differ = results.count(Result.AGREES), results.count(Result.DIFFERS)
            counts[area] = agree, differ, len(results) - agree - differ
    return counts


def summary(outcome: Outcome) -> str:
    """The counts in one sentence."""
    agree, differ = outcome.count(Result.AGREES), outcome.count(Result.DIFFERS)
    return f"{agree} rows agree, {differ} differ, {len(outcome.rows) - agree - differ} are undecided."


def write_report(path: Path, outcome: Outcome, instant: int) -> None:
    """Writes the report in the format of the file's suffix; raises UsageError if it cannot be written."""
    match path.suffix:
        case ".json":
            content = json.dumps(json_report(outcome, instant), indent=2).encode() + b"\n"
        case ".xml":
            content = junit_report(outcome)
        case _:
            content = markdown_report(outcome).encode()
    try:
        path.write_bytes(content)
    except OSError as failure:
        raise UsageError(f"cannot write the report {path}: {failure.strerror}") from None
