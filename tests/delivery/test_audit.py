"""The audit of the locks: a vulnerability fails it, and packages that could not be looked up are reported."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.support import ROOT
from tests.fake_servers import QuietHandler, fake_server

pytestmark = pytest.mark.delivery

AUDIT = ROOT / "requirements" / "audit.py"
LOCK = f"""\
typer==0.1.0 \\
    --hash=sha256:{"0" * 64}
uvicorn==0.1.0 \\
    --hash=sha256:{"1" * 64}
"""
FINDING = {
    "id": "PYSEC-2024-1",
    "modified": "2024-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "uvicorn", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.2.0"}]}],
            "versions": ["0.1.0"],
        }
    ],
}


@contextmanager
def service(vulnerable: str) -> Iterator[str]:
    """A vulnerability service that knows one vulnerability, in the package ``vulnerable``."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the library's name
            query: Any = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body = json.dumps({"vulns": [FINDING]} if query["package"]["name"] == vulnerable else {}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with fake_server(Handler) as address:
        yield f"http://{address}/"


def audit(lock: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    lock.write_text(LOCK)
    return subprocess.run([sys.executable, AUDIT, *options, lock], capture_output=True, text=True, check=False)


def test_a_lock_without_a_known_vulnerability_passes(tmp_path: Path) -> None:
    with service("another") as url:
        passed = audit(tmp_path / "a.lock", "--strict", "--osv-url", url)

    assert (passed.returncode, passed.stdout) == (0, "no known vulnerability: 2 packages\n"), passed.stderr


def test_a_known_vulnerability_fails_and_is_reported_with_the_version_that_fixes_it(tmp_path: Path) -> None:
    with service("uvicorn") as url:
        failed = audit(tmp_path / "a.lock", "--osv-url", url)

    assert (failed.returncode, failed.stdout.splitlines()) == (
        1,
        ["vulnerable: uvicorn 0.1.0: PYSEC-2024-1; fixed in 0.2.0", "no known vulnerability: 1 packages"],
    )


@pytest.mark.parametrize(("options", "exit_code"), [((), 0), (("--strict",), 1)], ids=["by default", "strict"])
def test_packages_that_cannot_be_looked_up_are_reported(
    tmp_path: Path, options: tuple[str, ...], exit_code: int
) -> None:
    unreachable = "http://127.0.0.1:9/"
    ended = audit(tmp_path / "a.lock", *options, "--osv-url", unreachable)

    assert ended.returncode == exit_code
    assert ended.stdout.splitlines() == [
        "NOT AUDITED: 2 packages, because the service could not be reached",
        "no known vulnerability: 0 packages",
    ]
    assert ended.stderr.count("\n") == 1
