"""The tables of servers under load: one page again and again, and everything else that is requested of mockserver."""

from collections.abc import Callable
from statistics import median

from bench import peers
from bench.checkouts import OURS
from bench.contestants import CONTESTANTS, FLOOR, FLOOR_WITH_QUERY, MOCKSERVER_WITH_PAGE
from bench.figures import Results, Sample, cpu_us_of_reads, ratios
from bench.markdown import middle_and_spread, table
from bench.workloads import FIRST_READS, WRITE

ABOUT = {contestant.name: contestant.about for contestant in CONTESTANTS} | peers.ABOUT
ONE_PAGE = "one page again and again"
FLOORS = (FLOOR, FLOOR_WITH_QUERY)


def one_page(results: Results) -> str:
    """Every server, the fastest first."""
    rows = []
    for name in fastest_first(results):
        samples = results.load[name]
        rows.append(
            (
                f"**{name}**" + (f": {ABOUT[name]}" if ABOUT.get(name) else ""),
                middle_and_spread(_rates(samples)),
                middle_and_spread(of_floor(results, name, _rate), 2),
                middle_and_spread(_cpu(samples)),
                middle_and_spread(of_floor(results, name, lambda sample: sample.cpu_us), 2),
                middle_and_spread([sample.p50_ms for sample in samples], 1),
                middle_and_spread([sample.p99_ms for sample in samples], 1),
                middle_and_spread(of_floor(results, name, lambda sample: sample.p99_ms), 1),
                middle_and_spread([sample.first_response_s for sample in samples], 2),
                middle_and_spread([sample.peak_mb for sample in samples]),
            )
        )
    head = (
        ONE_PAGE,
        "requests/s",
        "of the floor",
        "CPU µs per request",
        "of the floor",
        "p50 ms",
        "p99 ms",
        "of the floor",
        "first response s",
        "peak MB",
    )
    return table(head, rows)


def summary(results: Results) -> str:
    """The same in short: fewer columns, only medians."""
    rows = [
        (
            f"**{name}**" if name == OURS else name,
            f"{median(of_floor(results, name, _rate)):.2f}",
            f"{median(_rates(results.load[name])):,.0f}",
            f"{median(sample.p99_ms for sample in results.load[name]):.1f}",
            f"{median(sample.first_response_s for sample in results.load[name]):.2f}",
            f"{median(sample.peak_mb for sample in results.load[name]):.0f}",
        )
        for name in fastest_first(results)
    ]
    return table((ONE_PAGE, "of the floor", "requests/s", "p99 ms", "first response s", "peak MB"), rows)


def fastest_peer(results: Results) -> str:
    """How mockserver compares with the fastest server from npm; empty if none was measured."""
    measured = [name for name in fastest_first(results) if name in peers.PEERS]
    if not measured:
        return ""
    times = ratios(_rates(results.load[OURS]), _rates(results.load[measured[0]]))
    return f"Requests/s of {OURS}: {middle_and_spread(times, 2)} times those of {measured[0]}."


def watched(results: Results) -> str:
    """What the live page costs while somebody watches; empty if it was not measured."""
    name = MOCKSERVER_WITH_PAGE.name
    if name not in results.load:
        return ""
    with_page, without = results.load[name], results.load[OURS]
    return (
        f"With its live page open, {OURS} takes {middle_and_spread(ratios(_cpu(with_page), _cpu(without)), 2)} times "
        "the CPU time per request, for "
        f"{middle_and_spread(ratios(_rates(with_page), _rates(without)), 2)} times the requests/s."
    )


def absent(results: Results) -> str:
    """What could not be measured, and why."""
    return "\n".join(f"Not measured: {name}: {why}" for name, why in results.absent.items())


def workloads(results: Results) -> str:
    """Every workload on mockserver and on the other checkout, compared with the floors."""
    rows = []
    for workload, of_server in _samples(results).items():
        for name, samples in of_server.items():
            cpu = _cpu_of(results, workload, name)
            row = [workload, name, middle_and_spread(cpu), *_of_floors(results, cpu, _cpu)]
            if workload == FIRST_READS:  # the other figures include the writes
                row += [""] * 4
            else:
                row += [middle_and_spread(_rates(samples)), *_of_floors(results, _rates(samples), _rates)]
                row.append(middle_and_spread([sample.p99_ms for sample in samples], 1))
            rows.append(row)
    of_floors = [f"of the {floor}" for floor in FLOORS]
    head = ("what is requested", "of", "CPU µs per request", *of_floors, "requests/s", *of_floors, "p99 ms")
    return table(head, rows) + f"\n\n{_FIRST_READS_NOTE}" if rows else ""


def summary_of_workloads(results: Results) -> str:
    """The same in short: only this checkout's CPU time, in medians; empty if none was measured."""
    rows = []
    for workload in _samples(results):
        cpu = _cpu_of(results, workload, OURS)
        of_floors = [f"{median(ratios(cpu, _cpu(results.load[floor]))):.2f}" for floor in FLOORS]
        rows.append((workload, f"{median(cpu):,.0f}", *of_floors))
    head = ("what is requested of mockserver", "CPU µs per request", *(f"of the {floor}" for floor in FLOORS))
    return table(head, rows) if rows else ""


def fastest_first(results: Results) -> list[str]:
    """The servers, sorted by their requests per second."""
    return sorted(results.load, key=lambda name: -median(_rates(results.load[name])))


def of_floor(results: Results, name: str, figure: Callable[[Sample], float]) -> list[float]:
    """Round by round, a figure of one server as a multiple of the floor's in the same round."""
    return ratios([figure(sample) for sample in results.load[name]], [figure(sample) for sample in results.load[FLOOR]])


_FIRST_READS_NOTE = (
    "The floors send one page again and again. First reads are of the pages of that walk, each once and then that "
    "write, so that no page is remembered; the writes' CPU time, measured alone in the same round, is subtracted."
)


def _samples(results: Results) -> dict[str, dict[str, list[Sample]]]:
    """The samples by workload and server; the first workload is the one page."""
    if not results.workloads:
        return {}
    return {ONE_PAGE: {name: results.load[name] for name in results.workloads[WRITE]}} | results.workloads


def _cpu_of(results: Results, workload: str, name: str) -> list[float]:
    """The CPU time per request in each round; for first reads, per read."""
    samples = _samples(results)[workload][name]
    if workload != FIRST_READS:
        return _cpu(samples)
    pairs = zip(samples, results.workloads[WRITE][name], strict=True)
    return [cpu_us_of_reads(mixed, writes) for mixed, writes in pairs]


def _of_floors(results: Results, values: list[float], figure: Callable[[list[Sample]], list[float]]) -> list[str]:
    return [middle_and_spread(ratios(values, figure(results.load[floor])), 2) for floor in FLOORS]


def _rate(sample: Sample) -> float:
    return sample.requests_per_second


def _rates(samples: list[Sample]) -> list[float]:
    return [_rate(sample) for sample in samples]


def _cpu(samples: list[Sample]) -> list[float]:
    return [sample.cpu_us for sample in samples]
