"""Writes what comes from the code into these pages, tables and whole files, between their markers: `make docs`."""  # noqa: INP001 - a script

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.figures import Results
from bench.load_tables import summary, summary_of_workloads
from mockserver.contract.fidelity import FIDELITY, Evidence
from mockserver.faults import KINDS
from mockserver.settings import Settings, default_text, option_name, variable_name
from mockserver.web.limits import LIMITS

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
PAGES = sorted([*ROOT.glob("*.md"), *FOLDER.glob("*.md")])
LANGUAGES = {".cfg": "haproxy", ".mjs": "js", ".py": "python", ".sh": "bash", ".yaml": "yaml"}
"""Of the files that pages show, by their endings. Not `sh`, which is what a reader types."""

_SHOWN = re.compile(r"^<!-- file: (?P<path>\S+) -->\n.*?^<!-- end of file -->$", re.MULTILINE | re.DOTALL)


def settings() -> str:
    """Every setting, in the order of the model."""
    rows = [
        (_code(option_name(name)), _code(variable_name(name)), _code(default_text(name)), str(field.description))
        for name, field in Settings.model_fields.items()
    ]
    return _table(("option", "variable", "default", "what it is"), rows)


def limits() -> str:
    """Every limit, and what happens beyond it."""
    return _table(("what", "at most", "beyond"), LIMITS)


def fidelity() -> str:
    """Every behaviour, a table for each area."""
    evidence = Counter(row.evidence for row in FIDELITY)
    parts = [f"{len(FIDELITY)} behaviours: {', '.join(f'{evidence[kind]} {kind}' for kind in Evidence)}."]
    for area in dict.fromkeys(row.area for row in FIDELITY):
        rows = [(row.behaviour, row.evidence) for row in FIDELITY if row.area == area]
        parts.append(f"### {area}\n\n{_table(('behaviour', 'how it is known'), rows)}")
    return "\n\n".join(parts)


def faults() -> str:
    """Every kind of fault, with its fields."""
    rows = [
        (_code(name), ", ".join(_field(field, kind.model_json_schema()) for field in _fields(kind)), _sentence(kind))
        for name, kind in KINDS.items()
    ]
    return _table(("kind", "fields", "what it does"), rows)


def costs() -> str:
    """What it costs beside others, and what each workload costs, as they were measured last."""
    peers, own = (
        Results.model_validate_json((ROOT / "bench" / "results" / f"{run}.json").read_text(encoding="utf-8"))
        for run in ("peers", "own")
    )
    return "\n\n".join(filter(None, (summary(peers), summary_of_workloads(own))))


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("settings.md", settings),
    "limits": ("settings.md", limits),
    "fidelity": ("fidelity.md", fidelity),
    "faults": ("control-plane.md", faults),
    "costs": ("../README.md", costs),
}
"""Marker to the page that it is on, and what stands there."""


def refreshed(marker: str, page: str) -> str:
    """``page`` with what stands between its markers made anew."""
    begin, end = f"<!-- {marker}: made by `make docs` -->\n", f"<!-- end of {marker} -->"
    _, make = TABLES[marker]
    pattern = re.compile(f"({re.escape(begin)}).*({re.escape(end)})", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no markers for {marker}")
    return pattern.sub(lambda found: f"{found[1]}\n{make()}\n\n{found[2]}", page)


def with_files(page: str) -> str:
    """``page`` with what stands between the markers of a file made anew: the file, by its path in the project."""
    return _SHOWN.sub(
        lambda found: f"<!-- file: {found['path']} -->\n\n{_block(found['path'])}\n\n<!-- end of file -->", page
    )


def _block(path: str) -> str:
    file = ROOT / path
    if not file.is_file():
        raise ValueError(f"no file {path} to show")
    if file.suffix == ".md":
        return file.read_text(encoding="utf-8").strip()
    return f'```{LANGUAGES[file.suffix]} title="{file.name}"\n{file.read_text(encoding="utf-8").strip()}\n```'


def _fields(kind: Any) -> Iterable[str]:
    return [name for name in kind.model_fields if name != "kind"]


def _field(name: str, schema: dict[str, Any]) -> str:
    field = schema["properties"][name]
    field = next((form for form in field.get("anyOf", ()) if form["type"] != "null"), {}) | field
    if "maximum" in field:
        said = f"{field['minimum']:,} to {field['maximum']:,}"
    elif "minimum" in field:
        said = f"{field['minimum']:,} or more"
    else:
        said = "text"
    if name not in schema.get("required", ()):
        said += f"; default {field['default']:,}" if field["default"] is not None else "; optional"
    return f"{_code(name)} ({said})"


def _sentence(kind: Any) -> str:
    return " ".join(str(kind.__doc__).replace("``", "`").split())


def _code(text: str) -> str:
    return text and f"`{text}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    for marker, (name, _) in TABLES.items():
        path = FOLDER / name
        path.write_text(refreshed(marker, path.read_text(encoding="utf-8")), encoding="utf-8")
    for path in PAGES:
        path.write_text(with_files(path.read_text(encoding="utf-8")), encoding="utf-8")
