"""The report on one run, in Markdown: a preface, and every table that there are figures for."""

from bench import load_tables, store_tables
from bench.figures import Results

TABLES = (
    load_tables.one_page,
    load_tables.fastest_peer,
    load_tables.watched,
    load_tables.absent,
    load_tables.workloads,
    store_tables.starts,
    store_tables.depth,
    store_tables.crowds,
    store_tables.seeding,
    store_tables.journals,
)
"""Each is empty if there are no figures for it."""


def report(results: Results) -> str:
    """Everything, made only from the raw figures."""
    parts = [_preface(results), *(table(results) for table in TABLES)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _preface(results: Results) -> str:
    machine = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    pinned = "server on one core, wrk on another" if machine.cores > 1 else "server and wrk on one core"
    return (
        f"{machine.date}, {machine.cores} cores ({pinned}), Python {machine.python}; {versions}. "
        f"{machine.connections} connections, a page of 50 restores ({machine.page_bytes:,} bytes), "
        f"{machine.seconds} seconds each, {machine.rounds} interleaved rounds: "
        "the median, and in brackets the least and the most. "
        "Figures differ from machine to machine, and with what else runs there. Ratios to the floor of the same round "
        "hold better, those of the server's CPU time best."
    )
