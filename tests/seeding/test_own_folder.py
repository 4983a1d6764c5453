"""What may be in a person's folder of scenarios without being a usable one."""

import os
import sys
from pathlib import Path
from types import FrameType

import pytest

from mockserver.errors import UsageError
from mockserver.seeding import source
from mockserver.seeding.catalogue import Catalogue
from mockserver.seeding.scenario import read_scenario
from tests.commands import MOCKSERVER, run
from tests.contract.responses import error_of
from tests.support import running_server


def test_what_copying_leaves_beside_a_scenario_is_none(tmp_path: Path) -> None:
    (tmp_path / "._dashboard.toml").write_bytes(b"\x00\x05\x16\x07")
    assert list(Catalogue(tmp_path).files()) == list(Catalogue().files())


def test_a_link_that_leads_nowhere_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "gone.toml").symlink_to(tmp_path / "missing")
    with pytest.raises(UsageError, match=r"cannot read the scenario .*gone\.toml: No such file or directory"):
        Catalogue(tmp_path).load("gone")


def test_only_regular_files_are_scenarios(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "link.toml").symlink_to(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "file.toml").write_text('help = "A file."\n')
    (tmp_path / "good-link.toml").symlink_to(tmp_path / "file.toml")
    with running_server(scenarios=tmp_path) as server:
        for name in ("pipe", "link", "folder"):
            error = error_of(server.client.post("/_mock/projects", json={"scenario": name}), 400)
            assert error["message"].startswith(f'no scenario "{name}": there are aborting, ')
    assert Catalogue(tmp_path).load("good-link").help == "A file."


def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match=r"the scenario .*pipe\.toml is not a regular file: name one that is"):
        read_scenario(tmp_path / "pipe.toml")


def test_a_file_of_more_than_a_megabyte_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "large.toml"
    file.write_text('help = "Large."\n'.ljust(source.MAX_BYTES, "#"))
    assert read_scenario(file).help == "Large."
    file.write_text('help = "Large."\n'.ljust(source.MAX_BYTES + 1, "#"))
    with pytest.raises(UsageError, match=r"large\.toml has 1,000,001 bytes: make it at most 1,000,000"):
        read_scenario(file)


def test_a_file_that_takes_too_long_to_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "dots.toml"
    file.write_text(".".join(["a"] * 50_000) + " = 1\n")
    monkeypatch.setattr(source, "MAX_SECONDS", 0.1)
    with pytest.raises(UsageError, match=r"dots\.toml takes more than 0\.1 seconds to read: use keys with fewer dots"):
        read_scenario(file)


def test_a_profiler_that_is_at_work_stays(tmp_path: Path) -> None:
    def profiler(_: FrameType, __: str, ___: object) -> None: ...

    file = tmp_path / "good.toml"
    file.write_text('help = "Good."\n')
    sys.setprofile(profiler)
    try:
        assert read_scenario(file).help == "Good."
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(tmp_path: Path) -> None:
    bad, good = tmp_path / "bad", tmp_path / "good"
    for folder, content in ((bad, "no"), (good, 'help = "Red."\n')):
        folder.mkdir()
        (folder / "\x1b[31mred.toml").write_text(content)
    out = run(*MOCKSERVER, "scenarios", "--scenarios", str(good)).stdout
    err = run(*MOCKSERVER, "scenarios", "--scenarios", str(bad)).stderr
    assert "\\x1b[31mred  " in out
    assert "\\x1b[31mred.toml is not TOML" in err
    assert "\x1b" not in out + err


def test_control_characters_of_a_file_name_do_not_reach_a_message(tmp_path: Path) -> None:
    for name in ("\x1b[31mred", os.fsdecode(b"\xff")):
        (tmp_path / f"{name}.toml").write_text('help = "Red."\n')
    with pytest.raises(UsageError) as refused:
        Catalogue(tmp_path).load("blue")
    assert "\\x1b[31mred" in str(refused.value)
    assert "\\udcff" in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_message_lists_only_the_first_of_many_scenarios(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"a-scenario-{number}.toml").touch()
    with pytest.raises(UsageError) as refused:
        Catalogue(tmp_path).load("none")
    assert len(str(refused.value)) < 1_100
