"""A check is a guest: it keeps its budget and its pace, and gives way to a rate limit."""

from collections.abc import Iterator

import pytest

from mockserver.check.judging import Result
from mockserver.check.run import Outcome, run
from mockserver.check.session import Session, is_loopback
from mockserver.check.undecided import Reason
from tests.check.mutations import header
from tests.check.support import (
    OF_BACKUP,
    Mutant,
    Request,
    Response,
    check,
    options_for,
    rows_with,
    session_for,
)
from tests.support import RunningServer, SteppedClock


@pytest.fixture
def limiting(mutable: tuple[RunningServer, Mutant]) -> Iterator[tuple[str, Mutant]]:
    server, mutant = mutable
    yield server.url, mutant
    mutant.before = mutant.after = None


def reasons(outcome: Outcome) -> set[Reason | None]:
    return {outcome.findings[row].reason for row in rows_with(outcome, Result.UNDECIDED)}


def limit(mutant: Mutant, *, first: int, last: int, retry_after: str = "7") -> None:
    """Has the server answer the requests from ``first`` to ``last`` with a 429."""
    numbers = iter(range(1, 1000))

    def after(_: Request, response: Response) -> None:
        if first <= next(numbers) <= last:
            response.status = 429
            response.json = {"error": {"status": 429, "message": "slow down", "id": "nf-rate-limited"}}
            response.headers["retry-after"] = retry_after

    mutant.after = after


def pausing(url: str) -> tuple[Outcome, list[float]]:
    """The outcome of a check, and how long it paused each time."""
    pauses: list[float] = []
    options = options_for(url, **OF_BACKUP)
    return run(options, session_for(options, pause=pauses.append)), pauses


def test_the_budget_holds(server: RunningServer) -> None:
    outcome = check(server.url, **OF_BACKUP, max_requests="20")
    assert len(outcome.exchanges) == 20
    assert "budget" in str(outcome.problem)
    assert Reason.OVER_BUDGET in reasons(outcome)
    assert outcome.count(Result.AGREES) > 0


def test_a_retry_after_is_honoured_once(limiting: tuple[str, Mutant]) -> None:
    url, mutant = limiting
    limit(mutant, first=5, last=5)
    outcome, pauses = pausing(url)
    assert pauses == [7]
    assert outcome.problem is None
    names = [one.name for one in outcome.exchanges]
    assert names[4] == names[5]


def test_a_second_429_ends_the_run(limiting: tuple[str, Mutant]) -> None:
    url, mutant = limiting
    limit(mutant, first=5, last=1000)
    outcome, pauses = pausing(url)
    assert pauses == [7]
    assert len(outcome.exchanges) == 6
    assert "429" in str(outcome.problem)
    assert Reason.OVER_BUDGET in reasons(outcome)


@pytest.mark.parametrize("retry_after", ["86400", "tomorrow"])
def test_a_retry_after_that_cannot_be_waited_for_ends_the_run(limiting: tuple[str, Mutant], retry_after: str) -> None:
    url, mutant = limiting
    limit(mutant, first=5, last=5, retry_after=retry_after)
    assert len(check(url, **OF_BACKUP).exchanges) == 5


def test_a_tenth_of_the_services_rate_limit_is_left_to_others(limiting: tuple[str, Mutant]) -> None:
    url, mutant = limiting
    mutant.after = lambda _, response: header("x-ratelimit-remaining", "99")(response)
    outcome = check(url, **OF_BACKUP)
    assert len(outcome.exchanges) == 1
    assert "99 of 1000" in str(outcome.problem)


def test_at_most_five_requests_a_second(server: RunningServer, clock: SteppedClock) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock.seconds += seconds

    options = options_for(server.url, **OF_BACKUP, rows="list")
    outcome = run(options, session_for(options, paced=True, pause=pause, clock=clock))
    assert pauses == pytest.approx([0.2] * (len(outcome.exchanges) - 1))


def test_a_session_that_may_not_write_sends_no_post(server: RunningServer) -> None:
    session: Session = session_for(options_for(server.url, **OF_BACKUP))
    with pytest.raises(ValueError, match="POST would write"):
        session.send("POST", "restores:start", "/v1/projects")
    assert session.record.exchanges == []


def test_only_this_machine_needs_no_pace() -> None:
    for url in ("http://localhost", "http://127.0.0.1:8080", "http://127.1.2.3", "http://[::1]:8080"):
        assert is_loopback(url)
    for url in ("https://api.northflank.com", "http://127.example.com"):
        assert not is_loopback(url)
