"""The check, against our own server: it decides every row that requests can decide, and all agree."""

from collections.abc import Iterator

import pytest

from mockserver.check.checks import CHECKS
from mockserver.check.judging import Result
from mockserver.check.plan import BY_NAME
from mockserver.check.run import Outcome
from mockserver.check.undecided import Reason
from mockserver.contract.fidelity import FIDELITY
from mockserver.contract.versions import Contract
from tests.check.support import OF_BACKUP, check, rows_with
from tests.support import RunningServer, running_server


@pytest.fixture(scope="module", params=list(Contract))
def outcome(request: pytest.FixtureRequest) -> Iterator[Outcome]:
    with running_server(contract=request.param) as server:
        yield check(server.url, make=True)


def test_every_row_that_requests_can_decide_is_decided_and_agrees(outcome: Outcome) -> None:
    assert outcome.problem is None
    decidable = {row.id for row in FIDELITY if row.id in CHECKS and row.contract in {None, outcome.contract}}
    assert rows_with(outcome, Result.DIFFERS) == set()
    assert rows_with(outcome, Result.AGREES) >= decidable


def test_the_others_are_the_emulators_own(outcome: Outcome) -> None:
    undecided = [outcome.findings[row] for row in rows_with(outcome, Result.UNDECIDED)]
    assert {finding.reason for finding in undecided} == {Reason.EMULATOR_ONLY}
    assert rows_with(outcome, Result.CHECK_ERROR) == set()


def test_no_probe_sends_more_requests_than_the_plan_says(outcome: Outcome) -> None:
    for name, probe in BY_NAME.items():
        sent = [one for one in outcome.exchanges if one.name.startswith(f"{name}:")]
        assert len(sent) <= probe.requests, name


def test_the_projects_that_it_makes_are_deleted_at_the_end(server: RunningServer) -> None:
    def projects() -> list[str]:
        return [one["projectId"] for one in server.client.get("/_mock/projects").json()["projects"]]

    before = projects()
    check(server.url, make=True, rows="list")
    assert projects() == before


def test_without_options_it_reads_only_and_all_that_is_decided_agrees(server: RunningServer) -> None:
    outcome = check(server.url, **OF_BACKUP)
    assert {one.method for one in outcome.exchanges} <= {"GET", "HEAD"}
    assert outcome.count(Result.AGREES) > 60
    assert rows_with(outcome, Result.DIFFERS) == set()
    reasons = {outcome.findings[row].reason for row in rows_with(outcome, Result.UNDECIDED)}
    assert reasons <= {Reason.NEEDS_OPTION, Reason.WOULD_WRITE, Reason.EMULATOR_ONLY, Reason.NEEDS_DATA}


def test_a_backup_with_three_restores_is_enough_for_all_of_paging(server: RunningServer) -> None:
    few = {"project": "staging", "addon": "documents", "backup": "weekly"}
    outcome = check(server.url, **few, rows="pages")
    undecided = rows_with(outcome, Result.UNDECIDED)
    assert undecided == {"pages.per-page-default", "pages.cursor-is-position"}
