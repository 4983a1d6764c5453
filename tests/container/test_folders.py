"""The mount points of the image: /data for a database, /scenarios for scenarios."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from bench.image import HARDENED
from tests.container.docker import Container, docker, new, ok, running
from tests.support import TOKEN, restores_path

pytestmark = pytest.mark.container

DATABASE = ("--env", "NFMOCK_DATABASE=/data/restores.db")
SCENARIO = """\
help = "A scenario in a mounted folder."

[[projects]]
id = "mine"

[[projects.addons]]
id = "my-addon"

[[projects.addons.backups]]
id = "my-backup"
restores.count = 7
"""


def restores(container: Container) -> Any:
    response = httpx2.get(container.url() + restores_path(), headers={"Authorization": f"Bearer {TOKEN}"})
    return response.raise_for_status().json()["data"]["restores"]


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    """A folder with a scenario."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "mine.toml").write_text(SCENARIO)
    return folder


def test_a_scenario_in_a_mounted_folder_can_be_named(image: str, scenarios: Path) -> None:
    mounted = ("--volume", f"{scenarios}:/scenarios:ro", "--env", "NFMOCK_SCENARIO=mine")
    with running(image, *HARDENED, *mounted) as container:
        container.wait_for_health("healthy")
        url = f"{container.url()}/v1/projects/mine/addons/my-addon/backups/my-backup/restores"
        response = httpx2.get(url, headers={"Authorization": f"Bearer {TOKEN}"})

        assert response.json()["pagination"]["count"] == 7


def test_a_database_on_a_new_volume_outlives_its_container(image: str) -> None:
    with new("volume") as volume:
        mounted = (*HARDENED, "--volume", f"{volume}:/data", *DATABASE)
        with running(image, *mounted, "--env", "NFMOCK_SEED=42") as first:
            first.wait_for_health("healthy")
            created = httpx2.post(f"{first.url()}/_mock/projects", json={"projectId": "kept", "restores": 3})
            assert created.status_code == 201
            before = restores(first)
            ok("stop", "-t", "5", first.id)
            assert first.exit_code == 0
        with running(image, *mounted) as second:
            second.wait_for_health("healthy")

            assert restores(second) == before
            assert httpx2.get(f"{second.url()}/_mock/projects/kept").status_code == 200


def test_a_second_container_cannot_open_the_same_database(image: str) -> None:
    with new("volume") as volume:
        mounted = ("--volume", f"{volume}:/data", *DATABASE)
        with running(image, *mounted) as first:
            first.wait_for_health("healthy")
            failed = docker("run", "--rm", *mounted, image)

            assert failed.returncode == 2
            assert failed.stderr.startswith("mockserver: ")
            assert failed.stderr.count("\n") == 1


def test_a_database_on_a_new_volume_can_be_seeded_first(image: str) -> None:
    with new("volume") as volume:
        mounted = ("--volume", f"{volume}:/data", *DATABASE)
        ok("run", "--rm", *mounted, image, "seed", "--scenario", "many", "--restores", "20000")
        with running(image, *mounted) as container:
            container.wait_for_health("healthy")
            project = httpx2.get(f"{container.url()}/_mock/projects/default-project").json()

            assert project["restores"] == 20_000


def test_any_user_id_with_group_root_can_write_a_database(image: str) -> None:
    with new("volume") as volume:
        mounted = ("--user", "123456:0", "--volume", f"{volume}:/data", *DATABASE)
        with running(image, *HARDENED, *mounted) as container:
            container.wait_for_health("healthy")

            assert container.exec("id", "-u").stdout.strip() == "123456"
            assert len(restores(container)) == 50
