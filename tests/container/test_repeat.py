"""Builds are reproducible: the same tree, locks and base give the same files."""

import hashlib
import subprocess
import tarfile

import pytest

from tests.container.docker import BUILD_SECONDS, ROOT, docker, ok, unique_name

pytestmark = pytest.mark.container

OURS = ("opt/mockserver/", "data/", "scenarios/", "usr/local/lib/")


def files_of(image: str) -> dict[str, tuple[int, int, int, str]]:
    """The files that our layers add: mode, owner, group, and the digest of the content or the target of the link."""
    container = ok("create", image)
    try:
        files = {}
        with (
            subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export,
            tarfile.open(fileobj=export.stdout, mode="r|") as archive,
        ):
            for entry in archive:
                if f"{entry.name}/".startswith(OURS):
                    content = archive.extractfile(entry) if entry.isreg() else None
                    digest = hashlib.sha256(content.read()).hexdigest() if content else entry.linkname
                    files[entry.name] = (entry.mode, entry.uid, entry.gid, digest)
        return files
    finally:
        ok("rm", container)


def test_two_builds_have_the_same_files_byte_for_byte(image: str) -> None:
    again = unique_name("again")
    ok("build", "--quiet", "--no-cache", "--tag", again, str(ROOT), patience=BUILD_SECONDS)
    try:
        first, second = files_of(image), files_of(again)
    finally:
        docker("image", "rm", again)

    assert len(first) > 1000
    assert {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} == set()
