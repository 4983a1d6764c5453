"""The folders of the image that are there to be mounted: /data for a store, /scenarios for scenarios."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from bench.image import HARDENED
from tests.container.docker import Container, a_volume, docker, done, running
from tests.support import TOKEN, restores_path

pytestmark = pytest.mark.container

KEPT = ("--env", "NFMOCK_DATABASE=/data/restores.db")
SCENARIO = """\
help = "What a mounted folder brings."

[[projects]]
id = "mine"

[[projects.addons]]
id = "my-addon"

[[projects.addons.backups]]
id = "my-backup"
restores.count = 7
"""


def restores(container: Container) -> Any:
    answer = httpx2.get(container.url() + restores_path(), headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.raise_for_status().json()["data"]["restores"]


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    """A folder with a scenario, which anybody may read."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "mine.toml").write_text(SCENARIO)
    return folder


def test_a_scenario_in_a_mounted_folder_is_found_by_its_name(image: str, scenarios: Path) -> None:
    mounted = ("--volume", f"{scenarios}:/scenarios:ro", "--env", "NFMOCK_SCENARIO=mine")
    with running(image, *HARDENED, *mounted) as container:
        container.becomes("healthy")
        url = f"{container.url()}/v1/projects/mine/addons/my-addon/backups/my-backup/restores"
        answer = httpx2.get(url, headers={"Authorization": f"Bearer {TOKEN}"})

        assert answer.json()["pagination"]["count"] == 7


def test_a_store_on_a_volume_outlives_its_container(image: str) -> None:
    with a_volume() as volume:
        mounted = (*HARDENED, "--volume", f"{volume}:/data", *KEPT)
        with running(image, *mounted, "--env", "NFMOCK_SEED=42") as first:
            first.becomes("healthy")
            made = httpx2.post(f"{first.url()}/_mock/projects", json={"projectId": "kept", "restores": 3})
            assert made.status_code == 201
            before = restores(first)
            done("stop", "-t", "5", first.id)
            assert first.exit_code == 0
        with running(image, *mounted) as second:
            second.becomes("healthy")

            assert restores(second) == before
            assert httpx2.get(f"{second.url()}/_mock/projects/kept").status_code == 200


def test_a_store_that_another_container_has_open_is_refused(image: str) -> None:
    with a_volume() as volume:
        mounted = ("--volume", f"{volume}:/data", *KEPT)
        with running(image, *mounted) as first:
            first.becomes("healthy")
            refused = docker("run", "--rm", *mounted, image)

            assert refused.returncode == 2
            assert refused.stderr.startswith("mockserver: ")
            assert refused.stderr.count("\n") == 1


def test_a_volume_can_be_filled_before_it_is_served(image: str) -> None:
    with a_volume() as volume:
        mounted = ("--volume", f"{volume}:/data", *KEPT)
        done("run", "--rm", *mounted, image, "seed", "--scenario", "many", "--restores", "20000")
        with running(image, *mounted) as container:
            container.becomes("healthy")
            listed = httpx2.get(f"{container.url()}/_mock/projects").json()

            assert "20000" in str(listed)


def test_a_user_of_any_number_can_write_a_store_where_its_group_is_root(image: str) -> None:
    with a_volume() as volume:
        mounted = ("--user", "123456:0", "--volume", f"{volume}:/data", *KEPT)
        with running(image, *HARDENED, *mounted) as container:
            container.becomes("healthy")

            assert container.exec("id", "-u").stdout.strip() == "123456"
            assert len(restores(container)) == 50
