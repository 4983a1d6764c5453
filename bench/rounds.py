"""Rounds: each measures everything once, so that a disturbance of the machine affects everything alike."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product

from bench import peers
from bench.browser import browsing
from bench.checkouts import OURS, THIS, Checkout
from bench.client import HOST, Client
from bench.contestants import MANY, rotated
from bench.errors import UnusableError
from bench.figures import Results
from bench.load import measure
from bench.processes import PORT, Contestant, Running, Workplace, free_port
from bench.workloads import WORKLOADS

IMPORTS = "import fastapi, sqlmodel, uvicorn"
STARTS_PER_ROUND = 3


def tell(what: str) -> None:
    """Says on standard error what is measured now."""
    sys.stderr.write(f"{what} ...\n")
    sys.stderr.flush()


def under_load(workplace: Workplace, results: Results, contestants: Sequence[Contestant], by: int) -> None:
    """One round of one page for every server.

    A peer or a browser that cannot be measured is skipped from then on.
    """
    for contestant in rotated(contestants, by):
        if contestant.name in results.absent:
            continue
        tell(f"round {by + 1}: {contestant.name}")
        try:
            with workplace.serving(contestant) as server, _watching(contestant, server):
                sample = measure(server, results.machine.seconds)
        except UnusableError as failure:
            if contestant.name not in peers.PEERS and contestant.opens is None:
                raise
            results.absent[contestant.name] = str(failure)
            results.load.pop(contestant.name, None)
            tell(f"{contestant.name} cannot be measured: {failure}")
        else:
            results.load.setdefault(contestant.name, []).append(sample)


@contextmanager
def _watching(contestant: Contestant, server: Running) -> Iterator[None]:
    if contestant.opens is None:
        yield
    else:
        with browsing(f"http://{HOST}:{server.port}{contestant.opens}", title=OURS):
            yield


def workloads(workplace: Workplace, results: Results, checkouts: Sequence[Checkout], by: int) -> None:
    """One round of every workload, each on a new server."""
    for name, checkout in product(WORKLOADS, rotated(checkouts, by)):
        tell(f"round {by + 1}: {checkout.name}, {name}")
        with workplace.serving(checkout.server(*MANY)) as server:
            with Client(server.port) as client:
                requests = WORKLOADS[name](client)
            sample = measure(server, results.machine.seconds, requests)
        results.workloads.setdefault(name, {}).setdefault(checkout.name, []).append(sample)


def starts(workplace: Workplace, results: Results, checkouts: Sequence[Checkout], rounds: int) -> None:
    """From exec to the first response, or to the end of a command; the first of each is not counted."""
    tell("cold starts")
    port = free_port()
    running = THIS.server()
    health = Contestant(
        running.name, running.about, [word.replace(PORT, str(port)) for word in running.command], port=port
    )
    with workplace.serving(health):
        for turn in range(1 + rounds * STARTS_PER_ROUND):
            took = {f"python -c '{IMPORTS}'": workplace.run((sys.executable, "-c", IMPORTS))}
            for checkout in rotated(checkouts, turn):
                took |= _starts_of(workplace, checkout, port)
            for name, seconds in took.items():
                results.start_s.setdefault(name, []).extend([seconds] if turn else [])


def _starts_of(workplace: Workplace, checkout: Checkout, port: int) -> dict[str, float]:
    with workplace.serving(checkout.server()) as server:
        first_response = server.first_response_s
    return {
        f"{checkout.name} serve": first_response,
        f"{checkout.name} --help": workplace.run(checkout.command("--help"), checkout.root),
        f"{checkout.name} health": workplace.run(checkout.command("health", "--port", str(port)), checkout.root),
    }
