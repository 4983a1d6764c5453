"""Scenario files: what is valid in one, and the messages for what is not."""

from pathlib import Path

import pytest

from mockserver.contract.lifecycle import Status
from mockserver.errors import UsageError
from mockserver.seeding.scenario import GeneratedRestores, Scenario, builtin_scenarios, read_scenario
from tests.support import scenario_named

BACKUP = "projects[0].addons[0].backups[0]"
UNTIL_BACKUP = 'help = "x"\n[[projects]]\n[[projects.addons]]\n[[projects.addons.backups]]\n'
STATUSES = "scheduled, in-progress, completed, aborting, aborted, failed or not-supported"


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
    ("content", "message"),
    [
        ("", "help is missing"),
        ('help = ""', "help must be one line of text"),
        ('help = "two\\nlines"', "help must be one line of text"),
        ('help = "a\\u001b[31mb"', "help must be one line of text"),
        ("help = 1", "help must be a string"),
        ('help = "x"\nprojekts = []', "unknown field: projekts; allowed: help, projects"),
        ('help = "x"\nprojects = 3', "projects must be a list"),
        ('help = "x"\nprojects = [3]', "projects[0] must be a table"),
        (
            'help = "x"\n[[projects]]\nid = "a"\nAddons = []',
            "unknown field: projects[0].Addons; allowed: id, name, description, addons",
        ),
        (
            'help = "x"\n[[projects]]\nid = "My App"',
            'projects[0].id must be letters a-z and digits, with single hyphens between them; got "My App"',
        ),
        (
            'help = "x"\n[[projects]]\n[[projects]]\nid = "a--b"',
            'projects[1].id must be letters a-z and digits, with single hyphens between them; got "a--b"',
        ),
        (f'help = "x"\n[[projects]]\nid = "{"a" * 101}"', "projects[0].id must be at most 100 characters long"),
        (UNTIL_BACKUP + "restores = 3", f"{BACKUP}.restores must be a table with a count, or a list of restores"),
        (UNTIL_BACKUP + "restores.count = 'ten'", f"{BACKUP}.restores.count must be an integer"),
        (UNTIL_BACKUP + "restores.count = '10'", f"{BACKUP}.restores.count must be an integer"),
        (UNTIL_BACKUP + "restores.count = true", f"{BACKUP}.restores.count must be an integer"),
        (UNTIL_BACKUP + "restores.count = 1.5", f"{BACKUP}.restores.count must be an integer"),
        (UNTIL_BACKUP + "restores.count = -1", f"{BACKUP}.restores.count must be at least 0"),
        (UNTIL_BACKUP + "restores.since = 2024-01-01", f"{BACKUP}.restores.count is missing"),
        (
            UNTIL_BACKUP + "restores = { count = 1, colour = 2 }",
            f"unknown field: {BACKUP}.restores.colour; allowed: count, outcomes, since, until",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, outcomes = { finished = 1 } }",
            f"{BACKUP}.restores.outcomes.finished must be {STATUSES}",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, outcomes = { failed = 0 } }",
            f"{BACKUP}.restores.outcomes.failed must be at least 1",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, outcomes = 3 }",
            f"{BACKUP}.restores.outcomes must be an object (in TOML, a table)",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, outcomes = {} }",
            f"{BACKUP}.restores.outcomes must not be empty",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, since = 'yesterday' }",
            f"{BACKUP}.restores.since must be a date and time, such as 2024-01-31T12:00:00Z",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, since = 12:00:00 }",
            f"{BACKUP}.restores.since must be a date and time, such as 2024-01-31T12:00:00Z",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, until = 2107-01-01T00:00:00Z }",
            f"{BACKUP}.restores.until must lie between 1970-01-01 and 2106-02-07",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1, since = 1969-12-31T23:59:59Z }",
            f"{BACKUP}.restores.since must lie between 1970-01-01 and 2106-02-07",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 0, since = 2024-01-02, until = 2024-01-01 }",
            f"{BACKUP}.restores must not have until before since",
        ),
        (
            UNTIL_BACKUP + "restores = { count = 1001, since = 2024-01-01T00:00:00Z, until = 2024-01-01T00:00:01Z }",
            (
                f"{BACKUP}.restores must not have 1001 restores in the 1000 milliseconds between since and until: "
                "the id of each restore is a different millisecond"
            ),
        ),
        (UNTIL_BACKUP + "restores = [{ completedAt = 2024-01-01 }]", f"{BACKUP}.restores[0].status is missing"),
        (UNTIL_BACKUP + "restores = ['failed']", f"{BACKUP}.restores[0] must be a table"),
        (
            UNTIL_BACKUP + "restores = [{ status = 'failed' }, { status = 'finished' }]",
            f"{BACKUP}.restores[1].status must be {STATUSES}",
        ),
        (
            UNTIL_BACKUP + "restores = [{ status = 'failed', completedAt = 2024-01-01T00:00:00Z }]",
            f'{BACKUP}.restores[0] must not have completedAt unless its status is "completed"; it is "failed"',
        ),
        (UNTIL_BACKUP + "restores = [{ status = 'failed', id = -1 }]", f"{BACKUP}.restores[0].id must be at least 0"),
        (
            UNTIL_BACKUP + "restores = [{ status = 'failed', id = 4294967296000 }]",
            f"{BACKUP}.restores[0].id must be at most 4294967295999",
        ),
        (
            UNTIL_BACKUP + "restores = [{ status = 'failed', id = 7 }, { status = 'completed', id = 7 }]",
            f'{BACKUP}.restores has more than one item with the id "7": give each its own id',
        ),
        (
            'help = "x"\n[[projects]]\nid = "a"\n[[projects]]\nid = "a"',
            'projects has more than one item with the id "a": give each its own id',
        ),
        (
            'help = "x"\n[[projects]]\n[[projects.addons]]\nid = "a"\n[[projects.addons]]\nid = "a"',
            'projects[0].addons has more than one item with the id "a": give each its own id',
        ),
        (
            UNTIL_BACKUP + 'id = "a"\n[[projects.addons.backups]]\nid = "a"',
            'projects[0].addons[0].backups has more than one item with the id "a": give each its own id',
        ),
    ],
)
def test_an_invalid_file_is_rejected_with_the_location_and_what_is_allowed(
    tmp_path: Path, content: str, message: str
) -> None:
    path = scenario_file(tmp_path, content)
    assert error_of(path) == f"{path}: {message}"


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
    path = scenario_file(tmp_path, UNTIL_BACKUP + f"restores = {{ count = 0, {times} }}")
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
