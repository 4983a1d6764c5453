"""The wheel, in empty environments that know nothing of this source tree."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from mockserver.seeding.catalogue import Catalogue
from tests.support import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = Path(sysconfig.get_path("scripts"))
DIST_INFO = f"northflank_mockserver-{PROJECT['version']}.dist-info"

A_SUITE = """
from datetime import UTC, datetime

import mockserver.testing
from mockserver.testing import Project


def test_with_the_plugin(northflank_mock: Project) -> None:
    northflank_mock.clock.freeze(datetime(2024, 7, 1, tzinfo=UTC))
    northflank_mock.faults.add("status", status=503, times=1)
    assert northflank_mock.server.version == "{version}"
    assert northflank_mock.restores.add(ends_after="PT1M").status == "in-progress"


def test_without_it() -> None:
    with mockserver.testing.serve(scenario="many", restores=3, enforce_rate_limit=True) as mock:
        assert not mock.walks
"""


@dataclass(frozen=True)
class Installed:
    """An environment, by its folder."""

    folder: Path

    @property
    def programs(self) -> Path:
        return Path(sysconfig.get_path("scripts", "venv", {"base": str(self.folder)}))

    def names(self) -> tuple[set[str], set[str]]:
        """What is in its site-packages, and which programs it has."""
        packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder)}))
        return {path.name for path in packages.iterdir()}, {path.name for path in self.programs.iterdir()}

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a program of it, in its own folder."""
        return done(str(self.programs / program), *arguments, folder=self.folder)


def run(*command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a command, which nothing leads to the source tree."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "NFMOCK"))}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=6 * PATIENCE_SECONDS, check=False
    )


def done(*command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """As ``run``, of a command that has to succeed."""
    finished = run(*command, folder=folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished


def empty(folder: Path) -> Installed:
    done(str(TOOLS / "uv"), "venv", "--quiet", "--python", sys.executable, str(folder), folder=ROOT)
    return Installed(folder)


def install(wheel: Path, into: Installed, extras: str, *options: str) -> Installed:
    wanted = f"northflank-mockserver{extras} @ {wheel.as_uri()}"
    uv = (str(TOOLS / "uv"), "pip", "install", "--quiet", "--python", str(into.folder), "--only-binary", ":all:")
    done(*uv, *options, wanted, folder=into.folder)
    return into


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done(str(TOOLS / "hatchling"), "build", "--target", "wheel", "--directory", str(folder), folder=ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """With what it asks for, at the versions that are locked, and the extra for pytest."""
    pins = ROOT / "requirements" / "dev.lock"
    fresh = empty(tmp_path_factory.mktemp("installed") / "environment")
    return install(wheel, fresh, "[pytest]", "--constraint", str(pins))


def test_it_adds_one_package_and_one_program_to_an_environment(wheel: Path, tmp_path: Path) -> None:
    fresh = empty(tmp_path / "environment")
    packages, programs = fresh.names()
    with_packages, with_programs = install(wheel, fresh, "", "--no-deps").names()
    assert with_packages - packages == {"mockserver", DIST_INFO}
    assert {name.removesuffix(".exe") for name in with_programs - programs} == {"mockserver"}


def test_it_holds_the_package_with_its_types_the_scenarios_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mockserver").rglob("*.py")}
    seed = {f"mockserver/seed/{path.name}" for path in (ROOT / "seed").iterdir()}
    assert {name for name in names if not name.startswith(DIST_INFO)} == sources | seed | {"mockserver/py.typed"}


def test_the_installed_command_says_its_version_and_has_every_scenario(installed: Installed) -> None:
    assert installed.run("mockserver", "--version").stdout == f"mockserver {PROJECT['version']}\n"
    listed = installed.run("mockserver", "scenarios").stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(Catalogue().files())


def test_a_suite_in_an_environment_of_its_own_has_the_plugin_and_a_server(installed: Installed) -> None:
    (installed.folder / "test_own.py").write_text(A_SUITE.format(version=PROJECT["version"]))
    assert "2 passed" in installed.run("pytest", "-W", "error", "test_own.py").stdout


def test_a_suite_is_checked_by_mypy_without_anything_of_the_server(installed: Installed) -> None:
    good, bad = installed.folder / "good.py", installed.folder / "bad.py"
    good.write_text(A_SUITE)
    bad.write_text(A_SUITE.replace('"many"', "7").replace("ends_after", "ends").replace('"status"', '"broken"'))
    python = str(installed.programs / "python")
    mypy = (sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--python-executable", python)
    done(*mypy, str(good), folder=installed.folder)
    assert "Found 3 errors in 1 file" in run(*mypy, str(bad), folder=installed.folder).stdout


def test_it_can_be_installed_with_what_testcontainers_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{DIST_INFO}/METADATA").decode()
    assert re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE) == ["pytest", "testcontainers"]


def test_the_version_stands_in_one_place() -> None:
    said = re.compile(rf"""["'=]{re.escape(PROJECT["version"])}""")
    files = [*(ROOT / "mockserver").rglob("*.py"), ROOT / "Dockerfile", ROOT / "Makefile", ROOT / "pyproject.toml"]
    assert [path.name for path in files if said.search(path.read_text())] == ["pyproject.toml"]


def test_the_servers_health_tells_the_same_version(installed: Installed) -> None:
    asked = (
        "import json, mockserver.testing\n"
        "with mockserver.testing.serve() as mock: print(json.dumps(mock.server.version))"
    )
    assert json.loads(installed.run("python", "-c", asked).stdout) == PROJECT["version"]
