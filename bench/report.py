"""The tables, in Markdown, made from the raw figures of one run alone."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from bench import peers
from bench.contestants import CONTESTANTS, FLOOR, OURS
from bench.figures import Results, Sample, middle_and_spread, ratios
from bench.rounds import IMPORTS

ABOUT = {contestant.name: contestant.about for contestant in CONTESTANTS} | peers.ABOUT


def report(results: Results) -> str:
    """Every table that there are figures for."""
    parts = [_preface(results), _load(results), _absent(results), _starts(results), _depth(results), _seeding(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(results: Results) -> str:
    """One short table, for who wants to know at a glance: medians alone."""
    rows = [
        (
            f"**{name}**" if name == OURS else name,
            f"{median(of_floor(results, name, lambda sample: sample.requests_per_second)):.2f}",
            f"{median(sample.requests_per_second for sample in results.load[name]):,.0f}",
            f"{median(sample.p99_ms for sample in results.load[name]):.1f}",
            f"{median(sample.first_answer_s for sample in results.load[name]):.2f}",
            f"{median(sample.peak_mb for sample in results.load[name]):.0f}",
        )
        for name in fastest_first(results)
    ]
    return _table(("what answers", "of the floor", "requests/s", "p99 ms", "first answer s", "peak MB"), rows)


def fastest_first(results: Results) -> list[str]:
    """The contestants by their requests a second."""
    return sorted(results.load, key=lambda name: -median(sample.requests_per_second for sample in results.load[name]))


def of_floor(results: Results, name: str, figure: Callable[[Sample], float]) -> list[float]:
    """Round by round, a figure of one contestant as a multiple of the floor's in the same round."""
    return ratios([figure(sample) for sample in results.load[name]], [figure(sample) for sample in results.load[FLOOR]])


def _preface(results: Results) -> str:
    machine = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    pinned = "server on one core, wrk on another" if machine.cores > 1 else "server and wrk on one core"
    return (
        f"{machine.date}, {machine.cores} cores ({pinned}), Python {machine.python}; {versions}. "
        f"{machine.connections} connections, a page of 50 restores ({machine.page_bytes:,} bytes), "
        f"{machine.seconds} seconds each, {machine.rounds} interleaved rounds: "
        "the median, and in brackets the least and the most. "
        "Figures move from machine to machine, and with what else runs there; ratios to the floor of the same round "
        "hold better, those of the server's CPU time best."
    )


def _load(results: Results) -> str:
    rows = []
    for name in fastest_first(results):
        samples = results.load[name]
        rows.append(
            (
                f"**{name}**" + (f": {ABOUT[name]}" if ABOUT.get(name) else ""),
                middle_and_spread([sample.requests_per_second for sample in samples]),
                middle_and_spread(of_floor(results, name, lambda sample: sample.requests_per_second), 2),
                middle_and_spread([sample.cpu_us for sample in samples]),
                middle_and_spread(of_floor(results, name, lambda sample: sample.cpu_us), 2),
                middle_and_spread([sample.p50_ms for sample in samples], 1),
                middle_and_spread([sample.p99_ms for sample in samples], 1),
                middle_and_spread(of_floor(results, name, lambda sample: sample.p99_ms), 1),
                middle_and_spread([sample.first_answer_s for sample in samples], 2),
                middle_and_spread([sample.peak_mb for sample in samples]),
            )
        )
    head = (
        "what answers",
        "requests/s",
        "of the floor",
        "CPU µs a request",
        "of the floor",
        "p50 ms",
        "p99 ms",
        "of the floor",
        "first answer s",
        "peak MB",
    )
    return _table(head, rows)


def _absent(results: Results) -> str:
    return "\n".join(f"Not measured: {name}: {why}" for name, why in results.absent.items())


def _starts(results: Results) -> str:
    if not results.start_s:
        return ""
    base = results.start_s[f"python -c '{IMPORTS}'"]
    rows = [
        (f"`{name}`", middle_and_spread(seconds, 2), middle_and_spread(ratios(seconds, base), 2))
        for name, seconds in results.start_s.items()
    ]
    return _table(("cold start: from exec to the first answer, or to the end", "s", "of the imports"), rows)


def _depth(results: Results) -> str:
    if not results.depth:
        return ""
    cpu: dict[tuple[int, str], list[float]] = {}
    for sample in results.depth:
        cpu.setdefault((sample.restores, sample.page), []).append(sample.cpu_us)
    pages = list(dict.fromkeys(page for _, page in cpu))
    sizes = list(dict.fromkeys(restores for restores, _ in cpu))
    rows = []
    for restores in sizes:
        first = cpu[restores, pages[0]]
        cells = [_cell(cpu[restores, page], first, is_base=page == pages[0]) for page in pages]
        size = next(sample.file_bytes for sample in results.seeding if sample.restores == restores)
        rows.append((f"{restores:,}", *cells, f"{size / restores:,.0f}"))
    table = _table(("restores in the backup", *(f"{page}: CPU µs" for page in pages), "bytes a restore"), rows)
    crowds = [
        (f"{projects:,}", _cell(values, results.projects_cpu_us[1], is_base=projects == 1))
        for projects, values in results.projects_cpu_us.items()
    ]
    return table + "\n\n" + _table(("projects in the store", "a page of one of them: CPU µs"), crowds)


def _cell(values: Sequence[float], base: Sequence[float], *, is_base: bool) -> str:
    times = "" if is_base else f"; {middle_and_spread(ratios(values, base), 2)} times"
    return middle_and_spread(values) + times


def _seeding(results: Results) -> str:
    if not results.seeding:
        return ""
    rows = []
    for restores in dict.fromkeys(sample.restores for sample in results.seeding):
        seconds = [sample.seconds for sample in results.seeding if sample.restores == restores]
        rate = [restores / each for each in seconds]
        rows.append((f"{restores:,}", middle_and_spread(seconds, 1), middle_and_spread(rate)))
    return _table(("`mockserver seed --restores`", "s", "restores a second"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
