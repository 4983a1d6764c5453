"""What is installed beside the package, and what the command and the helpers say about it."""

import sys
from pathlib import Path

import pytest

import mockserver.testing
from mockserver import entry
from mockserver.installation import conflict, missing_dependencies
from mockserver.testing import StartError, process


def add_distribution(folder: Path, name: str, requirements: str = "") -> None:
    """Adds the metadata of an installed distribution to a folder of ``sys.path``."""
    info = folder / f"{name.replace('-', '_')}-9.9.dist-info"
    info.mkdir(parents=True)
    required = "".join(f"Requires-Dist: {line}\n" for line in requirements.splitlines())
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 9.9\n{required}")


@pytest.fixture
def without_dependencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package needs two packages that are not installed, one of them only on another platform."""
    requirements = "pydantic>=2\nnot-installed<3\nnot-here-1.x; sys_platform == 'win32'"
    add_distribution(tmp_path, "northflank-mockserver", requirements)
    monkeypatch.syspath_prepend(tmp_path)


def test_nothing_is_missing_where_the_tests_run() -> None:
    assert missing_dependencies() == []


@pytest.mark.usefixtures("without_dependencies")
def test_dependencies_that_are_not_installed_are_named() -> None:
    assert missing_dependencies() == ["not-installed"]


@pytest.mark.usefixtures("without_dependencies")
def test_a_server_that_cannot_run_here_says_what_to_do() -> None:
    with pytest.raises(StartError) as failed, mockserver.testing.serve():
        pass
    message = str(failed.value)
    assert message.startswith("the server needs packages that are not installed (not-installed): install northflank")
    assert "NORTHFLANK_MOCK_URL" in message
    assert "northflank_mock_command" in message


def test_no_other_package_of_the_same_name_is_named_if_there_is_none() -> None:
    assert conflict() is None


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the program ran."""
    ran: list[str] = []
    monkeypatch.setattr("mockserver.cli.main", lambda: ran.append("the command line"))
    return ran


def test_the_program_runs_the_command_line(commands: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    entry.main()
    assert (commands, capsys.readouterr().err) == (["the command line"], "")


def test_the_program_names_another_package_of_the_same_name(
    commands: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_distribution(tmp_path, "mockserver-client")
    monkeypatch.syspath_prepend(tmp_path)
    entry.main()
    assert commands == ["the command line"]
    assert capsys.readouterr().err.startswith("mockserver: warning: mockserver-client is installed too, ")


def test_the_program_without_its_dependencies_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.delitem(sys.modules, "mockserver.cli")
        patched.delattr("mockserver.cli")
        patched.setitem(sys.modules, "typer", None)
        with pytest.raises(SystemExit) as ended:
            entry.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "mockserver: the server needs packages that are not installed (typer): "
        "install northflank-mockserver without --no-deps\n"
    )


@pytest.mark.usefixtures("without_dependencies")
def test_another_command_needs_no_dependencies_here() -> None:
    with pytest.raises(StartError, match="mockserver did not start"), process.running([], "false"):
        pass
