"""``python -m bench``: measures, and writes a report, the raw figures and a plot to bench/results/."""

import argparse
import os
import platform
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import depth, journals, peers, rounds
from bench.checkouts import THIS, Checkout, checkout_beside
from bench.contestants import BESIDE_PEERS, CONTESTANTS, MANY, prepare
from bench.errors import UnusableError
from bench.figures import Machine, Results
from bench.load import CONNECTIONS, require_wrk
from bench.plot import plot
from bench.processes import CORES, Contestant, Workplace
from bench.report import report

RESULTS = Path(__file__).parent / "results"
QUICK = {"seconds": 1, "rounds": 1}
DEPTHS = (1_000, 10_000, 100_000, 1_000_000)
LIBRARIES = ("fastapi", "sqlmodel", "uvicorn", "uvloop", "httptools")
NOT_OPTIMIZED = "built without optimizations"


def main() -> None:
    options = _options()
    try:
        if options.what == "render":
            for raw in RESULTS.glob("*.json"):
                write(raw.stem, Results.model_validate_json(raw.read_text(encoding="utf-8")))
            return
        require_wrk()
        checkouts = [THIS, *([checkout_beside(options.beside)] if options.beside else [])]
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            results = measure(Workplace(Path(folder)), options, checkouts)
    except UnusableError as failure:
        sys.exit(f"bench: {failure}")
    if options.quick:
        sys.stdout.write(report(results))
        return
    write(options.what, results)
    sys.stdout.write(f"written to {RESULTS.relative_to(Path.cwd())}/{options.what}.md, .json and .svg\n")


def measure(workplace: Workplace, options: argparse.Namespace, checkouts: Sequence[Checkout]) -> Results:
    """One whole run."""
    page_bytes = prepare(workplace)
    results = Results(machine=_machine(options, page_bytes))
    with_peers = options.what == "peers"
    contestants = [
        *(_with_peers(workplace, results) if with_peers else CONTESTANTS),
        *(checkout.server(*MANY) for checkout in checkouts[1:]),
    ]
    for turn in range(options.rounds):
        rounds.under_load(workplace, results, contestants, turn)
        if not with_peers:
            rounds.workloads(workplace, results, checkouts, turn)
    if not with_peers:
        rounds.starts(workplace, results, checkouts, options.rounds)
        _measure_stores(workplace, results, options, checkouts)
    return results


def _measure_stores(
    workplace: Workplace, results: Results, options: argparse.Namespace, checkouts: Sequence[Checkout]
) -> None:
    *shallow, deepest = DEPTHS[:-1] if options.quick else DEPTHS
    files = {restores: depth.seeded(workplace, results, [THIS], restores, 1) for restores in shallow}
    files[deepest] = depth.seeded(workplace, results, checkouts, deepest, options.rounds)
    crowds = depth.crowds(workplace)
    for _ in range(options.rounds):
        depth.depth(workplace, results, files)
        depth.in_crowds(workplace, results, crowds)
    for suite in journals.QUICK if options.quick else journals.SUITES:
        for checkout in checkouts:
            journals.fill(workplace, results, checkout, suite)


def _with_peers(workplace: Workplace, results: Results) -> Sequence[Contestant]:
    """The servers of ``make bench-peers``; without those from npm if they cannot be installed, as the results say."""
    try:
        peers.install()
    except UnusableError as failure:
        results.absent |= dict.fromkeys(peers.PEERS, str(failure))
        return BESIDE_PEERS
    results.machine.versions |= peers.versions()
    page = (workplace.folder / "page.json").read_bytes()
    return [*BESIDE_PEERS, *(ready(workplace, page) for ready in peers.PEERS.values())]


def _machine(options: argparse.Namespace, page_bytes: int) -> Machine:
    python = platform.python_version()
    if not _is_optimized():
        sys.stderr.write(f"This Python is {NOT_OPTIMIZED}: its figures are worse; see docs/performance.md.\n")
        python += f" ({NOT_OPTIMIZED})"
    return Machine(
        date=datetime.now(UTC).date().isoformat(),
        cores=len(CORES),
        python=python,
        versions={name: version(name) for name in LIBRARIES},
        seconds=options.seconds,
        rounds=options.rounds,
        connections=CONNECTIONS,
        page_bytes=page_bytes,
    )


def _is_optimized() -> bool:
    """Whether the interpreter was built with --enable-optimizations; distributions have rules of their own for that."""
    return sys.base_prefix == "/usr" or "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")


def write(name: str, results: Results) -> None:
    """Writes one run's raw figures, its report and its plot."""
    RESULTS.mkdir(exist_ok=True)
    for suffix, text in (
        ("json", results.model_dump_json(indent=2) + "\n"),
        ("md", report(results)),
        ("svg", plot(results)),
    ):
        (RESULTS / f"{name}.{suffix}").write_text(text, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what", choices=("own", "peers", "render"), help="render writes reports and plots again from the raw figures"
    )
    parser.add_argument("--quick", action="store_true", help="short, shallow and once, to try it; writes no file")
    parser.add_argument(
        "--beside", type=Path, metavar="DIR", help="a git checkout of this project to measure in the same run"
    )
    for name, default, what in (
        ("seconds", 4, "how long each is under load"),
        ("rounds", 3, "how often each is measured"),
    ):
        variable = f"BENCH_{name.upper()}"
        parser.add_argument(
            f"--{name}", type=int, default=int(os.environ.get(variable) or default), help=f"{what} [{variable}]"
        )
    options = parser.parse_args()
    if options.quick:
        vars(options).update(QUICK)
    return options


if __name__ == "__main__":
    main()
