"""Updates the generated tables and included files in the pages, between their markers: `make docs`."""  # noqa: INP001 - a script

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.figures import Results
from bench.load_tables import summary, summary_of_workloads
from mockserver.check.options import OPTIONS
from mockserver.contract.fidelity import AREAS, FIDELITY, Evidence, Row
from mockserver.faults import KINDS
from mockserver.settings import Settings, default_text, option_name, variable_name
from mockserver.web.limits import LIMITS

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
PAGES = sorted([*ROOT.glob("*.md"), *FOLDER.glob("*.md")])
LANGUAGES = {".cfg": "haproxy", ".mjs": "js", ".mts": "ts", ".py": "python", ".sh": "bash", ".yaml": "yaml"}
"""The language of an included file, by its suffix. Not `sh`, which is for commands that a reader types."""

_INCLUDED = re.compile(r"^<!-- file: (?P<path>\S+) -->\n.*?^<!-- end of file -->$", re.MULTILINE | re.DOTALL)


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
    counts = ", ".join(f"{evidence[kind]} {kind}" for kind in Evidence if evidence[kind])
    parts = [f"{len(FIDELITY)} behaviours: {counts}."]
    for area, title in AREAS.items():
        rows = [(_code(row.id), row.behaviour, _known(row), _check(row)) for row in FIDELITY if row.area == area]
        parts.append(f"### {title}\n\n{_table(('row', 'behaviour', 'how it is known', 'how to check it'), rows)}")
    return "\n\n".join(parts)


def _known(row: Row) -> str:
    return f"{row.evidence}: {'; '.join(row.sources)}" if row.sources else row.evidence


def _check(row: Row) -> str:
    contract = f" Only under the contract of {row.contract}." if row.contract else ""
    return (row.check or f"Only in the emulator: {row.emulator_only}") + contract


def check() -> str:
    """Every option of `mockserver check`."""
    names = (f"--{one.name} {one.metavar}" if one.metavar else f"--{one.name}" for one in OPTIONS)
    rows = [(_code(name), one.help) for name, one in zip(names, OPTIONS, strict=True)]
    return _table(("option", "what it does"), rows)


def mocks() -> str:
    """The result of each row that requests decide, for each mock that `make check-mocks` checked."""
    results = json.loads((ROOT / "bench" / "results" / "mocks.json").read_text(encoding="utf-8"))
    shared = {row for by_row in results.values() for row in by_row}
    rows = [("**all rows**", *(_counts(Counter(by_row.values())) for by_row in results.values()))]
    rows += [
        (_code(row.id), *(_SIGNS[by_row.get(row.id, "undecided")] for by_row in results.values()))
        for row in FIDELITY
        if row.emulator_only is None and row.id in shared
    ]
    return _table(("row", *results), rows)


def _counts(results: Counter[str]) -> str:
    return f"{results['agrees']} agree, {results['differs']} differ"


_SIGNS = {"agrees": "agrees", "differs": "**differs**", "undecided": ""}


def faults() -> str:
    """Every kind of fault, with its fields."""
    rows = [
        (_code(name), ", ".join(_field(field, kind.model_json_schema()) for field in _fields(kind)), _sentence(kind))
        for name, kind in KINDS.items()
    ]
    return _table(("kind", "fields", "what it does"), rows)


def costs() -> str:
    """The costs compared with other servers, and those of each workload, from the latest results."""
    peers, own = (
        Results.model_validate_json((ROOT / "bench" / "results" / f"{run}.json").read_text(encoding="utf-8"))
        for run in ("peers", "own")
    )
    return "\n\n".join(filter(None, (summary(peers), summary_of_workloads(own))))


def dependencies() -> str:
    """The versions of its dependencies that the server runs with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    rows = []
    for requirement in project["dependencies"]:
        name, versions = re.split(r"(?=[<>=])", requirement.partition(";")[0].strip(), maxsplit=1)
        rows.append((_code(name), versions.replace(",", ", ")))
    return _table(("package", "versions"), rows)


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("settings.md", settings),
    "limits": ("settings.md", limits),
    "fidelity": ("fidelity.md", fidelity),
    "check": ("check.md", check),
    "mocks": ("check.md", mocks),
    "faults": ("control-plane.md", faults),
    "dependencies": ("pytest.md", dependencies),
    "costs": ("../README.md", costs),
}
"""For each marker, its page, and the function that writes the table."""


def refreshed(marker: str, page: str) -> str:
    """``page`` with the table between its markers generated again."""
    begin, end = f"<!-- {marker}: generated by `make docs` -->\n", f"<!-- end of {marker} -->"
    _, make = TABLES[marker]
    pattern = re.compile(f"({re.escape(begin)}).*({re.escape(end)})", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no markers for {marker}")
    return pattern.sub(lambda match: f"{match[1]}\n{make()}\n\n{match[2]}", page)


def with_files(page: str) -> str:
    """``page`` with every included file, named by its path in the project, read again."""
    return _INCLUDED.sub(
        lambda match: f"<!-- file: {match['path']} -->\n\n{_block(match['path'])}\n\n<!-- end of file -->", page
    )


def _block(path: str) -> str:
    file = ROOT / path
    if not file.is_file():
        raise ValueError(f"there is no file {path} to include")
    if file.suffix == ".md":
        return file.read_text(encoding="utf-8").strip()
    return f'```{LANGUAGES[file.suffix]} title="{file.name}"\n{file.read_text(encoding="utf-8").strip()}\n```'


def _fields(kind: Any) -> Iterable[str]:
    return [name for name in kind.model_fields if name != "kind"]


def _field(name: str, schema: dict[str, Any]) -> str:
    field = schema["properties"][name]
    field = next((form for form in field.get("anyOf", ()) if form.get("type") != "null"), {}) | field
    if "description" in field:
        allowed = field["description"]
    elif "maximum" in field:
        allowed = f"{field['minimum']:,} to {field['maximum']:,}"
    elif "minimum" in field:
        allowed = f"{field['minimum']:,} or more"
    else:
        allowed = "string"
    if name not in schema.get("required", ()):
        allowed += f"; default {field['default']:,}" if field["default"] is not None else "; optional"
    return f"{_code(name)} ({allowed})"


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
