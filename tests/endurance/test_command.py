"""The command line of the two tests: its progress, its report and its exit code."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from endurance.model.lives import exactly
from endurance.model.messages import Request, Response
from endurance.report import Report, WrongResponse
from endurance.server import Server, ServerError
from endurance.soak.samples import ALLOWED_GROWTH_MB, Sample, Samples

ROOT = Path(__file__).parents[2]


def endurance(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "endurance", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def test_a_short_soak_passes_and_prints_its_summary() -> None:
    run = endurance("soak", "--minutes", "0.1", "--clients", "3", "--seed", "4")
    assert (run.returncode, run.stderr) == (0, "")
    first, *lines = run.stdout.splitlines()
    assert first == "soak: 3 clients for 0.1 minutes, seed 4; Ctrl-C ends it early"
    assert lines[-1] == "soak passed"
    summary = dict(
        line.strip().split("  ", 1) for line in lines if line.startswith("  ") and not line.startswith("   ")
    )
    assert list(summary) == [
        "requests",
        "wrong responses",
        "faults seen",
        "bad connections",
        "slowest response",
        "memory",
        "descriptors",
        "to repeat",
    ]
    assert summary["wrong responses"].strip() == "0"
    assert summary["to repeat"].strip() == 'make soak ARGS="--minutes 0.1 --clients 3 --seed 4"'
    assert any(line.endswith("descriptors") and " 0 wrong " in line for line in lines)


def test_a_short_torture_passes_and_prints_its_summary() -> None:
    run = endurance("torture", "--cycles", "1", "--seed", "4")
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert lines[-1] == "torture passed"
    assert [line for line in lines if line.startswith("  lost ")] == [f"  {'lost':<18}0"]
    assert any(line.startswith("  kills             1 while 6 writers wrote") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["soak", "--minutes", "0"], "argument --minutes: must be more than 0 and less than 10,000; got 0"),
        (["soak", "--clients", "0"], "argument --clients: must be from 1 to 10,000; got 0"),
        (["torture", "--cycles", "x"], "argument --cycles: "),
        ([], "the following arguments are required: test"),
    ],
)
def test_an_invalid_option_is_rejected_with_a_message(arguments: list[str], message: str) -> None:
    run = endurance(*arguments)
    assert run.returncode == 2
    assert message in run.stderr


def test_a_wrong_response_is_printed_with_what_is_needed_to_reproduce_it(tmp_path: Path) -> None:
    history = [
        (Request("POST", "/_mock/projects", None, {"projectId": "it's"}), "201"),
        (Request("GET", "/v1/"), "500"),
    ]
    wrong = WrongResponse(3, "it's", 7.0, "the status", "200", "500", history)
    said: list[str] = []
    report = Report("soak", {"requests": "2"}, ["wrong responses: 1"], [wrong])
    report.print(said.append, "make soak", tmp_path)
    assert report.exit_code == 1
    assert said == [
        "wrong: the status",
        "  where       client 3, project it's, 7 s after the start",
        "  expected    200",
        "  got         500",
        "  the last requests, oldest first, with the status of each response:",
        '    POST /_mock/projects {"projectId": "it\'s"} -> 201',
        "    GET /v1/ -> 500",
        f"  to replay   sh {tmp_path / 'wrong-1.sh'} http://127.0.0.1:8080",
        "",
        "  requests          2",
        "  to repeat         make soak",
        f"  kept              {tmp_path}",
        "soak failed: wrong responses: 1",
    ]


def test_the_script_of_a_wrong_response_sends_the_same_requests(tmp_path: Path) -> None:
    history = [(Request("POST", "/a?b=1&c=2", "a token", {"text": "it's"}), "201")]
    wrong = WrongResponse(3, "a", 7.0, "the status", "200", "500", history)
    Report("soak", {}, ["wrong responses: 1"], [wrong]).print(lambda _: None, "", tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    curl = programs / "curl"
    curl.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    curl.chmod(0o755)
    command = [str(shutil.which("sh")), str(tmp_path / "wrong-1.sh"), "http://there"]
    run = subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[:-1] == [
        *("-s", "-X", "POST", "-H", "Authorization: Bearer a token", "-H", "Content-Type: application/json"),
        *("-d", '{"text": "it\'s"}', "http://there/a?b=1&c=2"),
    ]


def growing(*memory_mb: float) -> Samples:
    series = [Sample(seconds, memory, 10) for seconds, memory in enumerate(memory_mb)]
    return Samples(before=10, after=10, peak_mb=max(memory_mb), series=series)


def test_memory_that_grows_only_while_the_server_gets_warm_is_no_failure() -> None:
    samples = growing(*range(60), *[60] * 340)
    assert (samples.first_mb, samples.last_mb) == (60, 60)
    assert samples.failures() == []


def test_memory_that_goes_on_growing_is_a_failure() -> None:
    samples = growing(*range(400))
    assert samples.failures() == [
        f"memory grew by {samples.growth_mb:.0f} MB: at most {ALLOWED_GROWTH_MB} MB are allowed"
    ]


def test_a_temporary_peak_is_no_growth() -> None:
    assert growing(*[100] * 200, 900, *[100] * 200).failures() == []


def test_descriptors_that_stay_open_are_a_failure() -> None:
    samples = growing(100, 100)
    samples.after = 12
    assert samples.failures() == ["2 descriptors stayed open after all clients were gone"]


def test_a_server_that_does_not_start_is_reported_with_its_last_output(tmp_path: Path) -> None:
    server = Server(tmp_path, "--scenario", "none")
    try:
        with pytest.raises(ServerError, match=r"the server ended by itself, with exit code 2\n.*none"):
            asyncio.run(server.ready())
    finally:
        server.kill()


def test_a_truncated_body_is_recognized() -> None:
    assert Response(200, {}, b"12", 3, exactly(0), 0.0).is_truncated
