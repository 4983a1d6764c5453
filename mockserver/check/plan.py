"""What a run would request: the probes that the chosen rows need, and the rows that cannot be decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.check.checks import CHECKS
from mockserver.check.judging import Check
from mockserver.check.options import Options
from mockserver.check.probes import GATE, PROBES, Need, Probe
from mockserver.check.undecided import Reason
from mockserver.contract.fidelity import FIDELITY, Row
from mockserver.contract.versions import Contract

BY_NAME = {probe.name: probe for probe in PROBES}


@dataclass(frozen=True)
class Plan:
    """The rows of a run, the probes to send, and for each probe that cannot be sent the needs that are not met."""

    rows: tuple[Row, ...]
    probes: tuple[Probe, ...]
    lacking: dict[str, frozenset[Need]]

    @property
    def requests(self) -> int:
        """The most requests that it takes."""
        return sum(probe.requests for probe in self.probes)

    def skipped(self) -> dict[str, Reason]:
        """Why each of the other probes is not sent."""
        return {
            name: Reason.WOULD_WRITE if Need.WRITES in needs else Reason.NEEDS_OPTION
            for name, needs in self.lacking.items()
        }

    def lacks(self, row: Row) -> frozenset[Need]:
        """What it would take to decide a row; empty if nothing is missing, or no request decides it."""
        check = CHECKS.get(row.id)
        if check is None:
            return frozenset()
        needs: set[Need] = set()
        for probe in check.probes:
            alternatives = [self.lacking.get(name, frozenset()) for name in probe.split("|")]
            if all(alternatives):
                needs |= alternatives[0]
        return frozenset(needs)


def make_plan(options: Options, contract: Contract) -> Plan:
    """The plan for these options and a server with this contract."""
    rows = tuple(row for row in FIDELITY if row.id in options.rows and row.contract in {None, contract})
    needed = {GATE}
    for row in rows:
        if row.id in CHECKS:
            needed |= _probes_of(CHECKS[row.id])
    available = available_needs(options)
    chosen = [probe for probe in PROBES if probe.name in needed and probe.contract in {None, contract}]
    lacking = {probe.name: probe.needs - available for probe in chosen if probe.needs - available}
    return Plan(rows, tuple(probe for probe in chosen if probe.name not in lacking), lacking)


def available_needs(options: Options) -> frozenset[Need]:
    """What the options give."""
    if options.make:
        return frozenset(Need) - {Need.WATCH}
    values = {
        Need.EMPTY_BACKUP: options.empty_backup,
        Need.OTHER_BACKUP: options.other_backup,
        Need.WEAK_TOKEN: options.weak_token,
        Need.RESTRICTED_TOKEN: options.restricted_token,
        Need.TEAM: options.team,
        Need.PROBE_AUTH: options.probe_auth,
        Need.WATCH: options.watch,
        Need.WRITES: options.writes,
    }
    return frozenset(need for need, value in values.items() if value)


def plan_text(options: Options, plan: Plan) -> Iterable[str]:
    """The plan for people."""
    budget = "no budget" if options.make else f"a budget of {options.max_requests}"
    yield f"{plan.requests} requests at most, with {budget}:"
    for probe in plan.probes:
        yield f"  {probe.requests:3}  {probe.name}"
    if not options.make and plan.requests > options.max_requests:
        yield "That may be over the budget: the last probes are then not sent. Raise --max-requests."
    decided = [row for row in plan.rows if row.id in CHECKS and not plan.lacks(row)]
    yield f"{len(decided)} of {len(plan.rows)} rows could be decided, if the data suffices."
    by_needs: dict[str, list[str]] = {}
    for row in plan.rows:
        needs = plan.lacks(row)
        if needs:
            by_needs.setdefault(", ".join(sorted(needs)), []).append(row.id)
    for text, ids in by_needs.items():
        yield f"With {text}: {', '.join(ids)}"
    only = [row.id for row in plan.rows if row.id not in CHECKS]
    if only:
        yield f"No request decides: {', '.join(only)}"


def _probes_of(check: Check) -> set[str]:
    names = {name for probe in (*check.probes, *check.optional) for name in probe.split("|")}
    return names | {used for name in names for used in BY_NAME[name].uses}
