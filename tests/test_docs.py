"""The README and the pages are true: every code block works as it says, every table and link is right.

A shell block is run as it is, and a block of JSON or text after one is its output. All other blocks are files,
named by their titles. Each section gets its own server and all files of its page.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs.tables import PAGES, TABLES, refreshed, with_files
from mockserver.contract.operations import OperationName
from mockserver.seeding.scenario import read_scenario
from mockserver.settings import Settings, variable_name
from mockserver.walks.verdicts import Verdict
from tests.blocks import Block, blocks_of
from tests.clients.support import FOLDER as CLIENTS
from tests.clients.support import NO_NAMES, PROGRAMS, ensure_installed
from tests.commands import WITHOUT_OTHER_PLUGINS, environment, serving
from tests.support import running_server

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

SHOWN_URL = "http://127.0.0.1:8080"
SHELL, OUTPUTS = "sh", ("json", "text")
TESTED_ELSEWHERE = ("make", "docker", "npm", "pip")
"""Other tests and CI run these commands; here only the names in them are checked."""

NEED_NODE = ("node", "northflank", "npx", "bash")
PATIENCE_SECONDS = 300

_SECTION = re.compile(r"^## ", re.MULTILINE)
_VARYING = (
    (re.compile(r"\b20(2[5-9]|[3-9]\d)-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"\b1(7[4-9]|[89]\d)\d{10}\b"), "0"),
    (re.compile(r'("(durationMs|shortest(Project)?IntervalMs)": ?)[\d.]+'), r"\g<1>0"),
    (re.compile(r"\b\d+ ms apart"), "0 ms apart"),
    (re.compile(r"\bcurl/[\d.]+"), "curl/0"),
    (re.compile(r"(\d passed) in [\d.]+s"), r"\1"),
    (re.compile(r"-[0-9a-f]{10}\b"), "-RANDOM"),
    (re.compile(r"\brequest-\d{6}\b"), "request-000000"),
    (re.compile(r"\b127\.0\.0\.1:[1-9]\d{4}\b"), "127.0.0.1:0"),
)
"""Patterns of what differs from run to run. All generated data is from 2024 or earlier."""


@dataclass(frozen=True)
class Section:
    """The blocks under one heading of a page."""

    page: Path
    number: int
    blocks: list[Block]

    def __str__(self) -> str:
        return f"{self.page.stem}-{self.number}"


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def sections() -> list[Section]:
    return [
        Section(page, number, blocks_of(text))
        for page in PAGES
        for number, text in enumerate(_SECTION.split(text_of(page)))
        if SHELL in {block.language for block in blocks_of(text)}
    ]


ALL_BLOCKS = [(page, block) for page in PAGES for block in blocks_of(text_of(page))]
SCENARIOS = [block for _, block in ALL_BLOCKS if block.language == "toml"]


class Reader:
    """Follows a section as a reader does, in a folder of its own."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self._folder = folder
        self._servers = servers
        self.url = servers.enter_context(running_server()).url

    def serve(self, *options: str) -> None:
        """Starts another server, which gets all further requests."""
        self.url = self._servers.enter_context(serving(*options)).url

    def keep(self, file: Block) -> None:
        """Saves a block under its title."""
        path = self._folder / str(file.title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(file.text), encoding="utf-8")

    def run(self, script: str) -> tuple[bool, str]:
        """Runs a shell block; returns whether it succeeded, and its output, with the URL as on the page."""
        finished = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self._here(script)],
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        succeeded = finished.returncode == 0 and '"error":' not in finished.stdout
        return succeeded, finished.stdout.replace(self.url, SHOWN_URL)

    def _here(self, text: str) -> str:
        return text.replace(SHOWN_URL, self.url)

    def _environment(self) -> dict[str, str]:
        programs = [str(Path(sys.executable).parent), str(PROGRAMS), os.environ["PATH"]]
        return environment(
            {
                "PATH": os.pathsep.join(programs),
                "HOME": str(self._folder),
                "NFMOCK_PORT": self.url.rpartition(":")[2],
                "NODE_OPTIONS": NO_NAMES,
                "PYTEST_ADDOPTS": shlex.join(WITHOUT_OTHER_PLUGINS),
            }
        )


def without_varying(text: str) -> str:
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return text.strip()


def comparable(output: Block, text: str) -> Any:
    """An output without what differs from run to run; JSON is parsed."""
    text = without_varying(text)
    return json.loads(text) if output.language == "json" else text


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("section", sections(), ids=str)
def test_every_block_of_a_section_has_the_output_on_the_page(
    section: Section, tmp_path: Path, servers: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    if any(block.words.intersection(NEED_NODE) for block in section.blocks if block.language == SHELL):
        ensure_installed()
        (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    monkeypatch.chdir(tmp_path)
    reader = Reader(tmp_path, servers)
    for file in (block for block in blocks_of(text_of(section.page)) if block.title):
        reader.keep(file)
    for block, following in zip(section.blocks, [*section.blocks[1:], None], strict=True):
        if block.language != SHELL or block.text.startswith(TESTED_ELSEWHERE):
            continue
        output = following if following and following.language in OUTPUTS else None
        if block.text.startswith("mockserver serve") and output is None:
            reader.serve(*shlex.split(block.text.replace(" --port 8080", ""))[2:])  # on any free port
            continue
        succeeded, written = reader.run(block.text)
        if output:
            assert comparable(output, written) == comparable(output, output.text), block.text
        else:
            assert succeeded, f"{block.text}{written}"


def test_every_block_is_a_command_an_output_or_a_file_with_a_title() -> None:
    for page in PAGES:
        before = ""
        for block in blocks_of(text_of(page)):
            is_output = block.language in OUTPUTS and before == SHELL
            assert block.language == SHELL or is_output or block.title, f"{page.name}: {block.text}"
            before = block.language
        assert text_of(page).count("\n```") == 2 * len(blocks_of(text_of(page))), page.name


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda block: str(block.title))
def test_every_scenario_on_a_page_is_valid(scenario: Block, tmp_path: Path) -> None:
    path = tmp_path / "shown.toml"
    path.write_text(scenario.text, encoding="utf-8")
    assert read_scenario(path).projects


def test_every_target_of_make_on_a_page_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:^|`)make ([a-z-]+)", text_of(page), re.MULTILINE)}
    assert {"run", "test", "docs"} <= named <= targets


def test_every_image_on_a_page_is_the_one_that_make_builds() -> None:
    image = re.search(r"^IMAGE \?= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = [block for _, block in ALL_BLOCKS if block.text.startswith(("docker run", "docker build"))]
    assert image
    assert commands
    assert all(image[1] in block.words for block in commands)


def test_every_variable_on_a_page_is_a_setting() -> None:
    settings = {variable_name(field) for field in Settings.model_fields}
    named = {name for page in PAGES for name in re.findall(r"NFMOCK_[A-Z_]*[A-Z]", text_of(page))}
    assert named == settings


@pytest.mark.parametrize("marker", TABLES)
def test_a_generated_table_is_up_to_date(marker: str) -> None:
    page = text_of(DOCS / TABLES[marker][0])
    assert refreshed(marker, page) == page, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_an_included_file_is_up_to_date(page: Path) -> None:
    assert with_files(text_of(page)) == text_of(page), "run `make docs`"
    assert len(re.findall(r"<!-- (?:end of )?file\b", text_of(page))) == 2 * len(
        re.findall(r"^<!-- file: \S+ -->$", text_of(page), re.MULTILINE)
    )


def test_an_included_file_must_exist() -> None:
    with pytest.raises(ValueError, match=r"no file tests/none\.mjs to include"):
        with_files("<!-- file: tests/none.mjs -->\n<!-- end of file -->")


def test_a_generated_table_needs_its_markers() -> None:
    with pytest.raises(ValueError, match="no markers for faults"):
        refreshed("faults", "# A page")


@pytest.mark.parametrize("names", [Verdict, OperationName])
def test_every_verdict_and_every_operation_has_a_row(names: type[Verdict] | type[OperationName]) -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", text_of(DOCS / "control-plane.md"), re.MULTILINE)
    assert [row for row in rows if row in set(names)] == list(names)


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub generates it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text_of(page)):
        name, _, fragment = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), target
        if fragment:
            assert fragment in {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text_of(linked), re.MULTILINE)}


def test_the_layout_names_every_module_and_room() -> None:
    layout = text_of(ROOT / "CONTRIBUTING.md").partition("## The layout")[2].partition("\n## ")[0]
    layout = layout.partition("Beside it")[0].replace("`mockserver/`", "")
    named = set(re.findall(r"[a-z_]+(?:\.py|/)", layout)) - {"_mock/"}
    there = {path.name for path in (ROOT / "mockserver").glob("[a-z]*.py")}
    there |= {f"{path.parent.name}/" for path in (ROOT / "mockserver").glob("*/__init__.py")}
    assert named == there
