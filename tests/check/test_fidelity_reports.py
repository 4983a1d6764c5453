"""Reports that come back make rows verified."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from docs.fidelity_reports import FILE, main
from mockserver.check.report import SCHEMA
from mockserver.contract.fidelity import Evidence, verified
from mockserver.contract.fidelity.row import Row

AGREEING = {
    "id": "list.order",
    "evidence": "assumed",
    "result": "agrees",
    "expected": "descending",
    "seen": "descending",
}
DIFFERING = {"id": "list.keys", "evidence": "assumed", "result": "differs", "expected": "id, status", "seen": "id"}
UNKNOWN = {**AGREEING, "id": "list.'); import os #"}


def report(folder: Path, name: str, **fields: Any) -> str:
    path = folder / name
    content = {"schema": SCHEMA, "date": "2026-11-28T03:00:00.000Z", "rows": [AGREEING, DIFFERING, UNKNOWN], **fields}
    path.write_text(json.dumps(content))
    return str(path)


def folded(file: Path) -> dict[str, tuple[str, int]]:
    namespace: dict[str, Any] = {}
    exec(file.read_text(), namespace)  # noqa: S102 - the module that was written
    counts: dict[str, tuple[str, int]] = namespace["VERIFIED"]
    return counts


def test_each_report_adds_to_the_rows_that_it_confirms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "verified.py"
    shutil.copy(FILE, file)
    later = report(tmp_path, "later.json", date="2026-12-01T00:00:00.000Z")
    main([later, report(tmp_path, "report.json")], file)
    assert folded(file) == verified.VERIFIED | {"list.order": ("2026-12-01", 2)}
    assert "list.keys (assumed): expected id, status, seen id" in capsys.readouterr().out


@pytest.mark.parametrize("fields", [{"schema": "another/1"}, {"date": "soon"}, {"date": None}])
def test_anything_else_is_rejected(tmp_path: Path, fields: dict[str, Any]) -> None:
    file = tmp_path / "verified.py"
    shutil.copy(FILE, file)
    with pytest.raises(SystemExit, match="is not a report"):
        main([report(tmp_path, "report.json", **fields)], file)
    assert file.read_text() == FILE.read_text()


ASSUMED = Row("list.order", Evidence.ASSUMED, "Newest first.", check="Look.")


def test_a_row_that_reports_confirm_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "VERIFIED", {"list.order": ("2026-11-28", 1)})
    row = verified.with_reports(ASSUMED)
    assert row.evidence is Evidence.VERIFIED
    assert row.sources == ("verified by 1 report, the newest of 2026-11-28",)


def test_a_documented_row_stays_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "VERIFIED", {"list.order": ("2026-11-28", 3)})
    row = verified.with_reports(Row("list.order", Evidence.DOCUMENTED, "Newest first.", ("a page",), check="Look."))
    assert row.evidence is Evidence.DOCUMENTED
    assert row.sources == ("a page", "verified by 3 reports, the newest of 2026-11-28")


def test_other_rows_stay_as_they_are() -> None:
    assert verified.with_reports(Row("list.none", Evidence.ASSUMED, "None.")) == Row(
        "list.none", Evidence.ASSUMED, "None."
    )
