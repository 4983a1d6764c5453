"""Tests of the JavaScript clients skip on a machine without Node, or fail in CI."""

from pathlib import Path

import pytest

from tests.clients.support import FOLDER, ensure_installed


@pytest.fixture(autouse=True)
def _machine_without_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_node_the_tests_skip_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"need Node 20\.19 or later, with npm: `node` is not installed"):
        ensure_installed()


def test_without_node_the_tests_fail_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"`node` is not installed"):
        ensure_installed()


def test_the_lock_file_has_no_download_urls() -> None:
    assert '"resolved"' not in (FOLDER / "package-lock.json").read_text()
