"""One run: sends the probes of the plan, then judges every row."""

from contextlib import ExitStack
from dataclasses import dataclass

from mockserver.check.checks import CHECKS
from mockserver.check.judging import Finding, Result, judge
from mockserver.check.make import created_projects
from mockserver.check.options import Options
from mockserver.check.plan import BY_NAME, Plan, make_plan
from mockserver.check.probes import GATE
from mockserver.check.record import Record
from mockserver.check.requests import Exchange
from mockserver.check.session import Session, StoppedError
from mockserver.check.undecided import Reason
from mockserver.contract.fidelity import Row
from mockserver.contract.versions import Contract


@dataclass(frozen=True)
class Outcome:
    """The result of a run. ``problem`` says why it ended early, if it did."""

    contract: Contract
    rows: tuple[Row, ...]
    findings: dict[str, Finding]
    exchanges: tuple[Exchange, ...]
    problem: str | None = None

    def count(self, result: Result) -> int:
        """How many rows have this result."""
        return sum(finding.result is result for finding in self.findings.values())

    @property
    def decided(self) -> int:
        return self.count(Result.AGREES) + self.count(Result.DIFFERS)

    @property
    def differing(self) -> list[Row]:
        return [row for row in self.rows if self.findings[row.id].result is Result.DIFFERS]

    def exchanges_of(self, row: Row) -> list[Exchange]:
        """The exchanges that decided a row, in the order in which its check read them."""
        by_number = {one.number: one for one in self.exchanges}
        return [by_number[number] for number in self.findings[row.id].requests]


def run(options: Options, session: Session) -> Outcome:
    """Checks the server; raises nothing for what a server does."""
    contract = options.contract
    plan = make_plan(options, contract or Contract.V2026)
    problem: StoppedError | None = None
    sent: set[str] = set()
    try:
        with ExitStack() as cleanup:
            if options.make:
                contract = cleanup.enter_context(created_projects(session, contract))
            BY_NAME[GATE].send(session)
            sent.add(GATE)
            contract = contract or _contract_of(session.record)
            plan = make_plan(options, contract)
            for probe in plan.probes:
                if probe.name not in sent:
                    sent.add(probe.name)
                    probe.send(session)
    except StoppedError as stopped:
        problem = stopped
    record = session.record
    record.contract = contract or Contract.V2026
    record.skipped = plan.skipped()
    if problem:
        record.skipped |= {probe.name: problem.reason for probe in plan.probes if probe.name not in sent}
    findings = {row.id: _finding(row, plan, record, problem if GATE not in sent else None) for row in plan.rows}
    return Outcome(
        record.contract, plan.rows, findings, tuple(record.exchanges), None if problem is None else str(problem)
    )


def _finding(row: Row, plan: Plan, record: Record, problem: StoppedError | None) -> Finding:
    if row.id not in CHECKS:
        return Finding(row.id, Result.UNDECIDED, Reason.EMULATOR_ONLY)
    if problem:
        return Finding(row.id, Result.UNDECIDED, problem.reason)
    if plan.lacks(row):
        missing = plan.skipped()
        names = [name for probe in CHECKS[row.id].probes for name in probe.split("|")]
        return Finding(row.id, Result.UNDECIDED, next(missing[name] for name in names if name in missing))
    return judge(CHECKS[row.id], record)


def _contract_of(record: Record) -> Contract:
    """The contract by the form of the first id; that of today if there is none."""
    first = record.find("list:1")
    ids = first.page.ids if first and first.page else []
    return Contract.V2024 if ids and isinstance(ids[0], int) else Contract.V2026
