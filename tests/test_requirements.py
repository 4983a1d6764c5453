"""The locks pin every package, and agree with each other and with pyproject.toml."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("runtime", "build", "dev", "delivery", "lowest")
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)( ; (?P<marker>.+))?")


def lock_text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text()


def entries(name: str) -> list[str]:
    """A lock's requirements, each with its hashes, without comments."""
    lines = [line for line in lock_text(name).splitlines() if not line.startswith("#")]
    return "\n".join(lines).replace("\\\n", "").splitlines()


def pins(name: str) -> dict[str, re.Match[str]]:
    matches = [PIN.fullmatch(entry.split(" --hash=")[0].rstrip()) for entry in entries(name)]
    return {match["name"]: match for match in matches if match}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9-]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_each_requirement_has_one_version_and_hashes(lock: str) -> None:
    assert len(pins(lock)) == len(entries(lock))
    assert all(re.fullmatch(r"[^ ]+==[^ ]+.*?( +--hash=sha256:[0-9a-f]{64})+", entry) for entry in entries(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_folder(lock: str) -> None:
    assert not re.search(r"/|index|find-links", lock_text(lock))


@pytest.mark.parametrize("lock", ["runtime", "build"])
def test_development_has_the_same_versions(lock: str) -> None:
    development = pins("dev")

    assert {name: pin[0] for name, pin in pins(lock).items()} == {name: development[name][0] for name in pins(lock)}


def test_every_requirement_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    development = [requirement for requirement in groups["dev"] if isinstance(requirement, str)]

    assert names(project["project"]["dependencies"]) <= pins("runtime").keys()
    assert names(groups["build"]) == names(project["build-system"]["requires"]) <= pins("build").keys()
    assert names(development) <= pins("dev").keys()
    assert names(groups["delivery"]) <= pins("delivery").keys()
    for extra in project["project"]["optional-dependencies"].values():
        assert names(extra) <= pins("dev").keys()


def test_the_delivery_lock_has_the_versions_of_the_development_lock() -> None:
    development, delivery = pins("dev"), pins("delivery")
    both = development.keys() & delivery.keys()

    assert {name: development[name]["version"] for name in both} == {name: delivery[name]["version"] for name in both}


def test_the_lowest_lock_has_the_lower_bound_of_each_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    requirements = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    bounds = {}
    for requirement in requirements:
        match = re.match(r"([\w-]+)>=([\d.]+)", requirement)
        assert match, f"{requirement} has no lower bound"
        bounds[match[1]] = match[2]
    lowest = {name: re.sub(r"(\.0)+$", "", pin["version"]) for name, pin in pins("lowest").items() if name in bounds}

    assert lowest == {name: re.sub(r"(\.0)+$", "", bound) for name, bound in bounds.items()}


def test_uvloop_is_not_installed_on_windows() -> None:
    assert pins("runtime")["uvloop"]["marker"] == "sys_platform != 'win32'"
