"""``python -m bench.image NAME``: measures an image's size, and how fast a container starts and stops."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from statistics import median
from typing import Any

from bench.client import HEADERS, HOST, PATIENCE_SECONDS
from bench.errors import UnusableError
from bench.processes import PAUSE_SECONDS, free_port

HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "128m")
BASE_LABEL = "org.opencontainers.image.base.name"
STARTED_AS = "import time; time.sleep(60)"
LISTED_FROM_MB = 1.5
PARTS = "import os, sysconfig; print(sysconfig.get_path('purelib'))"


def docker(*arguments: str) -> str:
    """The output of ``docker``; raises UnusableError if it fails."""
    try:
        ended = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    except OSError as failure:
        raise UnusableError(f"docker is needed, and a running engine: {failure.strerror}") from None
    if ended.returncode:
        raise UnusableError(f"docker {arguments[0]}: {ended.stderr.strip()}")
    return ended.stdout.strip()


def inspected(thing: str, part: str) -> Any:
    """One field of ``docker inspect`` for an image or a container."""
    return json.loads(docker("inspect", "--format", f"{{{{json .{part}}}}}", thing))


def base_of(image: str) -> str:
    """The base of an image. It is pulled if only its layers are there, which is all that BuildKit keeps."""
    base = str(inspected(image, "Config.Labels")[BASE_LABEL]).removeprefix("docker.io/library/")
    try:
        inspected(base, "Size")
    except UnusableError:
        docker("pull", "--quiet", base)
    return base


def ask(port: int, method: str, path: str, body: str | None = None) -> Any:
    """The JSON or text of a response; None if there is no response yet."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, HEADERS)
        response = connection.getresponse()
        text = response.read().decode()
        return json.loads(text) if text.startswith("{") else text
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def started(image: str) -> tuple[str, int, float]:
    """A new hardened container: its id, its port, and the seconds from ``docker run`` to its first response."""
    port = free_port()
    began = time.perf_counter()
    container = docker("run", "--detach", *HARDENED, "--publish", f"{HOST}:{port}:8080", image)
    while ask(port, "GET", "/v1/") != "success":
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise UnusableError(f"{image} does not respond: {docker('logs', container)}")
        time.sleep(PAUSE_SECONDS)
    return container, port, time.perf_counter() - began


def bare_start(base: str) -> float:
    """The seconds that ``docker run`` takes for the base image alone: the engine's share of a start."""
    began = time.perf_counter()
    container = docker("run", "--detach", *HARDENED, base, "python3", "-c", STARTED_AS)
    took = time.perf_counter() - began
    docker("rm", "--force", container)
    return took


def stopped(container: str) -> float:
    """The seconds that ``docker stop`` takes; raises UnusableError unless the exit code is 0."""
    began = time.perf_counter()
    docker("stop", "-t", "10", container)
    took = time.perf_counter() - began
    if code := inspected(container, "State.ExitCode"):
        raise UnusableError(f"a container ended with exit code {code}: {docker('logs', container)}")
    return took


def stop_in_mid_request(container: str, port: int) -> float:
    """The seconds that ``docker stop`` takes during a request that would take a minute."""
    created = ask(port, "POST", "/_mock/projects", '{"scenario": "single"}')
    project = f"/_mock/projects/{created['projectId']}"
    ask(port, "POST", f"{project}/faults", '{"fault": {"kind": "latency", "ms": 60000}}')
    waiting = HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)
    path = "/v1/" + created["restoresUrl"].partition("/v1/")[2]
    waiting.request("GET", path, headers={"Authorization": f"Bearer {created['token']}"})
    while not ask(port, "GET", f"{project}/faults")["faults"][0]["triggered"]:
        time.sleep(PAUSE_SECONDS)
    took = stopped(container)
    if waiting.getresponse().status != 200:
        raise UnusableError("the request in flight got no response")
    waiting.close()
    return took


def one_round(image: str, base: str, add: Callable[[str, float], None]) -> None:
    """Measures every figure once."""
    add("`docker run` of the base alone, the engine's share", bare_start(base))
    for what in ("idle", "in mid-request"):
        container, port, took = started(image)
        try:
            add("`docker run` to the first response", took)
            end = stopped(container) if what == "idle" else stop_in_mid_request(container, port)
            add(f"`docker stop`, {what}", end)
        finally:
            docker("rm", "--force", container)


def sizes(image: str, base: str) -> list[tuple[str, str]]:
    """The size of the image above its base, and of its largest parts."""
    above = inspected(image, "Size") - inspected(base, "Size")
    rows = [("size above its base", f"{above / 1e6:.1f} MB"), ("the base", f"{inspected(base, 'Size') / 1e6:.0f} MB")]
    site = docker("run", "--rm", "--entrypoint", "python", image, "-c", PARTS)
    sizes = docker("run", "--rm", "--entrypoint", "sh", image, "-c", f"du -sb {site}/* | sort -rn")
    parts = [(int(size), path.rpartition("/")[2]) for size, path in (line.split("\t") for line in sizes.splitlines())]
    large = [(size, name) for size, name in parts if size >= LISTED_FROM_MB * 1e6]
    rows += [(f"of it {name}", f"{size / 1e6:.1f} MB") for size, name in large]
    rows.append(("of it all else", f"{(above - sum(size for size, _ in large)) / 1e6:.1f} MB"))
    return rows


def measured(image: str, rounds: int) -> list[tuple[str, str]]:
    """The rows of the table: what was measured, and the figure."""
    base = base_of(image)
    seconds_of: dict[str, list[float]] = {}
    for _ in range(rounds):
        one_round(image, base, lambda what, seconds: seconds_of.setdefault(what, []).append(seconds))
    times = [
        (what, f"{median(values):.2f} s ({min(values):.2f} to {max(values):.2f})")
        for what, values in seconds_of.items()
    ]
    return [*sizes(image, base), *times]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(
        prog="bench.image", description="Measures an image's size, and how fast a container starts and stops."
    )
    parser.add_argument("image")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    try:
        rows = measured(options.image, options.rounds)
    except UnusableError as failure:
        sys.exit(f"bench.image: {failure}")
    width = max(len(name) for name, _ in rows)
    print(f"| {'what':{width}} | measured |\n| {'-' * width} | --- |")
    for name, value in rows:
        print(f"| {name:{width}} | {value} |")


if __name__ == "__main__":
    main()
