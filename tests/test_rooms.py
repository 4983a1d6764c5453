"""The packages of mockserver import each other in one direction only, type-only imports included."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import mockserver

ROOT = Path(mockserver.__file__).parent
SMALL = "clock rate_limit durations instants messages strict errors address version"
ALLOWED = {
    "contract": SMALL,
    "walks": f"{SMALL} contract",
    "check": f"{SMALL} contract",
    "settings": f"{SMALL} contract",
    "health": SMALL,
    "store": f"{SMALL} contract",
    "seeding": f"{SMALL} contract store settings",
    "faults": f"{SMALL} contract",
    "sandbox": f"{SMALL} contract walks store seeding faults",
    "log_writer": SMALL,
    "log": f"{SMALL} contract settings sandbox log_writer",
    "emulator": f"{SMALL} contract store seeding settings sandbox log",
    "web": f"{SMALL} contract settings store faults sandbox log_writer emulator",
    "api": f"{SMALL} contract store faults sandbox emulator web",
    "control": f"{SMALL} contract walks store seeding faults sandbox emulator web",
    "page": f"{SMALL} contract sandbox emulator web control",
    "testing": "installation",
    "installation": "",
}
"""The packages and modules that the modules of a package may import, besides each other."""


def module_of(path: Path) -> str:
    return ".".join(("mockserver", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {module_of(path): path for path in ROOT.rglob("*.py")}


def imports_of(module: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    imported = names & MODULES.keys() - {module, "mockserver"}
    return {name for name in imported if not any(other.startswith(f"{name}.") for other in imported)}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_each_room_imports_only_what_it_may() -> None:
    arrows = {(room_of(module), room_of(other), module) for module in MODULES for other in imports_of(module)}
    for room, other, module in arrows - {("testing", "cli", "mockserver.testing.__main__")}:
        if room in ALLOWED:
            assert other in {room, *ALLOWED[room].split()}, f"{module} imports {other}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter({module: imports_of(module) for module in MODULES}).prepare()


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}
    assert {module: length for module, length in lengths.items() if length > 300} == {}
