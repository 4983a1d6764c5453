"""How much a store may hold: files are seeded, and pages are requested deep in a backup and beside many projects."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench.checkouts import THIS, Checkout
from bench.client import Client
from bench.contestants import rotated
from bench.figures import DepthSample, Results, SeedingSample, cpu_us_of_reads
from bench.load import measure
from bench.processes import RESTORES_PATH, Workplace
from bench.rounds import tell
from bench.workloads import PER_PAGE, Request, write

CURSORS = 500
NUMBERS = 10
"""The number of pages between two writes, by cursor and by number; a backup of 1,000 has only 20 pages."""

PROJECTS = (1, 5000)

PROJECT = """
[[projects]]
id = "{project}"
[[projects.addons]]
id = "example-addon"
[[projects.addons.backups]]
id = "example-backup"
restores.count = {restores}
"""


def seeded(workplace: Workplace, results: Results, checkouts: Sequence[Checkout], restores: int, rounds: int) -> Path:
    """Has each checkout fill a file with ``restores`` in one backup, in every round; returns this checkout's file."""
    for turn in range(rounds):
        for checkout in rotated(checkouts, turn):
            tell(f"seeding {restores:,} restores, {checkout.name}")
            file = workplace.folder / f"{checkouts.index(checkout)}-{restores}.db"
            file.unlink(missing_ok=True)
            options = ("--database", str(file), "--scenario", "many", "--restores", str(restores))
            seconds = workplace.run(checkout.command("seed", *options), checkout.root)
            results.seeding.append(
                SeedingSample(name=checkout.name, restores=restores, seconds=seconds, file_bytes=file.stat().st_size)
            )
    return workplace.folder / f"{checkouts.index(THIS)}-{restores}.db"


def depth(workplace: Workplace, results: Results, files: dict[int, Path]) -> None:
    """One round of pages near both ends of each file's backup, each the first read of a page."""
    for restores, file in files.items():
        with workplace.serving(THIS.server("--database", str(file))) as server:
            with Client(server.port) as client:
                writes = write(client)
                pages = {
                    "by cursor, near the start": pages_by_cursor(client, 1),
                    "by cursor, near the end": pages_by_cursor(client, restores - CURSORS - PER_PAGE),
                    "by number, near the end": pages_by_number(restores // PER_PAGE),
                }
            tell(f"depth: {restores:,} restores, writes")
            alone = measure(server, results.machine.seconds, writes, connections=1)
            for name, requests in pages.items():
                tell(f"depth: {restores:,} restores, {name}")
                mixed = measure(server, results.machine.seconds, [*requests, *writes], connections=1)
                results.depth.append(
                    DepthSample(restores=restores, page=name, cpu_us=cpu_us_of_reads(mixed, alone), p50_ms=mixed.p50_ms)
                )


def pages_by_cursor(client: Client, first: int) -> list[Request]:
    """Pages that begin one restore apart; the first begins after the restore at this position."""
    return [Request(f"{RESTORES_PATH}?cursor={cursor}") for cursor in islice(_cursors(client, first), CURSORS)]


def _cursors(client: Client, first: int) -> Iterator[str]:
    query = f"page={first}"
    while True:
        cursor = client.get_json(f"{RESTORES_PATH}?per_page=1&{query}")["pagination"]["cursor"]
        yield cursor
        query = f"cursor={cursor}"


def pages_by_number(last: int) -> list[Request]:
    return [Request(f"{RESTORES_PATH}?page={page}") for page in range(last - NUMBERS + 1, last + 1)]


def crowds(workplace: Workplace) -> dict[int, Path]:
    """Files with one project and with many; the last one is read, and has a page and one restore."""
    files: dict[int, Path] = {}
    for projects in PROJECTS:
        tell(f"seeding {projects:,} projects")
        others = [PROJECT.format(project=f"other-{number}", restores=2) for number in range(projects - 1)]
        read = PROJECT.format(project="default-project", restores=PER_PAGE + 1)
        name = f"crowd-of-{projects}"
        (workplace.folder / f"{name}.toml").write_text("\n".join(['help = "A crowd."', *others, read]))
        files[projects] = workplace.folder / f"{name}.db"
        options = ("--scenarios", str(workplace.folder), "--scenario", name, "--database", str(files[projects]))
        workplace.run(THIS.command("seed", *options))
    return files


def in_crowds(workplace: Workplace, results: Results, files: dict[int, Path]) -> None:
    """One round of one page again and again, in a store with many projects."""
    for projects, file in files.items():
        tell(f"one page beside {projects:,} projects")
        with workplace.serving(THIS.server("--database", str(file))) as server:
            sample = measure(server, results.machine.seconds)
        results.projects_cpu_us.setdefault(projects, []).append(sample.cpu_us)
