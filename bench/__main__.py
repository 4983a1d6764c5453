"""``python -m bench``: measures, and writes a table, the raw figures and a plot to bench/results/."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import peers, rounds
from bench.contestants import BESIDE_PEERS, CONTESTANTS, prepare
from bench.figures import Machine, Results
from bench.load import CONNECTIONS, require_wrk
from bench.plot import plot
from bench.processes import CORES, Contestant, UnusableError, Workplace
from bench.report import report

RESULTS = Path(__file__).parent / "results"
QUICK = {"seconds": 1, "rounds": 1}
DEPTHS = (1_000, 10_000, 100_000, 1_000_000)
LIBRARIES = ("fastapi", "sqlmodel", "uvicorn", "uvloop", "httptools")


def main() -> None:
    options = _options()
    try:
        if options.what == "render":
            for raw in RESULTS.glob("*.json"):
                write(raw.stem, Results.model_validate_json(raw.read_text(encoding="utf-8")))
            return
        require_wrk()
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            results = measure(Workplace(Path(folder)), options)
    except UnusableError as failure:
        sys.exit(f"bench: {failure}")
    if options.quick:
        sys.stdout.write(report(results))
        return
    write(options.what, results)
    sys.stdout.write(f"written to {RESULTS.relative_to(Path.cwd())}/{options.what}.md, .json and .svg\n")


def measure(workplace: Workplace, options: argparse.Namespace) -> Results:
    """One whole run."""
    page_bytes = prepare(workplace)
    results = Results(machine=_machine(options, page_bytes))
    with_peers = options.what == "peers"
    contestants = _with_peers(workplace, results) if with_peers else CONTESTANTS
    for turn in range(options.rounds):
        rounds.under_load(workplace, results, contestants, turn)
    if not with_peers:
        rounds.starts(workplace, results, options.rounds)
        _measure_depth(workplace, results, options)
    return results


def _measure_depth(workplace: Workplace, results: Results, options: argparse.Namespace) -> None:
    depths = DEPTHS[:-1] if options.quick else DEPTHS
    files = {
        restores: rounds.seeded(workplace, results, restores, options.rounds if restores == depths[-1] else 1)
        for restores in depths
    }
    crowds = rounds.crowds(workplace)
    for _ in range(options.rounds):
        rounds.depth(workplace, results, files)
        rounds.in_crowds(workplace, results, crowds)


def _with_peers(workplace: Workplace, results: Results) -> Sequence[Contestant]:
    """What mockserver is compared with beside it, and npm's; those that cannot be installed are noted as such."""
    try:
        peers.install()
    except UnusableError as failure:
        results.absent |= dict.fromkeys(peers.PEERS, str(failure))
        return BESIDE_PEERS
    results.machine.versions |= peers.versions()
    page = (workplace.folder / "page.json").read_bytes()
    return [*BESIDE_PEERS, *(ready(workplace, page) for ready in peers.PEERS.values())]


def _machine(options: argparse.Namespace, page_bytes: int) -> Machine:
    return Machine(
        date=datetime.now(UTC).date().isoformat(),
        cores=len(CORES),
        python=platform.python_version(),
        versions={name: version(name) for name in LIBRARIES},
        seconds=options.seconds,
        rounds=options.rounds,
        connections=CONNECTIONS,
        page_bytes=page_bytes,
    )


def write(name: str, results: Results) -> None:
    """Writes one run's raw figures, the table and the plot."""
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
        "what", choices=("own", "peers", "render"), help="render writes tables and plots anew from the raw figures"
    )
    parser.add_argument("--quick", action="store_true", help="short, shallow and once, to try it; writes no file")
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
