"""What is measured: the raw figures of one run, as they are kept in JSON, and the words for many of a kind."""

from collections.abc import Sequence
from statistics import median

from pydantic import BaseModel


class Sample(BaseModel):
    """One contestant under load, once.

    ``cpu_us`` is what the server's process took of its core for a request, in microseconds: where other processes
    share the machine it moves least. ``peak_mb`` is the most memory that it held, ``first_answer_s`` the time from exec
    to its first answer.
    """

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    peak_mb: float
    first_answer_s: float


class DepthSample(BaseModel):
    """One page of a backup, asked for again and again: the server's CPU for a request, and the median of its time."""

    restores: int
    page: str
    cpu_us: float
    p50_ms: float


class SeedingSample(BaseModel):
    """One run of ``mockserver seed``, from exec to exit."""

    restores: int
    seconds: float
    file_bytes: int


class Machine(BaseModel):
    """What it ran on, and how."""

    date: str
    cores: int
    python: str
    versions: dict[str, str]
    seconds: int
    rounds: int
    connections: int
    page_bytes: int


class Results(BaseModel):
    """One run. Each list has a figure for each round, in their order: what was measured together is compared."""

    machine: Machine
    load: dict[str, list[Sample]] = {}
    absent: dict[str, str] = {}
    start_s: dict[str, list[float]] = {}
    depth: list[DepthSample] = []
    projects_cpu_us: dict[int, list[float]] = {}
    seeding: list[SeedingSample] = []


def middle_and_spread(values: Sequence[float], digits: int = 0) -> str:
    """The median of the rounds, and in brackets the least and the most."""
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def ratios(values: Sequence[float], to: Sequence[float]) -> list[float]:
    """Round by round, how many times the one is the other."""
    return [value / base for value, base in zip(values, to, strict=True)]
