"""The files to lint: those of this repository, and those that the docs show."""

import subprocess
import sys
from pathlib import Path

from tests.blocks import blocks_of

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


def shown() -> dict[str, str]:
    """The YAML files of the docs, by their titles."""
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("containers.md", "pytest.md")]
    blocks = [block for page in pages for block in blocks_of(page)]
    return {block.title: block.text for block in blocks if block.title and block.language == "yaml"}


def lint(tool: str, *arguments: str | Path) -> str:
    """The output of a tool if it fails; otherwise empty."""
    ended = subprocess.run([TOOLS / tool, *arguments], capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr if ended.returncode else ""
