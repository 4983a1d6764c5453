"""`make check-mocks`: runs `mockserver check` on mock servers from npm, and writes bench/results/mocks.json.

Prism and Mockoon get our own OpenAPI document, json-server one page of restores: what a user would start them with.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.client import HOST
from bench.contestants import prepare
from bench.errors import UnusableError
from bench.peers import MODULES, install, json_server, versions
from bench.processes import PORT, Contestant, Workplace
from mockserver.app import api_document
from mockserver.settings import Settings

RESULTS = Path(__file__).parent / "results" / "mocks.json"
PACKAGES = {"Prism": "@stoplight/prism-cli", "Mockoon": "@mockoon/cli", "json-server": "json-server"}
OPTIONS = (
    *("--project", "default-project", "--addon", "example-addon", "--backup", "example-backup"),
    *("--empty-backup", "no-restores", "--other-backup", "single-restore", "--team", "a-team", "--probe-auth"),
    *(
        "--weak-token-env",
        "WEAK",
        "--restricted-token-env",
        "RESTRICTED",
        "--writes",
        "--restore-into",
        "example-addon",
    ),
    *("--contract", "2024", "--max-requests", "200"),
)
"""Every option that needs no control plane."""

TOKENS = {"NORTHFLANK_TOKEN": "one-token", "WEAK": "weak-token", "RESTRICTED": "restricted-token"}
COULD_RUN = (0, 1, 3)


def main() -> None:
    try:
        install()
        with tempfile.TemporaryDirectory(prefix="mocks-") as folder:
            results = check_mocks(Workplace(Path(folder)))
    except UnusableError as failure:
        sys.exit(f"bench: {failure}")
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"written to {RESULTS.relative_to(Path.cwd())}; `make docs` puts it into docs/check.md")


def check_mocks(workplace: Workplace) -> dict[str, dict[str, str]]:
    """The result for each row, by the name and version of the mock."""
    prepare(workplace)
    page = (workplace.folder / "page.json").read_bytes()
    document = workplace.folder / "openapi.json"
    document.write_text(json.dumps(api_document(Settings())), encoding="utf-8")
    results = {}
    for mock in (_prism(document), _mockoon(document), json_server(workplace, page)):
        with workplace.serving(mock) as running:
            results[f"{mock.name} {versions()[PACKAGES[mock.name]]}"] = check(workplace, running.port)
    return results


def check(workplace: Workplace, port: int) -> dict[str, str]:
    """The result for each row, for the server at that port."""
    report = workplace.folder / "report.json"
    command = (sys.executable, "-m", "mockserver", "check", f"http://{HOST}:{port}", *OPTIONS, "--report", str(report))
    environment = workplace.environment | TOKENS
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode not in COULD_RUN:
        raise UnusableError(finished.stderr.strip())
    return {row["id"]: row["result"] for row in json.loads(report.read_text(encoding="utf-8"))["rows"]}


def _prism(document: Path) -> Contestant:
    program = ("node", str(MODULES / "@stoplight/prism-cli/dist/index.js"))
    options = ("mock", "--host", HOST, "--port", PORT, "--verboseLevel", "error", "--multiprocess=false")
    return Contestant("Prism", "an OpenAPI document", (*program, *options, str(document)))


def _mockoon(document: Path) -> Contestant:
    program = ("node", str(MODULES / "@mockoon/cli/bin/run.js"))
    options = (
        "start",
        "--data",
        str(document),
        "--hostname",
        HOST,
        "--port",
        PORT,
        "--disable-log-to-file",
        "--faker-seed",
        "1",
    )
    return Contestant("Mockoon", "an OpenAPI document", (*program, *options))


if __name__ == "__main__":
    main()
