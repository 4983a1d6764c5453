"""The benches send the requests that they claim; reports follow from the raw figures, and contain no local path."""

import json
import re
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import depth
from bench.checkouts import THIS, checkout_beside
from bench.client import Client
from bench.errors import UnusableError
from bench.figures import JournalSample, Results, Sample, SeedingSample, ratios
from bench.load import require_wrk
from bench.load_tables import summary_of_workloads
from bench.markdown import middle_and_spread
from bench.peers import FOLDER as PEERS
from bench.peers import versions
from bench.plot import plot
from bench.processes import ROOT, Workplace
from bench.report import report
from bench.workloads import (
    FIRST_READS,
    PAGES,
    PER_PAGE,
    POLL,
    PROJECTS,
    RUNNING_RESTORES,
    WALK,
    WORKLOADS,
    WRITE,
    Request,
)
from tests.support import EXAMPLE, NOW, RunningServer, SteppedClock, restores_path, running_server

RESULTS = ROOT / "bench" / "results"
RUNS = sorted(path.stem for path in RESULTS.glob("*.svg"))


def raw(run: str) -> str:
    return (RESULTS / f"{run}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("run", RUNS)
def test_the_report_and_the_plot_are_up_to_date_with_the_raw_figures(run: str) -> None:
    results = Results.model_validate_json(raw(run))
    hint = "write them again: python -m bench render"
    assert (RESULTS / f"{run}.md").read_text(encoding="utf-8") == report(results), hint
    assert (RESULTS / f"{run}.svg").read_text(encoding="utf-8") == plot(results), hint


@pytest.mark.parametrize("run", RUNS)
def test_a_plot_is_valid_and_has_a_bar_for_each_server(run: str) -> None:
    image = ET.fromstring(plot(Results.model_validate_json(raw(run))))  # noqa: S314 - made here
    bars = [element for element in image.iter() if element.tag.endswith("rect")]
    assert len(bars) == len(json.loads(raw(run))["load"])


@pytest.mark.parametrize("run", RUNS)
def test_results_contain_no_local_path(run: str) -> None:
    assert not re.search(r"(?<![\w<])/(home|root|tmp|usr|work|Users)\b", raw(run))


def test_a_cell_has_the_median_and_the_spread_of_the_rounds() -> None:
    assert middle_and_spread([3000, 1000.4, 2000]) == "2,000 (1,000 to 3,000)"
    assert middle_and_spread([0.5, 0.5], 2) == "0.50"
    assert ratios([1, 9], [2, 3]) == [0.5, 3]


def test_without_wrk_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnusableError, match="apt-get install wrk"):
        require_wrk()


@pytest.fixture(scope="module")
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture(scope="module")
def server(clock: SteppedClock) -> Iterator[RunningServer]:
    with running_server(clock=clock, scenario="many") as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with Client(int(server.url.rpartition(":")[2])) as connected:
        yield connected


def restores_of(client: Client, request: Request) -> list[dict[str, str | int]]:
    restores: list[dict[str, str | int]] = client.get_json(request.target, request.token)["data"]["restores"]
    return restores


def send(server: RunningServer, request: Request) -> int:
    """Sends a request as wrk does, from its line; returns the status of the response."""
    method, target, token, body = request.line().split("\t")
    headers = {"Authorization": f"Bearer {token}"}
    return server.client.request(method, target, headers=headers, content=body).status_code


def test_a_walk_requests_every_page_of_every_project_once(client: Client) -> None:
    requests = WORKLOADS[WALK](client)
    assert len({request.target for request in requests}) == PROJECTS * PAGES
    for project in range(PROJECTS):
        pages = [restores_of(client, request) for request in requests[project::PROJECTS]]
        assert [len(page) for page in pages] == [PER_PAGE] * PAGES
        assert len({restore["id"] for restore in chain.from_iterable(pages)}) == PAGES * PER_PAGE


def test_the_polled_page_has_running_restores_for_hours(client: Client, clock: SteppedClock) -> None:
    (request,) = WORKLOADS[POLL](client)
    try:
        for instant in (NOW, NOW + 5 * 60 * 60 * 1000):
            clock.instant = instant
            statuses = [restore["status"] for restore in restores_of(client, request)]
            assert statuses[:RUNNING_RESTORES] == ["in-progress"] * RUNNING_RESTORES
            assert len(statuses) == PER_PAGE
    finally:
        clock.instant = NOW


def test_a_poll_needs_running_restores(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.workloads.HOURS", "PT0S")
    with pytest.raises(UnusableError, match="not in progress"):
        WORKLOADS[POLL](client)


def test_first_reads_are_of_different_pages_and_a_write_follows_them(server: RunningServer, client: Client) -> None:
    *reads, write = WORKLOADS[FIRST_READS](client)
    assert {read.method for read in reads} == {"GET"}
    assert len({read.target for read in reads}) == len(reads) == PROJECTS * PAGES
    for _ in range(2):  # the same write changes the store each time
        before = server.emulator.store.connection.total_changes
        assert send(server, reads[0]) == 200
        assert server.emulator.store.connection.total_changes == before
        assert send(server, write) == 200
        assert server.emulator.store.connection.total_changes > before


def test_pages_by_cursor_at_a_depth_are_full_and_begin_one_restore_apart(server: RunningServer, client: Client) -> None:
    ids = [number for number, _ in server.stored()]
    requests = depth.pages_by_cursor(client, 450)
    assert len(requests) == depth.CURSORS
    for position in (0, 1, depth.CURSORS - 1):
        page = [restore["id"] for restore in restores_of(client, requests[position])]
        assert page == ids[450 + position :][:PER_PAGE]


def test_pages_by_number_near_the_end_are_the_last_ones(server: RunningServer, client: Client) -> None:
    pages = [restores_of(client, request) for request in depth.pages_by_number(1000 // PER_PAGE)]
    ids = [number for number, _ in server.stored()]
    assert [restore["id"] for restore in chain.from_iterable(pages)] == ids[-depth.NUMBERS * PER_PAGE :]


def test_a_client_reports_a_response_that_is_no_success(client: Client) -> None:
    with pytest.raises(UnusableError, match="responds with 404 to GET /nowhere"):
        client.get("/nowhere")
    assert client.get(restores_path(EXAMPLE)), "the connection is still good"


def sample(cpu_us: float, requests_per_second: float = 1, write_share: float = 0) -> Sample:
    return Sample(
        requests_per_second=requests_per_second,
        p50_ms=1,
        p99_ms=2,
        cpu_us=cpu_us,
        peak_mb=80,
        first_response_s=0.5,
        write_share=write_share,
    )


@pytest.fixture
def results() -> Results:
    """One round in which every workload costs a multiple of the floor's 20 µs, and a first read 100."""
    ours = {POLL: sample(40, 25_000), WRITE: sample(650), FIRST_READS: sample(150, write_share=1 / 11)}
    return Results(
        machine=Results.model_validate_json(raw("own")).machine,
        load={
            "floor": [sample(20, 50_000)],
            "floor with a query": [sample(40, 25_000)],
            "mockserver": [sample(30, 36_000)],
            "mockserver, watched": [sample(33, 27_000)],
            "json-server": [sample(60, 12_000)],
            "Prism": [sample(90, 11_000)],
        },
        workloads={workload: {"mockserver": [measured]} for workload, measured in ours.items()},
        seeding=[SeedingSample(name="mockserver at v9.9.9", restores=1000, seconds=0.5, file_bytes=44_000)],
        journals=[JournalSample(name="mockserver", projects=200, requests=300, per_page=100, peak_mb=96)],
    )


def test_the_writes_are_subtracted_from_first_reads(results: Results) -> None:
    assert f"| {FIRST_READS} | mockserver | 100 | 5.00 | 2.50 |  |  |  |  |" in report(results)
    assert f"| {FIRST_READS} | 100 | 5.00 | 2.50 |" in summary_of_workloads(results)


def test_every_workload_is_compared_with_both_floors(results: Results) -> None:
    page, poll = "| one page again and again | mockserver |", f"| {POLL} | mockserver |"
    assert f"{page} 30 | 1.50 | 0.75 | 36,000 | 0.72 | 1.44 | 2.0 |" in report(results)
    assert f"{poll} 40 | 2.00 | 1.00 | 25,000 | 0.50 | 1.00 | 2.0 |" in report(results)


def test_mockserver_is_compared_with_the_fastest_peer(results: Results) -> None:
    assert "Requests/s of mockserver: 3.00 times those of json-server." in report(results)


def test_the_cost_of_the_live_page_is_a_ratio_to_the_same_server_without_it(results: Results) -> None:
    cost = (
        "With its live page open, mockserver takes 1.10 times the CPU time per request, for 0.75 times the requests/s."
    )
    assert cost in report(results)


def test_the_tables_of_seeding_and_journals_name_the_checkout(results: Results) -> None:
    assert "| `mockserver at v9.9.9 seed --restores 1000` | 0.5 | 2,000 | 44 |" in report(results)
    assert "| 200 projects, kept, 300 requests each, pages of 100 | mockserver | 96 |" in report(results)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Another checkout, whose mockserver only writes its own path."""
    package = tmp_path / "beside" / "mockserver"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import pathlib; pathlib.Path('ran').write_text(__file__)")
    return package.parent


def test_another_checkout_runs_its_own_modules_and_is_named_after_its_commit(beside: Path, tmp_path: Path) -> None:
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"], ["tag", "v9.9.9"]):
        author = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
        subprocess.run(["git", "-C", str(beside), *author, *arguments], check=True)
    checkout = checkout_beside(beside)
    assert checkout.name == "mockserver at v9.9.9"
    workplace = Workplace(tmp_path)
    workplace.run(checkout.command(), checkout.root)
    assert (tmp_path / "ran").read_text(encoding="utf-8") == str(beside / "mockserver" / "__main__.py")
    assert THIS.server().root == ROOT != checkout.server().root


def test_the_folder_of_beside_must_be_a_checkout(beside: Path, tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="needs a git checkout"):
        checkout_beside(beside)
    with pytest.raises(UnusableError, match="has no mockserver"):
        checkout_beside(tmp_path)


def test_the_peers_are_locked_at_the_required_versions_without_a_registry() -> None:
    lock = json.loads((PEERS / "package-lock.json").read_text(encoding="utf-8"))
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in versions()} == versions()
    assert not any("resolved" in package for package in lock["packages"].values())
