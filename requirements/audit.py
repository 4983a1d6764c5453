"""Asks for known vulnerabilities of what locks name, and says plainly where nobody could be asked: `make audit`.

pip-audit ends well where it could look nothing up. Here what was not looked up is counted and told; with --strict it is
a failure, as it should be wherever the service can be reached.
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
    """What is known of the packages of some locks."""

    clear: int = 0
    unknown: list[str] = field(default_factory=list)
    vulnerable: list[str] = field(default_factory=list)

    def add(self, dependencies: list[dict[str, Any]]) -> None:
        """Counts what pip-audit said of each."""
        for found in dependencies:
            pinned = f"{found['name']} {found.get('version', '')}".strip()
            if "skip_reason" in found:
                self.unknown.append(found["name"])
            elif found["vulns"]:
                ids = ", ".join(vulnerability["id"] for vulnerability in found["vulns"])
                fixes = sorted({version for one in found["vulns"] for version in one["fix_versions"]})
                self.vulnerable.append(f"{pinned}: {ids}; fixed in {', '.join(fixes) or 'no release'}")
            else:
                self.clear += 1

    def told(self) -> str:
        """All of it, for a person."""
        lines = [f"vulnerable: {one}" for one in self.vulnerable]
        if self.unknown:
            lines.append(f"NOT AUDITED: {len(self.unknown)} packages, of which nobody here could be asked")
        return "\n".join([*lines, f"no known vulnerability: {self.clear} packages"])

    def exit_code(self, *, strict: bool) -> int:
        """1 for a vulnerability, and, where that is wanted, for a package that nobody could be asked about."""
        return int(bool(self.vulnerable or (strict and self.unknown)))


def audited(lock: Path, osv_url: str | None) -> list[dict[str, Any]]:
    """What pip-audit finds out about each package of a lock."""
    service = ("--vulnerability-service", "osv", "--osv-url", osv_url) if osv_url else ()
    tool = (sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--format", "json")
    ended = subprocess.run(  # noqa: S603 - the tool's own words
        [*tool, "--disable-pip", "--require-hashes", *service, "--requirement", str(lock)],
        capture_output=True,
        text=True,
        timeout=AUDIT_SECONDS,
        check=False,
    )
    try:
        dependencies: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except ValueError:  # it gives up at the first package where the service cannot be reached
        print(f"{lock}: {ended.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return [{"name": name, "skip_reason": "not reached"} for name in names_in(lock)]
    return dependencies


def names_in(lock: Path) -> list[str]:
    """The packages that a lock names."""
    return [line.partition("==")[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line]


def main() -> None:
    """Audits each lock."""
    parser = argparse.ArgumentParser(description="Known vulnerabilities of what locks name.")
    parser.add_argument("locks", nargs="+", type=Path)
    parser.add_argument("--strict", action="store_true", help="fail where a package could not be looked up")
    parser.add_argument("--osv-url", help="ask this service, which speaks OSV's language, rather than PyPI")
    asked = parser.parse_args()
    report = Report()
    for lock in asked.locks:
        report.add(audited(lock, asked.osv_url))
    print(report.told())
    sys.exit(report.exit_code(strict=asked.strict))


if __name__ == "__main__":
    main()
