"""What is delivered, as files: those of this tree, and those that the docs show."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent

_FILE = re.compile(r'^```yaml title="(?P<title>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)


def shown() -> dict[str, str]:
    """The YAML files of the docs, by their titles."""
    page = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")
    return {found["title"]: found["text"] for found in _FILE.finditer(page)}


def lint(tool: str, *arguments: str | Path) -> str:
    """What a tool has to say; empty where it found nothing."""
    ended = subprocess.run([TOOLS / tool, *arguments], capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr if ended.returncode else ""
