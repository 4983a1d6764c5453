"""The checkouts of this project whose mockserver is measured: this one, and another beside it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.client import HOST
from bench.errors import UnusableError
from bench.processes import PORT, ROOT, Contestant

OURS = "mockserver"


@dataclass(frozen=True)
class Checkout:
    """A working tree of this project; its mockserver is run by this interpreter, with the same libraries."""

    name: str
    root: Path

    def command(self, *arguments: str) -> tuple[str, ...]:
        """``mockserver`` with these arguments, to be run with ``root``."""
        return (sys.executable, "-m", "mockserver", *arguments)

    def server(self, *options: str, name: str | None = None, about: str = "") -> Contestant:
        """``mockserver serve`` with these options, and the defaults for all others."""
        command = self.command("serve", "--host", HOST, "--port", PORT, *options)
        return Contestant(name or self.name, about, command, root=self.root)


THIS = Checkout(OURS, ROOT)


def checkout_beside(folder: Path) -> Checkout:
    """The checkout in a folder, named after its commit; raises UnusableError if it is none of this project."""
    if not (folder / "mockserver" / "__main__.py").is_file():
        raise UnusableError(f"--beside needs a checkout of this project: {folder} has no mockserver/__main__.py")
    described = subprocess.run(
        ["git", "-C", str(folder), "describe", "--tags", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    if described.returncode:
        raise UnusableError(f"--beside needs a git checkout, to name its commit: {described.stderr.strip()}")
    return Checkout(f"{OURS} at {described.stdout.strip()}", folder.resolve())
