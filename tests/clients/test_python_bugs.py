"""A sync and a client that waits, written in Python: each of their typical bugs fails an assertion that names it."""

from collections.abc import Callable

import pytest

from mockserver.instants import timestamp
from mockserver.testing import Project, Server
from mockserver.testing.options import ClockSetting
from tests.clients.python import sync, wait
from tests.support import NOW, RunningServer
from tests.testing.asking import failure_of

FROZEN: ClockSetting = {"mode": "frozen", "now": timestamp(NOW)}


@pytest.fixture
def mock(server: RunningServer) -> Project:
    """A project with four pages of restores, whose clock stands still."""
    return Server(server.url).make_project(scenario="many", restores=180, clock=FROZEN)


def run_sync(mock: Project, bug: sync.Bug = sync.Bug.NONE) -> list[int]:
    return sync.sync(mock.restores_url, mock.token, sleep=mock.clock.sleep, bug=bug)


def is_complete(mock: Project, stored: list[int]) -> None:
    mock.assert_walk("complete", patient=True)
    mock.assert_restores(stored)


def nothing(_: Project) -> None:
    """The server behaves."""


def inserts(mock: Project) -> None:
    mock.faults.add("mutate", insert=5, page=1, times=1)


def limits(mock: Project) -> None:
    mock.faults.add("status", status=429, retry_after=30, page=2, times=2)


def fails(mock: Project) -> None:
    mock.faults.add("status", status=503, page=3, times=1)


@pytest.mark.parametrize("trouble", [nothing, limits, fails])
def test_a_correct_sync_has_every_restore(mock: Project, trouble: Callable[[Project], None]) -> None:
    trouble(mock)
    mock.assert_restores(run_sync(mock))
    mock.assert_walk("complete", patient=True)


SYNC_BUGS = [
    (
        sync.Bug.FORGETS_THE_LAST_PAGE,
        nothing,
        "the last 30 of the list are missing, as if the last page was not stored",
    ),
    (sync.Bug.COUNTS_PAGES, inserts, 'got "repeated": reached the end, but 5 restores came twice'),
    (sync.Bug.IGNORES_RETRY_AFTER, limits, "with 2 retries; 2 retries came up to "),
    (sync.Bug.STOPS_EARLY, nothing, 'got "abandoned": stopped after page 2 although hasNextPage was true'),
    (sync.Bug.GIVES_UP, fails, 'got "abandoned": gave up on page 3, which failed'),
    (sync.Bug.OVERRUNS, nothing, 'got "overran": requested 1 page beyond page 4, whose hasNextPage was false'),
    (sync.Bug.COUNTS_BESIDE_CURSORS, nothing, 'got "mixed": sent page=2 beside a cursor'),
    (sync.Bug.NEVER_MOVES_ON, nothing, 'got "looped": requested page 2 again after it succeeded'),
]


@pytest.mark.parametrize(("bug", "trouble", "message"), SYNC_BUGS, ids=[bug.name for bug, *_ in SYNC_BUGS])
def test_each_bug_of_a_sync_is_named(
    mock: Project, bug: sync.Bug, trouble: Callable[[Project], None], message: str
) -> None:
    trouble(mock)
    stored = run_sync(mock, bug)
    assert message in failure_of(is_complete, mock, stored)


def run_wait(mock: Project, bug: wait.Bug = wait.Bug.NONE, outcome: str = "completed") -> tuple[int, str | None]:
    """Adds a restore and waits for it, at most a minute, in no time."""
    restore = mock.restores.add(starts_after=5, ends_after=40, outcome=outcome)  # type: ignore[arg-type]  # an outcome
    assert isinstance(restore.id, int)
    clock = mock.clock
    status = wait.wait_for_restore(
        *(mock.restores_url, mock.token, restore.id),
        timeout=60,
        sleep=clock.sleep,
        monotonic=clock.monotonic,
        bug=bug,
    )
    return restore.id, status


@pytest.mark.parametrize("outcome", ["completed", "failed", "aborted"])
def test_a_correct_client_waits_until_the_end(mock: Project, outcome: str) -> None:
    restore, status = run_wait(mock, outcome=outcome)
    assert status == outcome
    mock.assert_polled(restore, min_interval=10)


WAIT_BUGS = [
    (wait.Bug.TOO_OFTEN, "completed", "too often: every 1 s by the project's clock at the closest"),
    (wait.Bug.GOES_ON, "completed", "polled on after the end: 1 request came after a response that showed restore "),
    (wait.Bug.WAITS_FOR_SUCCESS, "failed", "polled on after the end: 1 request came after a response that showed "),
    (wait.Bug.STOPS_EARLY, "completed", "stopped too early: the last response showed restore "),
    (wait.Bug.NEVER_ASKS, "completed", "it was never polled"),
]


@pytest.mark.parametrize(("bug", "outcome", "message"), WAIT_BUGS, ids=[bug.name for bug, *_ in WAIT_BUGS])
def test_each_bug_of_a_client_that_waits_is_named(mock: Project, bug: wait.Bug, outcome: str, message: str) -> None:
    restore, _ = run_wait(mock, bug, outcome)
    assert message in failure_of(mock.assert_polled, restore, min_interval=10)


def test_every_bug_is_tested() -> None:
    assert [bug for bug, *_ in SYNC_BUGS] == list(sync.Bug)[1:]
    assert [bug for bug, *_ in WAIT_BUGS] == list(wait.Bug)[1:]
