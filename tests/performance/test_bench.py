"""The benches' results are what their raw figures say, and name nothing of the machine that made them."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.figures import Results, middle_and_spread, ratios
from bench.load import require_wrk
from bench.peers import FOLDER as PEERS
from bench.peers import versions
from bench.plot import plot
from bench.processes import ROOT, UnusableError
from bench.report import report

RESULTS = ROOT / "bench" / "results"
RUNS = sorted(path.stem for path in RESULTS.glob("*.json"))


def raw(run: str) -> str:
    return (RESULTS / f"{run}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("run", RUNS)
def test_the_table_and_the_plot_are_made_of_the_raw_figures(run: str) -> None:
    results = Results.model_validate_json(raw(run))
    hint = "write them anew: python -m bench render"
    assert (RESULTS / f"{run}.md").read_text(encoding="utf-8") == report(results), hint
    assert (RESULTS / f"{run}.svg").read_text(encoding="utf-8") == plot(results), hint


@pytest.mark.parametrize("run", RUNS)
def test_a_plot_can_be_read_and_has_a_bar_for_each_that_was_measured(run: str) -> None:
    image = ET.fromstring(plot(Results.model_validate_json(raw(run))))  # noqa: S314 - made here
    bars = [element for element in image.iter() if element.tag.endswith("rect")]
    assert len(bars) == len(json.loads(raw(run))["load"])


@pytest.mark.parametrize("run", RUNS)
def test_results_name_no_path_of_a_machine(run: str) -> None:
    assert not re.search(r"(?<![\w<])/(home|root|tmp|usr|work|Users)\b", raw(run))


def test_the_middle_of_the_rounds_is_told_with_their_spread() -> None:
    assert middle_and_spread([3000, 1000.4, 2000]) == "2,000 (1,000 to 3,000)"
    assert middle_and_spread([0.5, 0.5], 2) == "0.50"
    assert ratios([1, 9], [2, 3]) == [0.5, 3]


def test_without_wrk_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnusableError, match="apt-get install wrk"):
        require_wrk()


def test_the_peers_are_locked_at_the_versions_that_are_asked_for_and_no_registry_is_named() -> None:
    lock = json.loads((PEERS / "package-lock.json").read_text(encoding="utf-8"))
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in versions()} == versions()
    assert not any("resolved" in package for package in lock["packages"].values())
