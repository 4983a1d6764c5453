"""What a scenario file contains: `mockserver scenarios --check`."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from mockserver.contract.lifecycle import Status, status_at
from mockserver.messages import printable
from mockserver.seeding.restores import apportion, seeded_provider
from mockserver.seeding.scenario import BackupPart, Scenario, read_scenario


def scenario_report(path: Path, now: int) -> Iterator[str]:
    """A line for each backup of a scenario file at an instant, and the totals; raises UsageError if it is not valid."""
    scenario = read_scenario(path)
    counts = dict(_backups(scenario, now))
    for location, statuses in counts.items():
        described = ", ".join(f"{statuses[status]} {status}" for status in Status if statuses[status])
        yield f"{location}: {described or 'no restores'}"
    addons = [addon for project in scenario.projects for addon in project.addons]
    totals = (
        _counted(len(scenario.projects), "project"),
        _counted(len(addons), "addon"),
        _counted(len(counts), "backup"),
        _counted(sum(sum(statuses.values()) for statuses in counts.values()), "restore"),
    )
    yield f"{printable(str(path))} is a scenario: {', '.join(totals)}"


def _backups(scenario: Scenario, now: int) -> Iterator[tuple[str, Mapping[Status, int]]]:
    """For each backup, its location and how many restores it has in each status."""
    for p, project in enumerate(scenario.projects, 1):
        for a, addon in enumerate(project.addons, 1):
            for b, backup in enumerate(addon.backups, 1):
                ids = (project.id or f"project {p}", addon.id or f"addon {a}", backup.id or f"backup {b}")
                yield " / ".join(ids), _statuses(backup, now)


def _statuses(backup: BackupPart, now: int) -> Mapping[Status, int]:
    if not isinstance(backup.restores, tuple):
        return Counter(apportion(backup.restores.count, backup.restores.outcomes))
    provider = seeded_provider(0)  # whatever the seed: it draws instants, and no status
    rows = provider.restore_rows(backup.restores, now)
    return Counter(status_at(timeline, now) for _, timeline in rows)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
