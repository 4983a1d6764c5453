"""Scenario files: what is valid in one, and what is not. The messages for single values are in messages.golden."""

from pathlib import Path

import pytest

from mockserver.contract.lifecycle import Status
from mockserver.errors import UsageError
from mockserver.seeding.scenario import GeneratedRestores, Scenario, builtin_scenarios, read_scenario
from tests.support import scenario_named


def scenario_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def error_of(path: Path) -> str:
    with pytest.raises(UsageError) as rejected:
        read_scenario(path)
    assert "\n" not in str(rejected.value)
    return str(rejected.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("help = ", "is not TOML: Invalid value (at end of document)"),
        ("x = 2024-02-31T00:00:00Z", "is not TOML: Invalid date or datetime (at line 1"),
        ("x = " + "9" * 5000, "is not TOML: "),
        (b'help = "\xff"', "is not UTF-8, at byte 8: save it as UTF-8"),
    ],
    ids=["cut short", "no date", "endless number", "latin-1"],
)
def test_a_file_that_is_not_toml_is_rejected_with_the_location(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    path = scenario_file(tmp_path, content)
    assert f"the scenario {path} {words}" in error_of(path)


@pytest.mark.parametrize(("name", "reason"), [("none.toml", "No such file or directory"), ("", "Is a directory")])
def test_a_file_that_does_not_exist_is_rejected(tmp_path: Path, name: str, reason: str) -> None:
    assert error_of(tmp_path / name) == f"cannot read the scenario {tmp_path / name}: {reason}"


def test_a_file_that_is_nested_too_deeply_is_rejected(tmp_path: Path) -> None:
    path = scenario_file(tmp_path, "x = " + "[" * 50_000)
    assert error_of(path) == f"the scenario {path} is nested too deeply"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert read_scenario(scenario_file(tmp_path, b'\xef\xbb\xbfhelp = "x"')).help == "x"


def test_the_same_id_in_different_parents_is_allowed(tmp_path: Path) -> None:
    addon = '[[projects.addons]]\nid = "a"\n[[projects.addons.backups]]\nid = "a"\n'
    path = scenario_file(tmp_path, f'help = "x"\n[[projects]]\nid = "a"\n{addon}[[projects]]\nid = "b"\n{addon}')
    assert [project.id for project in read_scenario(path).projects] == ["a", "b"]


def test_an_instant_without_an_offset_is_in_utc(tmp_path: Path) -> None:
    times = "since = 2024-01-01T12:00:00, until = 2024-01-01T13:00:00+01:00"
    backup = f"[[projects]]\n[[projects.addons]]\n[[projects.addons.backups]]\nrestores = {{ count = 0, {times} }}"
    path = scenario_file(tmp_path, f'help = "x"\n{backup}')
    restores = read_scenario(path).projects[0].addons[0].backups[0].restores
    assert isinstance(restores, GeneratedRestores)
    assert restores.since == restores.until


def test_an_unknown_scenario_is_rejected_with_the_built_in_ones() -> None:
    with pytest.raises(UsageError, match=r'^no scenario "nope": there are aborting, default, .*$'):
        scenario_named("nope")


@pytest.mark.parametrize("name", builtin_scenarios())
def test_a_built_in_scenario_is_valid_and_has_help(name: str) -> None:
    assert scenario_named(name).help.endswith(".")


def test_the_number_of_restores_can_be_set_if_some_are_generated() -> None:
    changed = scenario_named("default").with_restores(3)
    assert changed.projects[0].addons[0].backups[0].restores == GeneratedRestores(
        count=3,
        outcomes={
            Status.COMPLETED: 90,
            Status.FAILED: 12,
            Status.ABORTED: 10,
            Status.NOT_SUPPORTED: 4,
            Status.SCHEDULED: 2,
            Status.IN_PROGRESS: 1,
            Status.ABORTING: 1,
        },
    )
    assert changed.projects[1:] == scenario_named("default").projects[1:]


@pytest.mark.parametrize(
    "scenario",
    [scenario_named("example"), Scenario(help="x")],
    ids=["only rows", "nothing"],
)
def test_the_number_of_restores_cannot_be_set_if_none_are_generated(scenario: Scenario) -> None:
    with pytest.raises(UsageError, match="generates no restores, so their number cannot be set: choose another"):
        scenario.with_restores(3)


def test_too_many_restores_are_rejected() -> None:
    with pytest.raises(
        UsageError, match=r"^--restores: projects\[0\].addons\[0\].backups\[0\].restores must not have 99"
    ):
        scenario_named("default").with_restores(99_999_999_999)
