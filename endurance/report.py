"""The report on a run: a summary, the failures, how to repeat the run, and the exit code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from endurance.model.messages import Request, replay

Say = Callable[[str], None]

_SHOWN = 3
_LAST = 10


@dataclass(frozen=True)
class WrongResponse:
    """A wrong response, and all requests to its project up to then, each with the status of its response."""

    client: int
    project: str
    seconds: float
    difference: str
    expected: str
    got: str
    history: list[tuple[Request, str]]

    @property
    def location(self) -> str:
        return f"client {self.client}, project {self.project}, {self.seconds:.0f} s after the start"

    def lines(self) -> list[str]:
        """The wrong response as lines of text."""
        return [
            f"wrong: {self.difference}",
            f"  where       {self.location}",
            f"  expected    {self.expected}",
            f"  got         {self.got}",
            "  the last requests, oldest first, with the status of each response:",
            *(f"    {request} -> {status}" for request, status in self.history[-_LAST:]),
        ]


@dataclass
class Report:
    """``summary`` has figures by their names; ``evidence`` are the wrong responses, and each gets a script."""

    name: str
    summary: dict[str, str]
    failures: list[str] = field(default_factory=list)
    evidence: Sequence[WrongResponse] = ()

    @property
    def exit_code(self) -> int:
        return 1 if self.failures else 0

    def print(self, say: Say, again: str, folder: Path) -> None:
        """Prints the report with ``say``, and writes the scripts to ``folder``; ``again`` repeats the run."""
        for number, wrong in enumerate(self.evidence, 1):
            script = folder / f"wrong-{number}.sh"
            script.write_text(replay(wrong.history, wrong.location), encoding="utf-8")
            if number <= _SHOWN:
                for line in [*wrong.lines(), f"  to replay   sh {script} http://127.0.0.1:8080", ""]:
                    say(line)
        if len(self.evidence) > _SHOWN:
            say(f"and {len(self.evidence) - _SHOWN} more, each with a script in the same folder")
        for name, value in self.summary.items():
            say(f"  {name:<18}{value}")
        say(f"  {'to repeat':<18}{again}")
        if self.failures:
            say(f"  {'kept':<18}{folder}")
        for failure in self.failures:
            say(f"{self.name} failed: {failure}")
        if not self.failures:
            say(f"{self.name} passed")


def clock_of(seconds: float) -> str:
    """A duration as minutes and seconds, such as ``2:05``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
