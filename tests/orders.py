"""Runs the test suite in random orders, one after another, and prints how to repeat an order that failed.

The seed is not enough to repeat an order, because pytest-xdist gives the next tests to whichever worker is free. So the
order of each worker is read from pytest's output, and saved in a file up to the last test that failed.
"""

import argparse
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(".pytest_cache", "orders")
"""Where the output of failed runs is kept."""

_RESULT = re.compile(r"^\[(gw\d+)\] \[ *\d+%\] ([A-Z]+) (.+?) *$", re.MULTILINE)


def failed_orders(output: str) -> dict[str, list[str]]:
    """For each worker with a failure, its tests in the order in which they ran, up to the last that failed."""
    orders: dict[str, dict[str, None]] = {}
    failed: dict[str, list[str]] = {}
    for worker, result, test in _RESULT.findall(output):
        order = orders.setdefault(worker, {})
        order[test] = None
        if result in {"FAILED", "ERROR"}:
            failed[worker] = list(order)
    return failed


def passes(seed: int, options: Sequence[str]) -> bool:
    """Runs pytest in the order of a seed and prints the result."""
    pytest = [sys.executable, "-m", "pytest", *options, f"--randomly-seed={seed}", f"--hypothesis-seed={seed}"]
    ended = subprocess.run([*pytest, "-v"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    summary = ended.stdout.rstrip().rpartition("\n")[2].strip("= ")
    print(f"seed {seed}: {summary}", flush=True)
    if ended.returncode == 0:
        return True
    FOLDER.mkdir(parents=True, exist_ok=True)
    log = FOLDER / f"{seed}.log"
    log.write_text(ended.stdout, encoding="utf-8")
    print(f"  the output is in {log}")
    for worker, tests in failed_orders(ended.stdout).items():
        order = FOLDER / f"{seed}-{worker}.txt"
        order.write_text("\n".join(tests) + "\n", encoding="utf-8")
        repeat = shlex.join([*pytest, "-n", "0", "--randomly-dont-reorganize", f"@{order}"])
        print(f"  {tests[-1]} failed after {len(tests) - 1} others; to repeat:\n    {repeat}", flush=True)
    return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.orders", description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, metavar="NUMBER", help="how many orders to run (default: 5)")
    parser.add_argument(
        "--first-seed",
        type=int,
        metavar="SEED",
        help="the first seed; the next ones count up from it (default: random)",
    )
    parser.add_argument("options", nargs="*", help="pytest's options, after --")
    arguments = parser.parse_args()
    first = secrets.randbelow(2**31) if arguments.first_seed is None else arguments.first_seed
    seeds = range(first, first + arguments.seeds)
    try:
        failed = [seed for seed in seeds if not passes(seed, arguments.options)]
    except KeyboardInterrupt:
        sys.exit("interrupted")
    if failed:
        sys.exit(f"{len(failed)} of {len(seeds)} orders failed: {', '.join(map(str, failed))}")


if __name__ == "__main__":
    main()
