"""Default project ids are slugs, readable, and unique across servers."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mockserver.control.projects import NewProject
from mockserver.seeding.parts import Slug
from mockserver.testing import ControlPlaneError, ProjectOptions, Server, project_ids, serve
from mockserver.testing.project_ids import new_project_id, with_project_id
from tests.commands import run
from tests.support import RunningServer

SLUG = TypeAdapter(Slug)


@given(st.text())
def test_the_control_plane_accepts_an_id_made_from_any_name(name: str) -> None:
    assert SLUG.validate_python(new_project_id(name))


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("many", "many-"),
        ("many-test_reads[2-Every Page]", "many-test-reads-2-every-page-"),
        ("default-", "default-"),
        ("größe", "gr-e-"),
        ("日本語", ""),
        ("", ""),
        ("a" * 200, "a" * 89 + "-"),
        ("a" * 88 + "-b", "a" * 88 + "-"),
    ],
)
def test_an_id_begins_with_the_name_and_ends_with_a_short_random_part(name: str, readable: str) -> None:
    assert re.fullmatch(readable + "[0-9a-f]{10}", new_project_id(name))


def test_ids_differ_between_processes_that_use_the_same_random_seed() -> None:
    program = """if True:
        import random; random.seed(1)
        from mockserver.testing.project_ids import new_project_id
        print(*(new_project_id("many") for _ in range(1000)))
    """

    def ids(_: int) -> list[str]:
        return run(sys.executable, "-c", program).stdout.split()

    with ThreadPoolExecutor() as pool:
        assert len({project_id for each in pool.map(ids, range(3)) for project_id in each}) == 3000


@pytest.mark.parametrize("options", [{"scenario": "many", "project_id": "mine"}, {"project_id": ""}])
def test_an_explicit_id_is_used_and_comes_first(options: dict[str, object]) -> None:
    completed = with_project_id(options, "test_it")
    assert completed == options
    assert next(iter(completed)) == "project_id"


def test_an_id_of_none_is_replaced_by_the_default() -> None:
    assert str(with_project_id({"project_id": None})["project_id"]).startswith("default-")


def test_the_limit_and_the_default_scenario_agree_with_the_control_plane() -> None:
    assert SLUG.json_schema()["maxLength"] == project_ids.MAX_LENGTH
    assert NewProject.model_fields["scenario"].default == project_ids.DEFAULT_SCENARIO


@pytest.mark.parametrize(("options", "scenario"), [({}, "default"), ({"scenario": "single"}, "single")])
def test_a_project_on_a_running_server_is_named_after_its_scenario(
    server: RunningServer, options: ProjectOptions, scenario: str
) -> None:
    one, other = (Server(server.url).make_project(**options) for _ in range(2))
    assert all(re.fullmatch(f"{scenario}-[0-9a-f]{{10}}", mock.project_id) for mock in (one, other))
    assert one.project_id != other.project_id


def test_an_invalid_explicit_id_is_rejected_not_replaced(server: RunningServer) -> None:
    with pytest.raises(ControlPlaneError, match="project_id must "):
        Server(server.url).make_project(project_id="")


def test_the_project_of_serve_is_named_after_its_scenario() -> None:
    with serve(scenario="single") as mock:
        assert re.fullmatch(r"single-[0-9a-f]{10}", mock.project_id)
