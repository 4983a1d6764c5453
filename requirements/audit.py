"""Looks up known vulnerabilities of locked packages, and says which could not be looked up: `make audit`.

pip-audit succeeds even if it could not look anything up. This script reports such packages; with --strict they are a
failure, which CI uses, as it can reach the service.
"""  # noqa: INP001 - a script

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

AUDIT_SECONDS = 300


@dataclass
class Report:
    """The result for the packages of some locks."""

    clear: int = 0
    unknown: list[str] = field(default_factory=list)
    vulnerable: list[str] = field(default_factory=list)

    def add(self, dependencies: list[dict[str, Any]]) -> None:
        """Adds pip-audit's results for these packages."""
        for package in dependencies:
            pinned = f"{package['name']} {package.get('version', '')}".strip()
            if "skip_reason" in package:
                self.unknown.append(package["name"])
            elif package["vulns"]:
                ids = ", ".join(vulnerability["id"] for vulnerability in package["vulns"])
                fixes = sorted({version for one in package["vulns"] for version in one["fix_versions"]})
                self.vulnerable.append(f"{pinned}: {ids}; fixed in {', '.join(fixes) or 'no release'}")
            else:
                self.clear += 1

    def text(self) -> str:
        """The report as lines of text."""
        lines = [f"vulnerable: {one}" for one in self.vulnerable]
        if self.unknown:
            lines.append(f"NOT AUDITED: {len(self.unknown)} packages, because the service could not be reached")
        return "\n".join([*lines, f"no known vulnerability: {self.clear} packages"])

    def exit_code(self, *, strict: bool) -> int:
        """1 if a package is vulnerable or, with ``strict``, could not be looked up; otherwise 0."""
        return int(bool(self.vulnerable or (strict and self.unknown)))


def audited(lock: Path, osv_url: str | None) -> list[dict[str, Any]]:
    """Runs pip-audit on a lock; the result for each package."""
    service = ("--vulnerability-service", "osv", "--osv-url", osv_url) if osv_url else ()
    tool = (sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--format", "json")
    ended = subprocess.run(  # noqa: S603 - fixed arguments
        [*tool, "--disable-pip", "--require-hashes", *service, "--requirement", str(lock)],
        capture_output=True,
        text=True,
        timeout=AUDIT_SECONDS,
        check=False,
    )
    try:
        dependencies: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except ValueError:  # it stops at the first package if the service cannot be reached
        print(f"{lock}: {ended.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return [{"name": name, "skip_reason": "not reached"} for name in names_in(lock)]
    return dependencies


def names_in(lock: Path) -> list[str]:
    """The names of the packages in a lock."""
    return [line.partition("==")[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line]


def main() -> None:
    """Audits each lock, prints the report and exits."""
    parser = argparse.ArgumentParser(description="Looks up known vulnerabilities of locked packages.")
    parser.add_argument("locks", nargs="+", type=Path)
    parser.add_argument("--strict", action="store_true", help="fail if a package could not be looked up")
    parser.add_argument("--osv-url", help="use this service, with OSV's API, instead of PyPI")
    arguments = parser.parse_args()
    report = Report()
    for lock in arguments.locks:
        report.add(audited(lock, arguments.osv_url))
    print(report.text())
    sys.exit(report.exit_code(strict=arguments.strict))


if __name__ == "__main__":
    main()
