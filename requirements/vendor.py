"""Unpacks lit-html from its npm tarball into the page, if the hashes are those of requirements/lit-html.lock.

`make vendor` runs it. ``--update VERSION`` writes the lock for another version.
"""  # noqa: INP001 - a script

import argparse
import subprocess
import sys
import tarfile
import tempfile
from base64 import b64encode
from hashlib import sha512
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "lit-html.lock"
FOLDER = ROOT / "mockserver" / "page" / "static" / "lit"
FILES = ("lit-html.js", "directive.js", "directive-helpers.js", "directives/repeat.js", "LICENSE")


def integrity(content: bytes) -> str:
    """The hash of a file, as npm writes it."""
    return f"sha512-{b64encode(sha512(content).digest()).decode()}"


def pack(version: str, folder: Path) -> Path:
    """Downloads the tarball of a version."""
    command = ("npm", "pack", "--silent", f"lit-html@{version}")
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - no input from outside
    (tarball,) = folder.glob("*.tgz")
    return tarball


def unpacked(tarball: Path) -> dict[str, bytes]:
    """The files that the page needs."""
    with tarfile.open(tarball) as archive:
        members = {name: archive.extractfile(f"package/{name}") for name in FILES}
        return {name: member.read() for name, member in members.items() if member}


def main() -> None:
    """Unpacks the locked version, or locks another one and unpacks that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", metavar="VERSION")
    chosen = parser.parse_args().update
    locked = dict(line.split() for line in LOCK.read_text().splitlines() if not line.startswith("#"))
    version = chosen or locked["version"]
    with tempfile.TemporaryDirectory() as folder:
        tarball = pack(version, Path(folder))
        hashes = {"version": version, "tarball": integrity(tarball.read_bytes())}
        files = unpacked(tarball)
    hashes |= {name: integrity(content) for name, content in files.items()}
    if chosen:
        head = "# lit-html as vendored in the page, with npm's hashes: make vendor"
        LOCK.write_text("\n".join([head, *(f"{name} {value}" for name, value in hashes.items())]) + "\n")
    elif hashes != locked:
        different = [name for name in {**hashes, **locked} if hashes.get(name) != locked.get(name)]
        sys.exit(f"lit-html {version} is not what {LOCK.name} says: {', '.join(different)}")
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
