"""``tests.orders``: which random orders of a test suite fail, and how to repeat one."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.commands import run
from tests.orders import failed_orders

SUITE = """
import pytest

seen = []

@pytest.mark.parametrize("number", range(4))
def test_of_many(number):
    seen.append(number)

def test_that_needs_to_be_the_first():
    assert not seen
"""


WITHOUT_OTHERS = [f"-pno:{name}" for name in ("anyio", "faker", "northflank_mock", "pytest_cov", "schemathesis")]
"""Plugins that are installed here; loading them would take most of the time of such a small run."""


def orders(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run(sys.executable, "-m", "tests.orders", *arguments, "--", "-n", "1", *WITHOUT_OTHERS, folder=folder)


def test_an_order_that_fails_is_printed_with_a_command_that_repeats_it(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    ended = orders(tmp_path, "--first-seed", "7", "--seeds", "2")
    assert ended.returncode == 1
    assert ended.stderr == "1 of 2 orders failed: 7\n"
    first, log, test, repeat, second = ended.stdout.splitlines()
    assert first.startswith("seed 7: 1 failed, 4 passed in ")
    assert second.startswith("seed 8: 5 passed in ")
    assert "1 failed" in (tmp_path / log.split()[-1]).read_text()
    number = re.fullmatch(r" *test_suite.py::test_that_needs_to_be_the_first failed after (\d) others; .*", test)
    assert number
    assert f"1 failed, {number[1]} passed" in run(*shlex.split(repeat), folder=tmp_path).stdout


def test_an_order_that_passes_leaves_no_output(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text("def test_it():\n    pass\n")
    ended = orders(tmp_path, "--seeds", "1")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(r"seed \d+: 1 passed in .+\n", ended.stdout)
    assert not (tmp_path / ".pytest_cache" / "orders").exists()


def test_an_order_ends_with_the_last_failure_of_its_worker() -> None:
    output = """
[gw0] [  1%] PASSED tests/test_a.py::test_one[a value] 
[gw1] [  2%] PASSED tests/test_a.py::test_two 
[gw0] [  3%] FAILED tests/test_a.py::test_three 
[gw0] [  3%] ERROR tests/test_a.py::test_three 
[gw1] [100%] PASSED tests/test_a.py::test_four 
[gw0] [100%] PASSED tests/test_a.py::test_five 
"""  # noqa: W291 - as pytest-xdist writes it
    assert failed_orders(output) == {"gw0": ["tests/test_a.py::test_one[a value]", "tests/test_a.py::test_three"]}
