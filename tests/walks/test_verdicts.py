"""Correct and faulty clients of a list, and the verdict on each."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice, zip_longest
from operator import itemgetter
from types import FrameType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import Status
from mockserver.walks.verdicts import JudgedWalk, Verdict, verdicts
from mockserver.walks.walks import ListRequest

ADDON, BACKUP = "example-addon", "example-backup"
PER_PAGE = 50
STEP_MS = 100  # between two requests
GAP = 10  # between the ids of two restores


class ListResponse(NamedTuple):
    """The response to a request."""

    restores: tuple[int, ...] = ()
    cursor: str | None = None
    failed: bool = False


@dataclass
class Service:
    """A list of restores, newest first, with page numbers and cursors; records every request."""

    restores: list[int]
    failing: set[int] = field(default_factory=set)  # the numbers of the requests that fail, from 1
    status: Status = Status.COMPLETED
    now: int = 0
    virtual: int = 0  # by how much the project's clock is ahead
    wait_ms: int | None = None  # for how long a failed response tells the client to wait
    requests: list[ListRequest] = field(default_factory=list)

    def get(
        self, page: int | None = None, cursor: str | None = None, per_page: int = PER_PAGE, sender: str = "one"
    ) -> ListResponse:
        number = page or 1
        offset = (number - 1) * per_page
        if cursor is not None:
            after, number = map(int, cursor.split("-"))
            offset = sum(restore >= after for restore in self.restores)
        sent = tuple(self.restores[offset : offset + per_page])
        more = len(self.restores) > offset + per_page
        failed = len(self.requests) + 1 in self.failing
        response = (
            ListResponse(failed=True) if failed else ListResponse(sent, f"{sent[-1]}-{number + 1}" if more else None)
        )
        statuses = (self.status,) * len(response.restores)
        request = ListRequest(*(sender, ADDON, BACKUP, self.now, cursor, number, failed, response.restores, statuses))
        self.requests.append(
            replace(
                request,
                next_cursor=response.cursor,
                number=len(self.requests) + 1,
                project_time=self.now + self.virtual,
                page_beside_cursor=None if cursor is None else page,
                wait_ms=self.wait_ms if failed else None,
            )
        )
        self.now += STEP_MS
        return response

    def insert(self, restores: int) -> None:
        newest = max(self.restores, default=0)
        self.restores[:0] = [newest + GAP * (restores - position) for position in range(restores)]

    def delete(self, restores: int) -> None:
        del self.restores[:restores]

    def count_from(self, _project_id: str, addon_id: str, backup_id: str, restore_id: int) -> int:
        assert (addon_id, backup_id) == (ADDON, BACKUP)
        return sum(restore <= restore_id for restore in self.restores)

    def walks(self) -> list[JudgedWalk]:
        return verdicts(self.requests, self.count_from)


def service(restores: int = 180, *failing: int) -> Service:
    return Service([position * GAP for position in range(restores, 0, -1)], set(failing))


class ExpectedWalk(NamedTuple):
    """The columns of a verdict that most tests compare."""

    verdict: Verdict
    pages: int
    seen: int
    total: int
    explanation: str
    retries: int = 0


def columns(walks: list[JudgedWalk]) -> list[ExpectedWalk]:
    return [
        ExpectedWalk(each.verdict, each.pages, each.restores_seen, each.restores_total, each.explanation, each.retries)
        for each in walks
    ]


# Clients: iterators that send one request per step, so that several can run concurrently.

Client = Iterator[ListResponse]


def until_it_succeeds(server: Service, **parameters: Any) -> Client:
    """Repeats a request until it succeeds."""
    while (response := server.get(**parameters)).failed:
        yield response
    yield response


def follows_cursors(server: Service, page: int | None = None, sender: str = "one", per_page: int = PER_PAGE) -> Client:
    cursor = None
    while True:
        for response in until_it_succeeds(server, page=page, cursor=cursor, sender=sender, per_page=per_page):
            yield response
        if not response.cursor:
            return
        cursor, page = response.cursor, None


def sends_its_first_page_with_each_cursor(server: Service) -> Client:
    cursor = None
    while True:
        yield (response := server.get(page=1, cursor=cursor))
        if not (cursor := response.cursor):
            return


def counts_pages(server: Service, start: int = 1, sender: str = "one", per_page: int = PER_PAGE) -> Client:
    for page in count(start):
        for response in until_it_succeeds(server, page=page, sender=sender, per_page=per_page):
            yield response
        if not response.cursor:
            return


def requests_pages(*pages: int) -> Callable[[Service], Client]:
    """Requests these pages by number, whatever the responses are."""

    def client(server: Service) -> Client:
        for page in pages:
            yield server.get(page=page)

    return client


def stops_after(requests: int, client: Callable[[Service], Client] = follows_cursors) -> Callable[[Service], Client]:
    def stopping(server: Service) -> Client:
        return islice(client(server), requests)

    return stopping


def ignores_the_cursor(server: Service) -> Client:
    for _ in range(4):
        yield server.get()


def sends_a_cursor_twice(server: Service) -> Client:
    yield (first := server.get())
    yield server.get(cursor=first.cursor)
    yield from follows_from(server, first.cursor)


def sends_every_cursor_twice(server: Service) -> Client:
    yield (response := server.get())
    while response.cursor:
        yield server.get(cursor=response.cursor)
        yield (response := server.get(cursor=response.cursor))


def sends_its_page_with_each_cursor(first: int | None, beside: int) -> Callable[[Service], Client]:
    def client(server: Service) -> Client:
        yield (response := server.get(page=first))
        while response.cursor:
            yield (response := server.get(page=beside, cursor=response.cursor))

    return client


def counts_pages_beside_cursors(server: Service) -> Client:
    cursor = None
    for page in count(1):
        yield (response := server.get(page=page, cursor=cursor))
        if not (cursor := response.cursor):
            return


def follows_from(server: Service, cursor: str | None) -> Client:
    while cursor:
        yield (response := server.get(cursor=cursor))
        cursor = response.cursor


def follows_only_the_first_cursor(server: Service) -> Client:
    yield (first := server.get())
    for _ in range(4):
        yield server.get(cursor=first.cursor)


def starts_over_after_a_failure(server: Service) -> Client:
    while True:
        for response in follows_cursors(server):
            yield response
            if response.failed:
                break
        else:
            return


def gives_up_on_a_failure(server: Service) -> Client:
    for response in follows_cursors(server):
        yield response
        if response.failed:
            return


def counts_to_two_and_follows_the_cursor(server: Service) -> Client:
    yield server.get(page=1)
    yield (second := server.get(page=2))
    yield from follows_from(server, second.cursor)


def follows_a_cursor_and_then_counts(server: Service) -> Client:
    yield (first := server.get())
    yield server.get(cursor=first.cursor)
    yield server.get(page=3)
    yield server.get(page=4)


def follows_cursors_again_after_counting(server: Service) -> Client:
    yield (first := server.get())
    yield (second := server.get(cursor=first.cursor))
    yield server.get(page=4)
    yield server.get(cursor=second.cursor)


def starts_again_at_the_end(server: Service) -> Client:
    yield from follows_cursors(server)
    yield from follows_cursors(server)


def two_pages_of_ten_then_the_rest(server: Service) -> Client:
    yield (first := server.get(per_page=10))
    yield (second := server.get(cursor=first.cursor, per_page=10))
    yield from follows_from(server, second.cursor)


def run(*clients: Client) -> None:
    """Runs clients concurrently, one request of each in turn."""
    for _ in zip_longest(*clients):
        pass


Change = Callable[[Service], None]


def inserts(restores: int) -> Change:
    return lambda server: server.insert(restores)


def inserts_behind(server: Service) -> None:
    server.restores.insert(3, server.restores[3] + 1)


def deletes(positions: slice) -> Change:
    def change(server: Service) -> None:
        del server.restores[positions]

    return change


def walks_of(
    client: Callable[[Service], Client],
    *,
    failing: tuple[int, ...] = (),
    restores: int = 180,
    change: Change = lambda _: None,
    after: int = 1,
    dropped: int = 0,
) -> list[JudgedWalk]:
    """The walks of a client; some of its requests fail, after one the list changes, and the journal drops the first."""
    server = service(restores, *failing)
    for number, _ in enumerate(client(server), 1):
        if number == after:
            change(server)
    del server.requests[:dropped]
    return server.walks()


ALL_BY_PAGE = "reached the end: 180 of 180 restores on 4 pages"
AFTER_ONE = "stopped after page 1 although hasNextPage was true; 130 of 180 restores were never seen"
AFTER_TWO = "stopped after page 2 although hasNextPage was true; 80 of 180 restores were never seen"
AFTER_THREE = "stopped after page 3 although hasNextPage was true; 30 of 180 restores were never seen"
WITHOUT_THREE = "reached the end, but page 3 was never received; 50 of 180 restores were never seen"
OVERTAKEN = (
    "another walk requested the next page: do not start over after a failure, and give each client a token of its own"
)
AGAIN = "requested page 2 again after it succeeded"
IN_PLACE = "continue from the last response"
MIXED = "mixed page numbers and cursors, so that restores may come twice or never: use one of the two"
BESIDE = "beside a cursor although it began with page 1: the cursor wins, so send only that"
STOP = "whose hasNextPage was false: stop there"
RETRY = "retry after a 429 or 5xx"
CHANGED = "reached the end, but the list changed under the page numbers"
NEVER_SEEN = "never seen; cursors do not skip"
POLLED = "100 ms apart at the closest; saw completed; continued after all had ended, although it could have stopped"

COMPLETE = ExpectedWalk(Verdict.COMPLETE, 4, 180, 180, ALL_BY_PAGE)
COMPLETE_AFTER_A_RETRY = COMPLETE._replace(explanation=f"{ALL_BY_PAGE}, with 1 retry", retries=1)
COMPLETE_FROM_TWO = ExpectedWalk(
    *(Verdict.COMPLETE, 3, 130, 130), "reached the end from page 2 on: 130 of 130 restores on 3 pages"
)
FROM_THREE = ExpectedWalk(
    *(Verdict.COMPLETE, 2, 80, 80), "reached the end from page 3 on: 80 of 80 restores on 2 pages"
)


class Behaviour(NamedTuple):
    """A client of 180 restores, the walks that it makes, and the circumstances: arguments of ``walks_of``."""

    client: Callable[[Service], Client]
    expected: list[ExpectedWalk]
    circumstances: dict[str, Any]


def makes(client: Callable[[Service], Client], *walk: Any, **circumstances: Any) -> Behaviour:
    """A client that makes one walk."""
    return Behaviour(client, [ExpectedWalk(*walk)], circumstances)


BEHAVIOURS: dict[str, Behaviour] = {
    "follows cursors": makes(follows_cursors, *COMPLETE),
    "follows cursors and repeats page=1 with them": makes(sends_its_first_page_with_each_cursor, *COMPLETE),
    "follows cursors and sends the default page with them": makes(sends_its_page_with_each_cursor(None, 1), *COMPLETE),
    "starts at page 2 and sends it with each cursor": makes(sends_its_page_with_each_cursor(2, 2), *COMPLETE_FROM_TWO),
    "follows cursors and sends another page with them": makes(
        *(sends_its_page_with_each_cursor(1, 3), Verdict.MIXED, 4, 180, 180), f"sent page=3 {BESIDE}"
    ),
    "counts pages beside cursors": makes(
        *(counts_pages_beside_cursors, Verdict.MIXED, 4, 180, 180), f"sent page=2 {BESIDE}"
    ),
    "counts pages": makes(counts_pages, *COMPLETE),
    "changes per_page on the way": makes(
        *(two_pages_of_ten_then_the_rest, Verdict.COMPLETE, 6, 180, 180),
        "reached the end: 180 of 180 restores on 6 pages",
    ),
    "starts at page 2 and follows cursors": makes(lambda server: follows_cursors(server, page=2), *COMPLETE_FROM_TWO),
    "starts at page 2 and counts": makes(lambda server: counts_pages(server, start=2), *COMPLETE_FROM_TWO),
    "requests only page 4": makes(
        *(requests_pages(4), Verdict.COMPLETE, 1, 30, 30), "reached the end from page 4 on: 30 of 30 restores on 1 page"
    ),
    "requests only a page past the end": makes(
        *(requests_pages(9), Verdict.COMPLETE, 1, 0, 0), "reached the end from page 9 on: 0 of 0 restores on 1 page"
    ),
    "requests pages concurrently after the first": makes(requests_pages(1, 4, 2, 3), *COMPLETE),
    "requests pages concurrently from the second": makes(requests_pages(3, 2, 4), *COMPLETE_FROM_TWO),
    "requests too many pages concurrently": makes(
        *(requests_pages(1, 6, 4, 2, 5, 3), Verdict.OVERRAN, 6, 180, 180), f"requested 2 pages beyond page 4, {STOP}"
    ),
    "stops after page 1": makes(stops_after(1), Verdict.ABANDONED, 1, 50, 180, AFTER_ONE),
    "stops after page 2": makes(stops_after(2), Verdict.ABANDONED, 2, 100, 180, AFTER_TWO),
    "counts and stops after page 2": makes(stops_after(2, counts_pages), Verdict.ABANDONED, 2, 100, 180, AFTER_TWO),
    "requests pages concurrently except the last": makes(
        requests_pages(1, 3, 2), Verdict.ABANDONED, 3, 150, 180, AFTER_THREE
    ),
    "ignores the cursor": makes(
        *(ignores_the_cursor, Verdict.POLL, 1, 50, 180),
        f"requested the first page 4 times, {POLLED}; it never requested the next page, to which the cursor leads",
    ),
    "sends a cursor twice": makes(sends_a_cursor_twice, Verdict.LOOPED, 4, 180, 180, f"{AGAIN}: {IN_PLACE}"),
    "sends every cursor twice": makes(
        *(sends_every_cursor_twice, Verdict.LOOPED, 4, 180, 180), f"{AGAIN} (3 requests repeated a page): {IN_PLACE}"
    ),
    "follows only the first cursor": makes(
        *(follows_only_the_first_cursor, Verdict.LOOPED, 2, 100, 180),
        f"{AGAIN} (3 requests repeated a page): {IN_PLACE}",
    ),
    "counts and requests a page twice": makes(
        requests_pages(1, 2, 2, 3, 4), Verdict.LOOPED, 4, 180, 180, f"{AGAIN}: {IN_PLACE}"
    ),
    "counts on after the end": makes(
        *(requests_pages(1, 2, 3, 4, 5), Verdict.OVERRAN, 5, 180, 180), f"requested 1 page beyond page 4, {STOP}"
    ),
    "counts on long after the end": makes(
        *(requests_pages(1, 2, 3, 4, 5, 6, 7), Verdict.OVERRAN, 7, 180, 180), f"requested 3 pages beyond page 4, {STOP}"
    ),
    "starts again at the end": Behaviour(starts_again_at_the_end, [COMPLETE, COMPLETE], {}),
    "skips a page": makes(requests_pages(1, 2, 4), Verdict.SKIPPED, 3, 130, 180, WITHOUT_THREE),
    "skips two pages": makes(
        *(requests_pages(1, 4), Verdict.SKIPPED, 2, 80, 180),
        "reached the end, but 2 pages, the first of them page 2, were never received; "
        "100 of 180 restores were never seen",
    ),
    "jumps far beyond the end": makes(
        *(requests_pages(1, 1_000_000_000), Verdict.SKIPPED, 2, 50, 180),
        "reached the end, but 999999998 pages, the first of them page 2, were never received; "
        "130 of 180 restores were never seen",
    ),
    "counts and then follows a cursor": makes(counts_to_two_and_follows_the_cursor, Verdict.MIXED, 4, 180, 180, MIXED),
    "follows a cursor and then counts": makes(follows_a_cursor_and_then_counts, Verdict.MIXED, 4, 180, 180, MIXED),
    "repeats failed concurrent pages in any order": makes(
        *(requests_pages(1, 2, 3, 4, 2, 3), Verdict.COMPLETE, 4, 180, 180, f"{ALL_BY_PAGE}, with 2 retries", 2),
        failing=(2, 3),
    ),
    "gives up on a failure": makes(
        *(gives_up_on_a_failure, Verdict.ABANDONED, 2, 100, 180),
        f"gave up on page 3, which failed; 80 of 180 restores were never seen; {RETRY}",
        failing=(3,),
    ),
    "gives up on several failures, the first of which is named": makes(
        *(requests_pages(1, 2, 3), Verdict.ABANDONED, 1, 50, 180),
        f"gave up on page 2, which failed; 130 of 180 restores were never seen; {RETRY}",
        failing=(2, 3),
    ),
    "gives up on the last page, which failed": makes(
        *(requests_pages(1, 2, 4, 3), Verdict.ABANDONED, 3, 150, 180),
        f"gave up on page 4, which failed; 30 of 180 restores were never seen; {RETRY}",
        failing=(3,),
    ),
    "goes on after a failed page": makes(
        requests_pages(1, 2, 3, 4), Verdict.SKIPPED, 3, 130, 180, WITHOUT_THREE, failing=(3,)
    ),
    "goes on after a failed first page": makes(
        *(requests_pages(1, 2, 3, 4), Verdict.SKIPPED, 3, 130, 130),
        "reached the end, but page 1 was never received",
        failing=(1,),
    ),
    "has one request, which fails": makes(
        *(stops_after(1), Verdict.ABANDONED, 0, 0, 0, f"received no page: its only request failed; {RETRY}"),
        failing=(1,),
    ),
    "has three requests, which all fail": makes(
        *(stops_after(3), Verdict.ABANDONED, 0, 0, 0, f"received no page: all 3 requests failed; {RETRY}", 2),
        failing=(1, 2, 3),
    ),
    # it repeats the failed cursor, which completes the first walk and leaves the second one
    "starts over after a failure": Behaviour(
        starts_over_after_a_failure,
        [COMPLETE_AFTER_A_RETRY, ExpectedWalk(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}; {OVERTAKEN}")],
        {"failing": (3,)},
    ),
    # the repeated page 3 completes the failed request of the first walk; page 4 belongs to the second
    "starts over by number after a failure": Behaviour(
        requests_pages(1, 2, 3, 1, 2, 3, 4),
        [
            ExpectedWalk(Verdict.ABANDONED, 3, 150, 180, AFTER_THREE, retries=1),
            ExpectedWalk(Verdict.SKIPPED, 3, 130, 180, WITHOUT_THREE),
        ],
        {"failing": (3,)},
    ),
    "starts over after a failed first page, which is a retry": makes(
        starts_over_after_a_failure, *COMPLETE_AFTER_A_RETRY, failing=(1,)
    ),
    "requests a page again that failed and then succeeded": makes(
        *(requests_pages(1, 2, 3, 2, 4, 2), Verdict.LOOPED, 4, 180, 180, f"{AGAIN}: {IN_PLACE}", 1), failing=(2,)
    ),
    "requests the second page of a list of one": makes(
        requests_pages(1, 2), Verdict.OVERRAN, 2, 50, 50, f"requested 1 page beyond page 1, {STOP}", restores=50
    ),
    "stops one restore before the end": makes(
        *(stops_after(1), Verdict.ABANDONED, 1, 50, 51),
        "stopped after page 1 although hasNextPage was true; 1 of 51 restores was never seen",
        restores=51,
    ),
    # the journal has dropped its first requests
    "follows cursors after a start that was dropped": makes(follows_cursors, *FROM_THREE, dropped=2),
    "counts pages after a start that was dropped": makes(counts_pages, *FROM_THREE, dropped=2),
    "repeats a failed request after a start that was dropped": makes(
        *(follows_cursors, *FROM_THREE[:4], f"{FROM_THREE.explanation}, with 1 retry", 1), failing=(3,), dropped=2
    ),
    "sends a cursor twice after a start that was dropped": makes(
        sends_a_cursor_twice, Verdict.LOOPED, 3, 130, 130, f"{AGAIN}: {IN_PLACE}", dropped=1
    ),
    "follows a cursor and then counts, after a start that was dropped": makes(
        follows_a_cursor_and_then_counts, Verdict.MIXED, 3, 130, 130, MIXED, dropped=1
    ),
    "follows cursors again after counting, after a start that was dropped": makes(
        follows_cursors_again_after_counting, Verdict.MIXED, 3, 130, 130, MIXED, dropped=1
    ),
    # the list changes
    "follows cursors while restores are inserted": makes(follows_cursors, *COMPLETE, change=inserts(5)),
    "follows cursors while restores are deleted": makes(follows_cursors, *COMPLETE, change=deletes(slice(5))),
    "follows cursors while a restore is inserted behind it": makes(
        *(follows_cursors, Verdict.COMPLETE, 4, 180, 181),
        "reached the end: 180 of 181 restores on 4 pages; 1 more was added behind it",
        change=inserts_behind,
    ),
    "stops after page 2 while restores are deleted": makes(
        stops_after(2), Verdict.ABANDONED, 2, 100, 180, AFTER_TWO, change=deletes(slice(5))
    ),
    "stops after page 2 and the rest is deleted": makes(
        *(stops_after(2), Verdict.ABANDONED, 2, 100, 100, "stopped after page 2 although hasNextPage was true"),
        change=deletes(slice(100, None)),
        after=2,
    ),
    "counts pages while restores are deleted": makes(
        *(counts_pages, Verdict.SKIPPED, 4, 175, 180, f"{CHANGED}; 5 of 180 restores were {NEVER_SEEN}"),
        change=deletes(slice(5)),
    ),
    "counts pages while one restore is deleted after page 2": makes(
        *(counts_pages, Verdict.SKIPPED, 4, 179, 180, f"{CHANGED}; 1 of 180 restores was {NEVER_SEEN}"),
        change=deletes(slice(1)),
        after=2,
    ),
    "counts pages while restores within a page are deleted": makes(
        *(counts_pages, Verdict.SKIPPED, 4, 175, 180, f"{CHANGED}; 5 of 180 restores were {NEVER_SEEN}"),
        change=deletes(slice(10, 15)),
    ),
    "counts pages while restores are deleted before it reaches them": makes(
        *(counts_pages, Verdict.COMPLETE, 4, 175, 175, "reached the end: 175 of 175 restores on 4 pages"),
        change=deletes(slice(-5, None)),
    ),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
def test_each_behaviour_of_a_client_has_its_verdict(behaviour: Behaviour) -> None:
    assert columns(walks_of(behaviour.client, **behaviour.circumstances)) == behaviour.expected


@pytest.mark.parametrize("client", [follows_cursors, counts_pages])
@pytest.mark.parametrize(
    ("failing", "retries"),
    [((1,), "1 retry"), ((3,), "1 retry"), ((2, 3), "2 retries"), ((2, 4, 5), "3 retries"), ((1, 2, 3), "3 retries")],
)
def test_a_failed_page_may_be_requested_again(
    client: Callable[[Service], Client], failing: tuple[int, ...], retries: str
) -> None:
    assert columns(walks_of(client, failing=failing)) == [
        COMPLETE._replace(explanation=f"{ALL_BY_PAGE}, with {retries}", retries=len(failing))
    ]


def test_a_failed_cursor_may_be_sent_again_after_other_requests() -> None:
    server = service(180, 2)
    first = server.get()
    server.get(cursor=first.cursor)
    server.get(page=2)
    run(follows_from(server, first.cursor))
    assert [(walk.verdict, walk.retries) for walk in server.walks()] == [(Verdict.MIXED, 1)]


def test_a_walk_that_stops_where_an_earlier_one_went_on_should_go_on() -> None:
    server = service()
    run(follows_cursors(server))
    run(stops_after(2)(server))
    assert columns(server.walks()) == [COMPLETE, ExpectedWalk(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}")]


@pytest.mark.parametrize("tokens", [("one", "one"), ("one", "two")])
def test_two_concurrent_clients_by_cursor_have_a_walk_each(tokens: tuple[str, str]) -> None:
    server = service()
    run(*(follows_cursors(server, sender=token) for token in tokens))
    walks = server.walks()
    assert columns(walks) == [COMPLETE, COMPLETE]
    assert [walk.token for walk in walks] == list(tokens)


def test_two_concurrent_clients_by_number_need_a_token_each() -> None:
    server = service()
    run(counts_pages(server, sender="one"), counts_pages(server, sender="two"))
    assert columns(server.walks()) == [COMPLETE, COMPLETE]


def test_a_client_that_repeats_a_failed_page_does_not_affect_a_concurrent_one() -> None:
    server = service(180, 3)
    run(follows_cursors(server), follows_cursors(server))
    assert sorted(walk.retries for walk in server.walks()) == [0, 1]
    assert {walk.verdict for walk in server.walks()} == {Verdict.COMPLETE}


def test_a_cursor_continues_the_walk_that_received_it_first() -> None:
    server = service()
    run(stops_after(1)(server))
    run(follows_cursors(server))
    assert [(walk.verdict, walk.pages) for walk in server.walks()] == [(Verdict.COMPLETE, 4), (Verdict.ABANDONED, 1)]


def test_a_walk_that_stopped_while_another_went_on_is_explained_so() -> None:
    server = service()
    run(stops_after(2)(server), follows_cursors(server))
    assert columns(server.walks()) == [
        COMPLETE,
        ExpectedWalk(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}; {OVERTAKEN}"),
    ]


def test_a_cursor_that_two_walks_followed_loops_the_newer_one() -> None:
    server = service()
    run(follows_cursors(server), follows_cursors(server))
    first_cursor = server.requests[0].next_cursor
    server.get(cursor=first_cursor)
    assert [walk.verdict for walk in server.walks()] == [Verdict.COMPLETE, Verdict.LOOPED]


def test_a_walk_may_be_superseded_within_one_millisecond() -> None:
    server = service()
    first = server.get()
    server.get()
    run(follows_from(server, first.cursor))
    requests = [replace(request, at=0) for request in server.requests]
    assert [walk.explanation.endswith(OVERTAKEN) for walk in verdicts(requests, server.count_from)] == [False, True]


def test_a_failed_loop_leaves_the_cursor_to_the_walk_that_has_not_followed_it() -> None:
    server = service(180, 3)
    first = server.get()
    server.get(cursor=first.cursor)
    server.get(cursor=first.cursor)
    server.get()
    server.get(cursor=first.cursor)
    server.get(cursor=first.cursor)
    looped, other = server.walks()
    assert (looped.verdict, looped.pages, looped.retries) == (Verdict.LOOPED, 2, 1)
    assert (other.verdict, other.pages, other.retries) == (Verdict.ABANDONED, 2, 0)


def test_requests_for_different_lists_belong_to_different_walks() -> None:
    requests = [
        ListRequest("one", addon, backup, at, None, 1, failed=False, restores=(10,))
        for at, (addon, backup) in enumerate([("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")])
    ]
    counted_lists: set[tuple[str, str]] = set()

    def count_from(_project_id: str, addon_id: str, backup_id: str, restore_id: int) -> int:
        counted_lists.add((addon_id, backup_id))
        return int(restore_id >= 10)

    walks = verdicts(requests, count_from)
    assert [(walk.addon_id, walk.backup_id, walk.verdict) for walk in walks] == [
        ("a", "x", Verdict.POLL),
        ("a", "y", Verdict.COMPLETE),
        ("b", "x", Verdict.COMPLETE),
    ]
    assert counted_lists == {("a", "x"), ("a", "y"), ("b", "x")}


def test_a_walk_has_its_first_and_last_time() -> None:
    server = service()
    server.now = 1_750_000_000_000
    run(follows_cursors(server, sender="one"), follows_cursors(server, sender="two"))
    assert [(walk.since, walk.until) for walk in server.walks()] == [
        (1_750_000_000_000, 1_750_000_000_600),
        (1_750_000_000_100, 1_750_000_000_700),
    ]


def test_a_walk_has_its_first_and_last_time_whatever_the_order_of_its_requests() -> None:
    requests = [
        ListRequest("one", ADDON, BACKUP, at, None, page, failed=False, restores=(page,), next_cursor=f"{page}")
        for page, at in ((1, 20), (3, 50), (2, 10))
    ]
    (walk,) = verdicts(requests, lambda *_: 0)
    assert (walk.since, walk.until) == (10, 50)


def test_only_a_poll_has_the_fields_of_a_poll() -> None:
    (walk,) = walks_of(follows_cursors)
    assert (walk.polls, walk.shortest_interval_ms, walk.shortest_project_interval_ms) == (None,) * 3
    assert (walk.statuses_seen, walk.polled_after_end) == (None, None)


# Short lists


@pytest.mark.parametrize("client", [follows_cursors, counts_pages])
@pytest.mark.parametrize(
    ("restores", "explanation"),
    [
        (0, "reached the end: 0 of 0 restores on 1 page"),
        (1, "reached the end: 1 of 1 restore on 1 page"),
        (50, "reached the end: 50 of 50 restores on 1 page"),
    ],
)
def test_a_list_of_one_page_takes_one_request(
    client: Callable[[Service], Client], restores: int, explanation: str
) -> None:
    assert columns(walks_of(client, restores=restores)) == [
        ExpectedWalk(Verdict.COMPLETE, 1, restores, restores, explanation)
    ]


# A list that changes during a walk


@pytest.mark.parametrize(
    ("inserted", "repeated", "came_twice"),
    [(1, 1, "1 restore came twice"), (5, 5, "5 restores came twice"), (60, 50, "50 restores came twice")],
)
def test_a_walk_by_number_repeats_restores_if_some_are_inserted(inserted: int, repeated: int, came_twice: str) -> None:
    (walk,) = walks_of(counts_pages, change=inserts(inserted))
    assert walk.verdict is Verdict.REPEATED
    assert walk.explanation == (
        f"reached the end, but {came_twice} because the list or per_page changed under the page numbers: follow cursors"
    )
    assert walk.restores_seen == walk.restores_total == 180 + max(0, inserted - PER_PAGE)
    assert (walk.restores_sent, walk.restores_repeated) == (walk.restores_seen + repeated, repeated)


def test_restores_repeated_on_two_pages_do_not_hide_skipped_ones() -> None:
    server = service()
    server.get(page=1)
    server.insert(5)
    server.get(page=2)
    server.delete(10)
    server.get(page=3)
    server.get(page=4)
    (walk,) = server.walks()
    assert (walk.verdict, walk.restores_seen, walk.restores_total) == (Verdict.SKIPPED, 170, 180)


@given(
    restores=st.integers(0, 60),
    per_page=st.integers(1, 10),
    insertions=st.lists(st.integers(0, 12), max_size=5),
)
def test_a_walk_by_number_repeats_the_restores_that_insertions_move_to_the_next_page(
    restores: int, per_page: int, insertions: list[int]
) -> None:
    server = service(restores)
    for page in count(1):
        if not server.get(page=page, per_page=per_page).cursor:
            break
        server.insert(insertions.pop() if insertions else 0)
    (walk,) = server.walks()
    sent = [restore for request in server.requests for restore in request.restores]
    repeated = {restore for restore in sent if sent.count(restore) > 1}
    assert (walk.restores_sent, walk.restores_seen, walk.restores_repeated) == (
        len(sent),
        len(set(sent)),
        len(repeated),
    )
    assert walk.verdict is (Verdict.REPEATED if repeated else Verdict.COMPLETE)


def test_a_walk_by_number_repeats_restores_if_per_page_changes() -> None:
    server = service()
    server.get(page=1, per_page=50)
    run(counts_pages(server, start=2, per_page=40))
    (walk,) = server.walks()
    assert (walk.verdict, walk.restores_sent, walk.restores_seen) == (Verdict.REPEATED, 190, 180)


def test_skipped_restores_matter_more_than_repeated_ones() -> None:
    server = service()
    server.get(page=1)
    server.insert(5)
    run(requests_pages(2, 4)(server))
    assert [(walk.verdict, walk.restores_repeated) for walk in server.walks()] == [(Verdict.SKIPPED, 5)]


# Retries that the response asked to wait for

EARLY = "too early: wait as long as the response says (Retry-After, x-ratelimit-reset)"


def retrying(*waits: tuple[int, int], wait_ms: int | None = 30_000) -> Service:
    """A service on which a client retries page 2 after each wait, by the machine's and by the project's clock."""
    server = service(60, *range(2, len(waits) + 2))
    server.wait_ms = wait_ms
    cursor = server.get().cursor
    server.get(cursor=cursor)
    for real, virtual in waits:
        server.now += real - STEP_MS
        server.virtual += virtual - real
        server.get(cursor=cursor)
    return server


@pytest.mark.parametrize("wait", [(30_000, 30_000), (30_000, 0), (120, 30_000), (120, 45_000), (29_980, 29_980)])
def test_a_retry_after_the_named_time_by_either_clock_is_in_time(wait: tuple[int, int]) -> None:
    (walk,) = retrying(wait).walks()
    assert (walk.verdict, walk.retries, walk.early_retries) == (Verdict.COMPLETE, 1, ())
    assert walk.explanation == "reached the end: 60 of 60 restores on 2 pages, with 1 retry"


@pytest.mark.parametrize(("wait", "early_ms"), [((120, 120), 29_880), ((29_000, -60_000), 1_000), ((120, 29_979), 21)])
def test_a_retry_before_the_named_time_by_both_clocks_is_too_early(wait: tuple[int, int], early_ms: int) -> None:
    (walk,) = retrying(wait).walks()
    assert (walk.verdict, walk.retries, walk.early_retries) == (Verdict.COMPLETE, 1, ((3, early_ms),))
    assert walk.explanation == (
        f"reached the end: 60 of 60 restores on 2 pages, with 1 retry; 1 retry came {early_ms / 1000:g} s {EARLY}"
    )


def test_each_retry_counts_from_the_failure_before_it() -> None:
    (walk,) = retrying((10_000, 10_000), (31_000, 31_000), (120, 120)).walks()
    assert walk.early_retries == ((3, 20_000), (5, 29_880))
    assert walk.explanation.endswith(f"; 2 retries came up to 29.88 s {EARLY}")


def test_a_retry_is_not_early_if_the_response_named_no_time() -> None:
    (walk,) = retrying((120, 120), wait_ms=None).walks()
    assert (walk.retries, walk.early_retries) == (1, ())


def test_a_poll_has_the_early_retries_of_all_its_requests() -> None:
    server = service(1, 1, 3)
    server.wait_ms = 1000
    for _ in range(4):
        server.get()
    (walk,) = server.walks()
    assert (walk.verdict, walk.polls, walk.early_retries) == (Verdict.POLL, 2, ((2, 900), (4, 900)))
    assert walk.explanation.endswith(f"; 2 retries came up to 0.9 s {EARLY}")


# Polls


def polls(server: Service, *statuses: Status) -> JudgedWalk:
    for status in statuses:
        server.status = status
        for _ in until_it_succeeds(server):
            pass
    (walk,) = server.walks()
    return walk


LIFE = (Status.SCHEDULED, Status.IN_PROGRESS, Status.IN_PROGRESS, Status.COMPLETED)


def test_a_poll_that_stops_in_time_lists_the_statuses_seen() -> None:
    server = service(1)
    walk = polls(server, *LIFE)
    assert columns([walk]) == [
        ExpectedWalk(
            *(Verdict.POLL, 1, 1, 1),
            "requested the first page 4 times, 100 ms apart at the closest; saw scheduled, in-progress, completed; "
            "stopped when all had ended",
        )
    ]
    assert (walk.polls, walk.shortest_interval_ms, walk.polled_after_end) == (4, 100, False)
    assert walk.statuses_seen == (Status.SCHEDULED, Status.IN_PROGRESS, Status.COMPLETED)


def test_a_poll_that_goes_on_after_the_end_is_explained_so() -> None:
    walk = polls(service(1), *LIFE, Status.COMPLETED)
    assert walk.explanation.endswith("; continued after all had ended, although it could have stopped")
    assert (walk.verdict, walk.polls, walk.polled_after_end) == (Verdict.POLL, 5, True)


def test_a_poll_that_stops_too_early_is_explained_so() -> None:
    walk = polls(service(1), *LIFE[:-1])
    assert walk.explanation.endswith("; did not see all of them end")
    assert (walk.verdict, walk.polls, walk.polled_after_end) == (Verdict.POLL, 3, False)


@pytest.mark.parametrize("status", Status)
def test_a_restore_has_ended_in_four_statuses(status: Status) -> None:
    ended = {Status.COMPLETED, Status.FAILED, Status.ABORTED, Status.NOT_SUPPORTED}
    assert polls(service(1), status, status).polled_after_end is (status in ended)


def test_a_poll_may_go_on_until_all_restores_have_ended() -> None:
    requests = [
        ListRequest(
            *("one", ADDON, BACKUP, at, None, 1, False),
            restores=(20, 10),
            statuses=(Status.IN_PROGRESS, Status.COMPLETED),
        )
        for at in range(2)
    ]
    (walk,) = verdicts(requests, lambda *_: 2)
    assert walk.polled_after_end is False
    assert walk.statuses_seen == (Status.IN_PROGRESS, Status.COMPLETED)


def test_a_poll_of_an_empty_list_never_sees_an_end() -> None:
    walk = polls(service(0), *LIFE)
    assert walk.explanation == (
        "requested the first page 4 times, 100 ms apart at the closest; saw no restores; did not see all of them end"
    )
    assert (walk.verdict, walk.restores_total, walk.statuses_seen) == (Verdict.POLL, 0, ())
    assert walk.polled_after_end is False


def test_a_failed_poll_and_its_retry_count_once() -> None:
    walk = polls(service(1, 2, 3), *LIFE)
    assert (walk.polls, walk.retries, walk.shortest_interval_ms) == (4, 2, 100)


def test_the_shortest_interval_is_between_successful_polls_and_their_retries() -> None:
    server = service(1, 2, 3)
    server.get()  # at 0
    server.now = 1000
    polls(server, Status.SCHEDULED)  # at 1000, 1100 and 1200
    server.now = 1700
    assert polls(server, Status.COMPLETED).shortest_interval_ms == 700


def test_the_shortest_interval_is_between_the_times_of_the_requests() -> None:
    requests = [ListRequest("one", ADDON, BACKUP, at, None, 1, failed=False) for at in (0, 250, 100, 600)]
    (walk,) = verdicts(requests, lambda *_: 0)
    assert walk.shortest_interval_ms == 100


def test_the_shortest_interval_is_given_by_both_clocks_if_they_differ() -> None:
    server = service(1)
    for _ in range(3):
        server.get()
        server.virtual += 10_000
    (walk,) = server.walks()
    assert (walk.shortest_interval_ms, walk.shortest_project_interval_ms) == (100, 10_100)
    assert "3 times, 100 ms apart (10100 ms by the project's clock) at the closest;" in walk.explanation


def test_a_poll_may_end_with_a_failure() -> None:
    server = service(1, 3)
    server.status = Status.IN_PROGRESS
    run(requests_pages(1, 1, 1)(server))
    (walk,) = server.walks()
    assert (walk.verdict, walk.polls, walk.retries, walk.polled_after_end) == (Verdict.POLL, 3, 0, False)


def test_a_poll_counts_every_restore_of_its_responses() -> None:
    server = service(3)
    server.get()
    server.insert(2)
    server.get()
    server.delete(1)
    server.get()
    (walk,) = server.walks()
    assert (walk.verdict, walk.restores_seen, walk.restores_total) == (Verdict.POLL, 5, 5)


def test_one_request_for_the_first_page_is_not_a_poll() -> None:
    server = service(1)
    server.get()
    assert [walk.verdict for walk in server.walks()] == [Verdict.COMPLETE]


def test_a_complete_walk_between_polls_does_not_interrupt_them() -> None:
    server = service()
    run(requests_pages(1, 1)(server))
    run(follows_cursors(server))
    server.get(page=1)
    server.get()
    assert [(walk.verdict, walk.polls) for walk in server.walks()] == [
        (Verdict.COMPLETE, None),
        (Verdict.POLL, 4),
    ]


def test_a_complete_walk_after_a_request_for_the_first_page_is_not_a_poll() -> None:
    server = service()
    server.get()
    server.insert(5)
    run(follows_cursors(server))
    assert [walk.verdict for walk in server.walks()] == [Verdict.ABANDONED, Verdict.COMPLETE]


def test_walks_of_different_pages_are_not_a_poll() -> None:
    server = service()
    run(follows_cursors(server, page=2))
    run(follows_cursors(server))
    run(requests_pages(1)(server))
    assert [walk.verdict for walk in server.walks()] == [Verdict.COMPLETE, Verdict.COMPLETE, Verdict.ABANDONED]


# Properties of every client


@given(
    restores=st.integers(0, 300),
    per_page=st.integers(1, 100),
    failing=st.frozensets(st.integers(1, 60)),
    start=st.sampled_from([None, 1]),
)
def test_a_client_that_follows_every_cursor_and_retries_is_complete(
    restores: int, per_page: int, failing: frozenset[int], start: int | None
) -> None:
    server = service(restores, *failing)
    run(follows_cursors(server, page=start, per_page=per_page))
    (walk,) = server.walks()
    assert walk.verdict is Verdict.COMPLETE
    assert walk.restores_seen == walk.restores_total == restores
    assert walk.retries == sum(request.failed for request in server.requests)
    assert walk.pages + walk.retries == len(server.requests)


@given(
    restores=st.integers(0, 60),
    per_page=st.integers(1, 10),
    deletions=st.lists(st.sets(st.integers(1, 60), max_size=10), max_size=5),
)
def test_the_total_of_a_walk_by_number_is_the_restores_seen_and_left(
    restores: int, per_page: int, deletions: list[set[int]]
) -> None:
    server = Service(list(range(restores, 0, -1)))
    for page in count(1):
        if not server.get(page=page, per_page=per_page).cursor:
            break
        deleted = deletions.pop() if deletions else set()
        server.restores = [restore for restore in server.restores if restore not in deleted]
    (walk,) = server.walks()
    seen = {restore for request in server.requests for restore in request.restores}
    assert walk.restores_seen == walk.restores_sent == len(seen)
    if walk.pages > 1:
        assert walk.restores_total == len(seen.union(server.restores))
        assert walk.verdict is (Verdict.COMPLETE if seen.issuperset(server.restores) else Verdict.SKIPPED)


cursors = st.sampled_from(["c1", "c2", "c3"])
restore_ids = st.integers(0, 50)


@st.composite
def list_requests(draw: st.DrawFn) -> ListRequest:
    failed = draw(st.booleans())
    sent = (
        ()
        if failed
        else tuple(draw(st.lists(st.tuples(restore_ids, st.sampled_from(Status)), max_size=4, unique_by=itemgetter(0))))
    )
    return ListRequest(
        token=draw(st.sampled_from(["one", "two"])),
        addon_id=ADDON,
        backup_id=draw(st.sampled_from(["x", "y"])),
        at=draw(st.integers(0, 1000)),
        cursor=draw(st.none() | cursors),
        page=draw(st.integers(1, 5)),
        failed=failed,
        number=draw(st.integers(1, 1000)),
        project_time=draw(st.integers(0, 1000)),
        page_beside_cursor=draw(st.none() | st.integers(1, 3)),
        wait_ms=draw(st.none() | st.integers(0, 1000)) if failed else None,
        restores=tuple(restore for restore, _ in sent),
        statuses=tuple(status for _, status in sent),
        next_cursor=None if failed else draw(st.none() | cursors),
    )


@given(requests=st.lists(list_requests(), max_size=25), left=st.frozensets(restore_ids))
def test_any_requests_have_verdicts(requests: list[ListRequest], left: frozenset[int]) -> None:
    walks = verdicts(
        requests, lambda _project, _addon, _backup, restore_id: sum(restore <= restore_id for restore in left)
    )
    assert bool(walks) == bool(requests)
    assert sum(walk.pages + walk.retries for walk in walks) <= len(requests)
    for walk in walks:
        own = [request for request in requests if (request.token, request.backup_id) == (walk.token, walk.backup_id)]
        assert 0 <= walk.pages <= len(own)
        assert 0 <= walk.restores_seen <= walk.restores_total
        assert walk.restores_repeated <= walk.restores_sent - walk.restores_seen
        assert (walk.restores_repeated == 0) == (walk.restores_sent == walk.restores_seen)
        assert len(walk.early_retries) <= walk.retries
        assert {walk.since, walk.until} <= {request.at for request in own}
        assert walk.since <= walk.until
        assert walk.explanation
        assert (walk.verdict is Verdict.POLL) == (walk.polls is not None)
    for key in {(request.token, request.backup_id) for request in requests}:
        ids = {
            restore for request in requests if (request.token, request.backup_id) == key for restore in request.restores
        }
        seen = [walk.restores_seen for walk in walks if (walk.token, walk.backup_id) == key]
        assert max(seen) <= len(ids) <= sum(seen)


@given(requests=st.lists(list_requests(), max_size=25))
def test_a_walk_does_not_depend_on_the_requests_of_other_tokens(requests: list[ListRequest]) -> None:
    def of_one(walks: list[JudgedWalk]) -> list[JudgedWalk]:
        return [walk for walk in walks if walk.token != "two"]  # noqa: S105 - a fingerprint

    alone = [request for request in requests if request.token != "two"]  # noqa: S105 - the same
    assert of_one(verdicts(requests, lambda *_: 0)) == verdicts(alone, lambda *_: 0)


def calls_to_judge(requests: list[ListRequest]) -> int:
    """How many calls of functions it takes to judge them: a measure of work that does not depend on the machine."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        verdicts(requests, lambda *_: 180)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("client", [follows_cursors, counts_pages, ignores_the_cursor])
def test_the_work_of_judging_grows_with_the_requests_and_not_with_their_square(
    client: Callable[[Service], Client],
) -> None:
    server = service()
    while len(server.requests) < 1000:
        run(client(server))
    assert calls_to_judge(server.requests[:1000]) < 6 * calls_to_judge(server.requests[:250])


def test_a_walk_by_cursor_takes_two_counts_however_long_it_is() -> None:
    server = service(1000)
    run(follows_cursors(server, per_page=10))
    run(follows_cursors(server, per_page=20))
    counted_from: list[int] = []

    def count_from(_project_id: str, _addon_id: str, _backup_id: str, restore_id: int) -> int:
        counted_from.append(restore_id)
        return len(server.restores)

    verdicts(server.requests, count_from)
    assert sorted(counted_from) == [GAP - 1, 1000 * GAP]


def test_the_verdicts_are_listed_in_order_of_precedence() -> None:
    assert list(Verdict) == [*("mixed", "looped", "overran", "poll", "abandoned", "skipped", "repeated", "complete")]
