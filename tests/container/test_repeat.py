"""A build repeats: the same tree and locks on the same base give the same files."""

import hashlib
import subprocess
import tarfile

import pytest

from tests.container.docker import BUILD_SECONDS, ROOT, docker, done, name_of_its_own

pytestmark = pytest.mark.container

OURS = ("opt/mockserver/", "data/", "scenarios/", "usr/local/lib/")


def files_of(image: str) -> dict[str, tuple[int, int, int, str]]:
    """Each file that we add: mode, owner, group, and what it holds or leads to; when it was made is left out."""
    container = done("create", image)
    try:
        found = {}
        with (
            subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export,
            tarfile.open(fileobj=export.stdout, mode="r|") as archive,
        ):
            for entry in archive:
                if f"{entry.name}/".startswith(OURS):
                    content = archive.extractfile(entry) if entry.isreg() else None
                    hold_at = hashlib.sha256(content.read()).hexdigest() if content else entry.linkname
                    found[entry.name] = (entry.mode, entry.uid, entry.gid, hold_at)
        return found
    finally:
        done("rm", container)


def test_two_builds_hold_the_same_files_byte_for_byte(image: str) -> None:
    again = name_of_its_own("again")
    done("build", "--quiet", "--no-cache", "--tag", again, str(ROOT), patience=BUILD_SECONDS)
    try:
        first, second = files_of(image), files_of(again)
    finally:
        docker("image", "rm", again)

    assert len(first) > 1000
    assert {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} == set()
