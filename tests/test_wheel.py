"""The wheel, installed into new virtual environments without this source tree."""

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
from tests.support import PATIENCE_SECONDS, RunningServer

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = Path(sysconfig.get_path("scripts"))
DIST_INFO = f"northflank_mockserver-{PROJECT['version']}.dist-info"

SUITE = """
from datetime import UTC, datetime

import mockserver.testing
from mockserver.testing import Project


def test_with_the_plugin(northflank_mock: Project) -> None:
    northflank_mock.clock.freeze(datetime(2024, 7, 1, tzinfo=UTC))
    northflank_mock.faults.add("status", status=503, times=1)
    assert northflank_mock.server.version == "{version}"
    assert northflank_mock.restores.add(ends_after="PT1M").status == "in-progress"


def test_without_the_plugin() -> None:
    with mockserver.testing.serve(scenario="many", restores=3, enforce_rate_limit=True) as mock:
        assert not mock.walks
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def programs(self) -> Path:
        return Path(sysconfig.get_path("scripts", "venv", {"base": str(self.folder)}))

    def names(self) -> tuple[set[str], set[str]]:
        """The names in its site-packages, and of its programs."""
        packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder)}))
        return {path.name for path in packages.iterdir()}, {path.name for path in self.programs.iterdir()}

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs one of its programs in its folder."""
        return ok(str(self.programs / program), *arguments, folder=self.folder)


def run(*command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a command without variables that lead to the source tree."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "NFMOCK"))}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=6 * PATIENCE_SECONDS, check=False
    )


def ok(*command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a command that must succeed."""
    finished = run(*command, folder=folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished


def new_environment(folder: Path) -> Environment:
    ok(str(TOOLS / "uv"), "venv", "--quiet", "--python", sys.executable, str(folder), folder=ROOT)
    return Environment(folder)


def install(wheel: Path, into: Environment, extras: str, *options: str) -> Environment:
    requirement = f"northflank-mockserver{extras} @ {wheel.as_uri()}"
    uv = (str(TOOLS / "uv"), "pip", "install", "--quiet", "--python", str(into.folder), "--only-binary", ":all:")
    ok(*uv, *options, requirement, folder=into.folder)
    return into


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    ok(str(TOOLS / "hatchling"), "build", "--target", "wheel", "--directory", str(folder), folder=ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel, its locked dependencies and the extra for pytest."""
    pins = ROOT / "requirements" / "dev.lock"
    fresh = new_environment(tmp_path_factory.mktemp("installed") / "environment")
    return install(wheel, fresh, "[pytest]", "--constraint", str(pins))


def test_the_wheel_adds_one_package_and_one_program_to_an_environment(wheel: Path, tmp_path: Path) -> None:
    fresh = new_environment(tmp_path / "environment")
    packages, programs = fresh.names()
    with_packages, with_programs = install(wheel, fresh, "", "--no-deps").names()
    assert with_packages - packages == {"mockserver", DIST_INFO}
    assert {name.removesuffix(".exe") for name in with_programs - programs} == {"mockserver"}


USE_A_RUNNING_SERVER = """
import sys
import mockserver.testing

mock = mockserver.testing.Server(sys.argv[1]).make_project(scenario="single")
assert len(mock.restores) == 1
mock.delete()
try:
    with mockserver.testing.serve():
        pass
except mockserver.testing.StartError as failure:
    print(failure)
"""


def test_without_dependencies_the_helpers_use_a_running_server_and_say_why_none_starts(
    wheel: Path, tmp_path: Path, server: RunningServer
) -> None:
    bare = install(wheel, new_environment(tmp_path / "environment"), "", "--no-deps")
    missing = r"the server needs packages that are not installed \(.*fastapi.*\): install northflank-mockserver without"
    assert re.search(missing, bare.run("python", "-c", USE_A_RUNNING_SERVER, server.url).stdout)
    program = run(str(bare.programs / "mockserver"), "serve", folder=bare.folder)
    assert program.returncode == 2
    assert program.stderr.startswith("mockserver: the server needs packages that are not installed (")


def test_the_wheel_contains_the_package_its_type_marker_its_page_and_the_scenarios_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mockserver").rglob("*.py")}
    page = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mockserver/page/static").rglob("*.*")}
    seed = {f"mockserver/seed/{path.name}" for path in (ROOT / "seed").iterdir()}
    assert {name for name in names if not name.startswith(DIST_INFO)} == sources | seed | page | {
        "mockserver/page/static/lit/LICENSE",
        "mockserver/py.typed",
    }


def test_the_installed_command_prints_its_version_and_every_scenario(installed: Environment) -> None:
    assert installed.run("mockserver", "--version").stdout == f"mockserver {PROJECT['version']}\n"
    listed = installed.run("mockserver", "scenarios").stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(Catalogue().files())


def test_a_suite_in_a_new_environment_can_use_the_plugin_and_serve(installed: Environment) -> None:
    (installed.folder / "test_own.py").write_text(SUITE.format(version=PROJECT["version"]))
    assert "2 passed" in installed.run("pytest", "-W", "error", "test_own.py").stdout


def test_mypy_checks_a_suite_and_reports_wrong_options(installed: Environment) -> None:
    correct, wrong = installed.folder / "correct.py", installed.folder / "wrong.py"
    correct.write_text(SUITE)
    wrong.write_text(SUITE.replace('"many"', "7").replace("ends_after", "ends").replace('"status"', '"broken"'))
    python = str(installed.programs / "python")
    mypy = (sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--python-executable", python)
    ok(*mypy, str(correct), folder=installed.folder)
    assert "Found 3 errors in 1 file" in run(*mypy, str(wrong), folder=installed.folder).stdout


def test_the_wheel_has_extras_for_pytest_and_testcontainers(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{DIST_INFO}/METADATA").decode()
    assert re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE) == ["pytest", "testcontainers"]


def test_the_version_is_written_in_one_place() -> None:
    version = re.compile(rf"""["'=]{re.escape(PROJECT["version"])}""")
    files = [*(ROOT / "mockserver").rglob("*.py"), ROOT / "Dockerfile", ROOT / "Makefile", ROOT / "pyproject.toml"]
    assert [path.name for path in files if version.search(path.read_text())] == ["pyproject.toml"]


def test_the_installed_servers_health_has_the_same_version(installed: Environment) -> None:
    program = (
        "import json, mockserver.testing\n"
        "with mockserver.testing.serve() as mock: print(json.dumps(mock.server.version))"
    )
    assert json.loads(installed.run("python", "-c", program).stdout) == PROJECT["version"]
