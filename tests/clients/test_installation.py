"""What the tests of the JavaScript clients do on a machine without Node."""

from pathlib import Path

import pytest

from tests.clients.support import FOLDER, ensure_installed


@pytest.fixture(autouse=True)
def _machine_without_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_node_the_tests_that_need_it_skip_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"need Node 20\.19 or later, with npm: there is no `node` here"):
        ensure_installed()


def test_without_node_they_fail_where_nothing_may_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"there is no `node` here"):
        ensure_installed()


def test_the_lock_file_does_not_say_where_packages_come_from() -> None:
    assert '"resolved"' not in (FOLDER / "package-lock.json").read_text()
