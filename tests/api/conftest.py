"""A scenario for edge cases of lists that the default data does not have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import RunningServer, running_server

PARTS = """
help = "Seven projects, addons and backups; and restores of three backups with equal ids."
{projects}
"""
ADDON = """
[[projects.addons]]
id = "addon-{number}"
"""
RESTORES = """
[[projects.addons.backups]]
id = "backup-{number}"
restores = [
    {{ status = "failed", id = 30 }},
    {{ status = "in-progress", id = 20 }},
    {{ status = "aborted", id = {own} }},
]
"""


def _project(number: int) -> str:
    project = f'[[projects]]\nid = "project-{number}"\n'
    if number:
        return project
    backups = "".join(RESTORES.format(number=each, own=10 + each) for each in range(7))
    return project + ADDON.format(number=0) + backups + "".join(ADDON.format(number=each) for each in range(1, 7))


@pytest.fixture(scope="package")
def sevens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with seven projects; the first has seven addons, and the first of those seven backups."""
    folder: Path = tmp_path_factory.mktemp("scenarios")
    (folder / "sevens.toml").write_text(PARTS.format(projects="".join(map(_project, range(7)))))
    with running_server(scenarios=folder, scenario="sevens") as running:
        yield running
