"""What is measured, round after round, so that what disturbs the machine disturbs all alike."""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.contestants import FLOOR, MOCKSERVER, OURS, ours, rotated
from bench.figures import DepthSample, Results, SeedingSample
from bench.load import measure
from bench.processes import PORT, Contestant, UnusableError, Workplace, free_port

IMPORTS = "import fastapi, sqlmodel, uvicorn"
STARTS_PER_ROUND = 3
PER_PAGE = 50
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


def under_load(workplace: Workplace, results: Results, contestants: Sequence[Contestant], by: int) -> None:
    """One round of every contestant under load; one that cannot be used is noted, and left out from then on."""
    for contestant in rotated(contestants, by):
        if contestant.name in results.absent:
            continue
        _tell(f"round {by + 1}: {contestant.name}")
        try:
            with workplace.serving(contestant) as server:
                sample = measure(server, results.machine.seconds)
        except UnusableError as failure:
            if contestant.name in (OURS, FLOOR):
                raise
            results.absent[contestant.name] = str(failure)
            results.load.pop(contestant.name, None)
            _tell(f"{contestant.name} cannot be measured: {failure}")
        else:
            results.load.setdefault(contestant.name, []).append(sample)


def starts(workplace: Workplace, results: Results, rounds: int) -> None:
    """From exec to the first answer, or to the end of what serves nothing; the first of each is not counted."""
    port = free_port()
    running = ours(name="for health")
    commands = {
        f"python -c '{IMPORTS}'": (sys.executable, "-c", IMPORTS),
        "mockserver --help": (*MOCKSERVER, "--help"),
        "mockserver health": (*MOCKSERVER, "health", "--port", str(port)),
    }
    health = Contestant(running.name, "", [word.replace(PORT, str(port)) for word in running.command], port=port)
    _tell("cold starts")
    with workplace.serving(health):
        for turn in range(1 + rounds * STARTS_PER_ROUND):
            with workplace.serving(ours()) as server:
                took = {"mockserver serve": server.first_answer_s}
            took |= {name: workplace.run(command) for name, command in commands.items()}
            for name, seconds in took.items() if turn else ():
                results.start_s.setdefault(name, []).append(seconds)


def seeded(workplace: Workplace, results: Results, restores: int, rounds: int) -> Path:
    """A file with a backup of so many restores; it is filled once a round, and the time is noted."""
    file = workplace.folder / f"{restores}.db"
    for _ in range(rounds):
        _tell(f"seeding {restores:,} restores")
        file.unlink(missing_ok=True)
        options = ("--database", str(file), "--scenario", "many", "--restores", str(restores))
        seconds = workplace.run((*MOCKSERVER, "seed", *options))
        results.seeding.append(SeedingSample(restores=restores, seconds=seconds, file_bytes=file.stat().st_size))
    return file


def depth(workplace: Workplace, results: Results, files: dict[int, Path]) -> None:
    """One round of pages near both ends of each file's backup."""
    for restores, file in files.items():
        _tell(f"depth: {restores:,} restores")
        last = restores // PER_PAGE
        with workplace.serving(ours("--database", str(file))) as server:
            cursor = _cursor_after(server.body(f"?page={last - 1}"))
            pages = {
                "first": "",
                "by cursor, at the end": f"?cursor={cursor}",
                "by number, at the end": f"?page={last}",
            }
            for page, query in pages.items():
                sample = measure(server, results.machine.seconds, query, connections=1)
                results.depth.append(
                    DepthSample(restores=restores, page=page, cpu_us=sample.cpu_us, p50_ms=sample.p50_ms)
                )


def crowds(workplace: Workplace) -> dict[int, Path]:
    """Files with one project and with many; the one that is asked comes last, and has a page and one restore."""
    files: dict[int, Path] = {}
    for projects in PROJECTS:
        _tell(f"seeding {projects:,} projects")
        others = [PROJECT.format(project=f"other-{number}", restores=2) for number in range(projects - 1)]
        asked = PROJECT.format(project="default-project", restores=PER_PAGE + 1)
        name = f"crowd-of-{projects}"
        (workplace.folder / f"{name}.toml").write_text("\n".join(['help = "A crowd."', *others, asked]))
        files[projects] = workplace.folder / f"{name}.db"
        options = ("--scenarios", str(workplace.folder), "--scenario", name, "--database", str(files[projects]))
        workplace.run((*MOCKSERVER, "seed", *options))
    return files


def in_crowds(workplace: Workplace, results: Results, files: dict[int, Path]) -> None:
    """One round of one page beside however many projects."""
    for projects, file in files.items():
        _tell(f"one page beside {projects:,} projects")
        with workplace.serving(ours("--database", str(file))) as server:
            sample = measure(server, results.machine.seconds)
        results.projects_cpu_us.setdefault(projects, []).append(sample.cpu_us)


def _cursor_after(page: bytes) -> str:
    return page.decode().partition('"cursor":"')[2].partition('"')[0]


def _tell(what: str) -> None:
    sys.stderr.write(f"{what} ...\n")
    sys.stderr.flush()
