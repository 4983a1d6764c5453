"""Runs a soak: many clients on one server; every response is checked, memory and descriptors are sampled."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from endurance.connection import Address
from endurance.model.project import Project
from endurance.report import Report, Say, clock_of
from endurance.server import Server, ServerError
from endurance.soak.client import Client
from endurance.soak.samples import ALLOWED_GROWTH_MB, Sample, Samples
from endurance.soak.tally import Tally

MOST_WRONG = 10
"""The soak ends after this number of wrong responses."""

_SAMPLE_SECONDS = 1.0
_SHORT_SECONDS, _LONG_SECONDS = 0.5, 20
_PAUSE_SECONDS = 0.05
_BEGINNING_SHARE = 0.1

_LINES = 20
_SHORTEST_INTERVAL, _LONGEST_INTERVAL = 5, 60
"""The seconds between two progress lines: a twentieth of the run, within these bounds."""


@dataclass
class Soak:
    """One run."""

    clients: int
    seconds: float
    seed: int
    say: Say
    most_wrong: int = MOST_WRONG
    beginning_seconds: float = 10
    """The clients start one after another within this time, or within a tenth of the run if that is shorter."""

    tally: Tally = field(default_factory=Tally)
    samples: Samples = field(default_factory=Samples)
    stopped: bool = False
    _began: float = field(default_factory=monotonic)
    _said: float = 0.0

    def stop(self) -> None:
        """Ends it early."""
        self.stopped = True

    async def run(self, folder: Path) -> Report:
        """Soaks a new server, whose log is in ``folder``."""
        server = Server(folder)
        try:
            address = await server.ready()
            self.samples.before = await _fewest_descriptors(server, 0, _SHORT_SECONDS)
            await self.load(address, server)
            self.samples.after = await _fewest_descriptors(server, self.samples.before, _LONG_SECONDS)
            self.samples.peak_mb = server.peak_mb()
            said = server.stop()
            failures = [*self.samples.failures(), *([] if said is None else [said])]
        except ServerError as failure:
            failures = [str(failure)]
        finally:
            server.kill()
        return self.report(failures)

    async def load(self, address: Address, server: Server | None = None) -> None:
        """Runs the clients on the server at ``address``, and samples ``server``; raises ServerError if that ends."""
        projects: dict[str, Project] = {}
        self._began = monotonic()
        clients = [Client(number, address, self.seed, self.tally, projects) for number in range(self.clients)]
        apart = min(self.beginning_seconds, self.seconds * _BEGINNING_SHARE) / self.clients
        running = asyncio.gather(*(client.run(apart * at, self._is_over) for at, client in enumerate(clients)))
        try:
            while not running.done():
                await asyncio.wait([running], timeout=_SAMPLE_SECONDS)
                if server is not None:
                    server.check_alive()
                    self.samples.series.append(Sample(self._elapsed, server.memory_mb(), server.descriptors()))
                self._say_now_and_then()
        finally:
            self.seconds = self._elapsed
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    def report(self, failures: list[str]) -> Report:
        """What came of the run, with what else went wrong."""
        wrong = self.tally.wrong
        return Report(
            name="soak",
            summary=self._summary(),
            failures=[*([f"wrong responses: {len(wrong)}"] if wrong else []), *failures],
            evidence=wrong,
        )

    @property
    def _elapsed(self) -> float:
        return monotonic() - self._began

    def _is_over(self) -> bool:
        return self.stopped or self._elapsed >= self.seconds or len(self.tally.wrong) >= self.most_wrong

    def _say_now_and_then(self) -> None:
        if self._elapsed < self._said + min(_LONGEST_INTERVAL, max(_SHORTEST_INTERVAL, self.seconds / _LINES)):
            return
        self._said = self._elapsed
        tally = self.tally
        sampled = self.samples.series[-1:]
        self.say(
            f"{clock_of(self._elapsed):>8}  {tally.requests:>10,} requests  {tally.faults.total():>8,} faults  "
            f"{len(tally.wrong)} wrong"
            + "".join(f"  {sample.memory_mb:>4.0f} MB  {sample.descriptors:>4} descriptors" for sample in sampled)
        )

    def _summary(self) -> dict[str, str]:
        tally, samples = self.tally, self.samples
        summary = {
            "requests": f"{tally.requests:,} by {self.clients} clients in {clock_of(self.seconds)}",
            "wrong responses": f"{len(tally.wrong)}",
            "faults seen": _counts(tally.faults),
            "bad connections": _counts(tally.connections),
            "slowest response": f"{tally.slowest_ms:,.0f} ms, not counting faults: {tally.slowest_request}",
        }
        if tally.inconclusive:
            summary["undecided"] = f"{tally.inconclusive}: too slow to know what the response should be"
        if samples.peak_mb:
            summary["memory"] = (
                f"first {samples.first_mb:.0f} MB, peak {samples.peak_mb:.0f} MB, last {samples.last_mb:.0f} MB; "
                f"growth {samples.growth_mb:+.0f} MB, of {ALLOWED_GROWTH_MB} MB allowed"
            )
            summary["descriptors"] = f"first {samples.before}, peak {samples.peak_descriptors}, last {samples.after}"
        return summary


async def _fewest_descriptors(server: Server, enough: int, seconds: float) -> int:
    """The fewest descriptors that the server has within ``seconds``, in which it closes what its clients closed."""
    fewest = server.descriptors()
    ends = monotonic() + seconds
    while fewest > enough and monotonic() < ends:
        await asyncio.sleep(_PAUSE_SECONDS)
        fewest = min(fewest, server.descriptors())
    return fewest


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"
