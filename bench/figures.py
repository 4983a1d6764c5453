"""The raw figures of one run, as saved in JSON, and the arithmetic that the tables need."""

from collections.abc import Sequence

from pydantic import BaseModel


class Sample(BaseModel):
    """One server under load, once.

    ``cpu_us`` is the CPU time of the server's process per request, in microseconds: the figure that other processes on
    the machine disturb least. ``peak_mb`` is the most memory that the process held, ``first_response_s`` the time from
    exec to its first response. ``write_share`` is the share of the requests that were writes, between 0 and 1.
    """

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    peak_mb: float
    first_response_s: float
    write_share: float = 0.0


class DepthSample(BaseModel):
    """Pages of one backup: the server's CPU time per page, without the writes, and the median response time."""

    restores: int
    page: str
    cpu_us: float
    p50_ms: float


class SeedingSample(BaseModel):
    """One run of ``mockserver seed``, from exec to exit."""

    name: str = "mockserver"
    restores: int
    seconds: float
    file_bytes: int


class JournalSample(BaseModel):
    """The peak memory of a server that keeps ``projects``, after ``requests`` to each of them."""

    name: str
    projects: int
    requests: int
    per_page: int
    peak_mb: float


class Machine(BaseModel):
    """The machine and the options of a run."""

    date: str
    cores: int
    python: str
    versions: dict[str, str]
    seconds: int
    rounds: int
    connections: int
    page_bytes: int


class Results(BaseModel):
    """One run. Each list has a figure for each round, in order, so that figures of the same round can be compared.

    ``load`` is one page again and again, by server; ``workloads`` is everything else that is requested, by workload and
    then by server.
    """

    machine: Machine
    load: dict[str, list[Sample]] = {}
    absent: dict[str, str] = {}
    workloads: dict[str, dict[str, list[Sample]]] = {}
    start_s: dict[str, list[float]] = {}
    depth: list[DepthSample] = []
    projects_cpu_us: dict[int, list[float]] = {}
    seeding: list[SeedingSample] = []
    journals: list[JournalSample] = []


def cpu_us_of_reads(mixed: Sample, writes: Sample) -> float:
    """The CPU time per read, from reads and writes measured together and the same writes measured alone."""
    return (mixed.cpu_us - mixed.write_share * writes.cpu_us) / (1 - mixed.write_share)


def ratios(values: Sequence[float], to: Sequence[float]) -> list[float]:
    """The ratio of the two values in each round."""
    return [value / base for value, base in zip(values, to, strict=True)]
