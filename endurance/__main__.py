"""``python -m endurance``: the command line of the two tests."""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from endurance.report import Report
from endurance.soak.run import Soak
from endurance.torture.run import Torture

DESCRIPTION = "Runs a long test on a server of its own. The exit code is 0 only if it found no error."
MOST_MINUTES = 10_000
MOST = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if not Path("/proc/self/status").exists():
        sys.stderr.write("endurance: this system has no /proc, from which the server's memory is read\n")
        return 2
    folder = Path(tempfile.mkdtemp(prefix=f"{options.test}-"))
    report = asyncio.run(_soak(options, folder) if options.test == "soak" else _torture(options, folder))
    report.print(_say, f'make {options.test} ARGS="{_again(options)}"', folder)
    if not report.failures:
        shutil.rmtree(folder)
    return report.exit_code


async def _soak(options: argparse.Namespace, folder: Path) -> Report:
    soak = Soak(options.clients, options.minutes * 60, options.seed, _say)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, soak.stop)
    _say(f"soak: {options.clients} clients for {options.minutes:g} minutes, seed {options.seed}; Ctrl-C ends it early")
    return await soak.run(folder)


async def _torture(options: argparse.Namespace, folder: Path) -> Report:
    torture = Torture(options.cycles, options.seed, _say)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, torture.stop)
    _say(f"torture: {options.cycles} times kill -9, seed {options.seed}; Ctrl-C ends it early")
    return await torture.run(folder)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m endurance", description=DESCRIPTION)
    tests = parser.add_subparsers(dest="test", required=True)
    soak = tests.add_parser("soak", help="many clients at once; every response is checked")
    soak.add_argument("--minutes", type=_minutes, default=10, help="how long the clients run (default: 10)")
    soak.add_argument("--clients", type=_count, default=50, help="the number of clients (default: 50)")
    torture = tests.add_parser("torture", help="kill -9 during writes; every acknowledged write is checked")
    torture.add_argument("--cycles", type=_count, default=100, help="how often the server is killed (default: 100)")
    for test in (soak, torture):
        test.add_argument(
            "--seed",
            type=int,
            default=secrets.randbelow(1_000_000),
            help="use the seed of an earlier run to repeat its requests",
        )
    return parser.parse_args(arguments)


def _minutes(text: str) -> float:
    if not 0 < (minutes := float(text)) < MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"must be more than 0 and less than {MOST_MINUTES:,}; got {text}")
    return minutes


def _count(text: str) -> int:
    if not 1 <= (count := int(text)) <= MOST:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MOST:,}; got {text}")
    return count


def _again(options: argparse.Namespace) -> str:
    return " ".join(f"--{name} {value:g}" for name, value in vars(options).items() if name != "test")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
