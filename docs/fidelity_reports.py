"""Folds JSON reports of `mockserver check` into the fidelity table: `make fidelity-reports ARGS="report.json"`."""  # noqa: INP001 - a script

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mockserver.check.judging import Result
from mockserver.check.report import SCHEMA
from mockserver.contract.fidelity import FIDELITY, verified

FILE = Path(verified.__file__)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def main(arguments: Sequence[str], file: Path = FILE) -> None:
    """Adds what the reports confirm to the module in ``file``, and prints what they contradict."""
    ids = {row.id for row in FIDELITY}
    counts = dict(verified.VERIFIED)
    for name in arguments:
        report = json.loads(Path(name).read_text(encoding="utf-8"))
        day = str(report.get("date")).partition("T")[0]
        if report.get("schema") != SCHEMA or not _DAY.fullmatch(day):
            sys.exit(f"{name} is not a report of mockserver check ({SCHEMA})")
        for row in report["rows"]:
            if row["id"] not in ids:
                continue
            if row["result"] == Result.AGREES:
                newest, number = counts.get(row["id"], (day, 0))
                counts[row["id"]] = max(day, newest), number + 1
            elif row["result"] == Result.DIFFERS:
                print(f"{name}: {row['id']} ({row['evidence']}): expected {row['expected']}, seen {row['seen']}")
    file.write_text(source(file.read_text(encoding="utf-8"), counts), encoding="utf-8")
    print(f"{len(counts)} rows are verified; `make docs` updates the page")


def source(text: str, counts: Mapping[str, tuple[str, int]]) -> str:
    """The module's source with these counts."""
    begin = text.index("VERIFIED: ")
    end = text.index("}\n", begin)
    lines = "".join(f'    "{row}": ("{day}", {number}),\n' for row, (day, number) in sorted(counts.items()))
    return f"{text[:begin]}VERIFIED: dict[str, tuple[str, int]] = {{\n{lines}{text[end:]}"


if __name__ == "__main__":
    main(sys.argv[1:])
