"""The tables of starts, stores and journals."""

from collections.abc import Sequence

from bench.figures import Results, ratios
from bench.markdown import middle_and_spread, table
from bench.rounds import IMPORTS


def starts(results: Results) -> str:
    """Cold starts, compared with importing the libraries."""
    if not results.start_s:
        return ""
    base = results.start_s[f"python -c '{IMPORTS}'"]
    rows = [
        (f"`{name}`", middle_and_spread(seconds, 2), middle_and_spread(ratios(seconds, base), 2))
        for name, seconds in results.start_s.items()
    ]
    return table(("cold start: from exec to the first response, or to the end", "s", "of the imports"), rows)


def depth(results: Results) -> str:
    """Pages near both ends of backups, compared with the first kind of page."""
    cpu: dict[tuple[int, str], list[float]] = {}
    for sample in results.depth:
        cpu.setdefault((sample.restores, sample.page), []).append(sample.cpu_us)
    pages = list(dict.fromkeys(page for _, page in cpu))
    rows = []
    for restores in dict.fromkeys(restores for restores, _ in cpu):
        first = cpu[restores, pages[0]]
        cells = [_cell(cpu[restores, page], first, is_base=page == pages[0]) for page in pages]
        rows.append((f"{restores:,}", *cells))
    return table(("restores in the backup", *(f"{page}: CPU µs" for page in pages)), rows) if rows else ""


def crowds(results: Results) -> str:
    """One page in stores with other projects."""
    rows = [
        (f"{projects:,}", _cell(values, results.projects_cpu_us[1], is_base=projects == 1))
        for projects, values in results.projects_cpu_us.items()
    ]
    return table(("projects in the store", "one page of one of them, again and again: CPU µs"), rows) if rows else ""


def seeding(results: Results) -> str:
    """Seeding files: the time that it takes, and the size of the file, by the number of restores."""
    rows = []
    for restores, name in dict.fromkeys((sample.restores, sample.name) for sample in results.seeding):
        samples = [sample for sample in results.seeding if (sample.restores, sample.name) == (restores, name)]
        rows.append(
            (
                f"`{name} seed --restores {restores}`",
                middle_and_spread([sample.seconds for sample in samples], 1),
                middle_and_spread([restores / sample.seconds for sample in samples]),
                middle_and_spread([sample.file_bytes / restores for sample in samples]),
            )
        )
    return table(("seeding a file", "s", "restores/s", "bytes per restore"), rows) if rows else ""


def journals(results: Results) -> str:
    """The memory of a server that keeps many projects."""
    rows = [
        (
            f"{sample.projects:,} projects, kept, {sample.requests:,} requests each, pages of {sample.per_page}",
            sample.name,
            f"{sample.peak_mb:,.0f}",
        )
        for sample in results.journals
    ]
    return table(("journals", "of", "peak MB"), rows) if rows else ""


def _cell(values: Sequence[float], base: Sequence[float], *, is_base: bool) -> str:
    times = "" if is_base else f"; {middle_and_spread(ratios(values, base), 2)} times"
    return middle_and_spread(values) + times
