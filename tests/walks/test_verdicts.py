"""Clients that walk a list, well and badly, and what is said of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice, zip_longest
from time import perf_counter
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import Status
from mockserver.walks.verdicts import JudgedWalk, Verdict, verdicts
from mockserver.walks.walks import ListRequest

ADDON, BACKUP = "example-addon", "example-backup"
PER_PAGE = 50
STEP_MS = 100  # between one call and the next
GAP = 10  # between the ids of two restores


class Answer(NamedTuple):
    """What a client is told."""

    restores: tuple[int, ...] = ()
    cursor: str | None = None
    failed: bool = False


@dataclass
class Service:
    """A list of restores, newest first, that is played by number and by cursor, and writes down every call."""

    restores: list[int]
    failing: set[int] = field(default_factory=set)  # which calls fail, the first being 1
    status: Status = Status.COMPLETED
    now: int = 0
    calls: list[ListRequest] = field(default_factory=list)

    def get(
        self, page: int | None = None, cursor: str | None = None, per_page: int = PER_PAGE, who: str = "one"
    ) -> Answer:
        number = page or 1
        skipped = (number - 1) * per_page
        if cursor is not None:
            after, number = map(int, cursor.split("-"))
            skipped = sum(restore >= after for restore in self.restores)
        sent = tuple(self.restores[skipped : skipped + per_page])
        more = len(self.restores) > skipped + per_page
        failed = len(self.calls) + 1 in self.failing
        answer = Answer(failed=True) if failed else Answer(sent, f"{sent[-1]}-{number + 1}" if more else None)
        statuses = (self.status,) * len(answer.restores)
        asked = (who, ADDON, BACKUP, self.now, cursor, number)
        self.calls.append(ListRequest(*asked, failed, answer.restores, statuses, answer.cursor))
        self.now += STEP_MS
        return answer

    def insert(self, restores: int) -> None:
        newest = self.restores[0]
        self.restores[:0] = [newest + GAP * (restores - place) for place in range(restores)]

    def delete(self, restores: int) -> None:
        del self.restores[:restores]

    def count_from(self, _project_id: str, addon_id: str, backup_id: str, restore_id: int) -> int:
        assert (addon_id, backup_id) == (ADDON, BACKUP)
        return sum(restore <= restore_id for restore in self.restores)

    def walks(self) -> list[JudgedWalk]:
        return verdicts(self.calls, self.count_from)


def service(restores: int, *failing: int) -> Service:
    return Service([place * GAP for place in range(restores, 0, -1)], set(failing))


class Told(NamedTuple):
    """What a test expects of a walk."""

    verdict: Verdict
    pages: int
    seen: int
    total: int
    explanation: str
    retries: int = 0


def told(walks: list[JudgedWalk]) -> list[Told]:
    return [
        Told(each.verdict, each.pages, each.restores_seen, each.restores_total, each.explanation, each.retries)
        for each in walks
    ]


# Clients. Each is a step a call, so that several can be run side by side.

Client = Iterator[Answer]


def patiently(server: Service, **question: Any) -> Client:
    """Asks until there is an answer."""
    while (answer := server.get(**question)).failed:
        yield answer
    yield answer


def follows_cursors(server: Service, page: int | None = None, who: str = "one", per_page: int = PER_PAGE) -> Client:
    cursor = None
    while True:
        for answer in patiently(server, page=page, cursor=cursor, who=who, per_page=per_page):
            yield answer
        if not answer.cursor:
            return
        cursor, page = answer.cursor, None


def sends_its_first_page_beside_each_cursor(server: Service) -> Client:
    cursor = None
    while True:
        yield (answer := server.get(page=1, cursor=cursor))
        if not (cursor := answer.cursor):
            return


def counts_pages(server: Service, start: int = 1, who: str = "one") -> Client:
    for page in count(start):
        for answer in patiently(server, page=page, who=who):
            yield answer
        if not answer.cursor:
            return


def asks(*pages: int) -> Callable[[Service], Client]:
    """Asks for these pages by number, whatever it is told."""

    def client(server: Service) -> Client:
        for page in pages:
            yield server.get(page=page)

    return client


def stops_after(calls: int, client: Callable[[Service], Client] = follows_cursors) -> Callable[[Service], Client]:
    def stopping(server: Service) -> Client:
        return islice(client(server), calls)

    return stopping


def ignores_the_cursor(server: Service) -> Client:
    for _ in range(4):
        yield server.get()


def sends_a_cursor_twice(server: Service) -> Client:
    yield (first := server.get())
    yield server.get(cursor=first.cursor)
    yield from follows_from(server, first.cursor)


def sends_every_cursor_twice(server: Service) -> Client:
    yield (answer := server.get())
    while answer.cursor:
        yield server.get(cursor=answer.cursor)
        yield (answer := server.get(cursor=answer.cursor))


def follows_from(server: Service, cursor: str | None) -> Client:
    while cursor:
        yield (answer := server.get(cursor=cursor))
        cursor = answer.cursor


def never_follows_but_the_first_cursor(server: Service) -> Client:
    yield (first := server.get())
    for _ in range(4):
        yield server.get(cursor=first.cursor)


def starts_over_after_a_failure(server: Service) -> Client:
    while True:
        for answer in follows_cursors(server):
            yield answer
            if answer.failed:
                break
        else:
            return


def gives_up_on_a_failure(server: Service) -> Client:
    for answer in follows_cursors(server):
        yield answer
        if answer.failed:
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


def asks_for_the_start_again_at_the_end(server: Service) -> Client:
    yield from follows_cursors(server)
    yield from follows_cursors(server)


def two_pages_of_ten_then_the_rest(server: Service) -> Client:
    yield (first := server.get(per_page=10))
    yield (second := server.get(cursor=first.cursor, per_page=10))
    yield from follows_from(server, second.cursor)


def run(*clients: Client) -> None:
    """Takes a step of each in turn until all are done."""
    for _ in zip_longest(*clients):
        pass


ALL_BY_PAGE = "reached the end: 180 of 180 restores on 4 pages"
AFTER_ONE = "stopped after page 1 although hasNextPage was true; 130 of 180 restores were never seen"
AFTER_TWO = "stopped after page 2 although hasNextPage was true; 80 of 180 restores were never seen"
OVERTAKEN = (
    "another walk requested the next page: do not start over after a failure, and give each client a token of its own"
)
IN_PLACE = "continue from the last response"
MIXED = "mixed page numbers and cursors, so that restores may come twice or never: use one of the two"
STOP = "whose hasNextPage was false: stop there"
POLLED = "100 ms apart at the closest; saw completed; continued after all had ended, although it could have stopped"

COMPLETE = Told(Verdict.COMPLETE, 4, 180, 180, ALL_BY_PAGE)

Behaviour = tuple[Callable[[Service], Client], list[Told]]

OF_180_RESTORES: dict[str, Behaviour] = {
    "follows cursors": (follows_cursors, [COMPLETE]),
    "follows cursors and repeats page 1 beside them": (sends_its_first_page_beside_each_cursor, [COMPLETE]),
    "counts pages": (counts_pages, [COMPLETE]),
    "changes per_page on the way": (
        two_pages_of_ten_then_the_rest,
        [Told(Verdict.COMPLETE, 6, 180, 180, "reached the end: 180 of 180 restores on 6 pages")],
    ),
    "starts at page 2 and follows cursors": (
        lambda server: follows_cursors(server, page=2),
        [Told(Verdict.COMPLETE, 3, 130, 130, "reached the end from page 2 on: 130 of 130 restores on 3 pages")],
    ),
    "starts at page 2 and counts": (
        lambda server: counts_pages(server, start=2),
        [Told(Verdict.COMPLETE, 3, 130, 130, "reached the end from page 2 on: 130 of 130 restores on 3 pages")],
    ),
    "asks for page 4 alone": (
        asks(4),
        [Told(Verdict.COMPLETE, 1, 30, 30, "reached the end from page 4 on: 30 of 30 restores on 1 page")],
    ),
    "asks for a page past the end alone": (
        asks(9),
        [Told(Verdict.COMPLETE, 1, 0, 0, "reached the end from page 9 on: 0 of 0 restores on 1 page")],
    ),
    "asks for pages side by side once it has the first": (asks(1, 4, 2, 3), [COMPLETE]),
    "asks for pages side by side from the second": (
        asks(3, 2, 4),
        [Told(Verdict.COMPLETE, 3, 130, 130, "reached the end from page 2 on: 130 of 130 restores on 3 pages")],
    ),
    "asks for pages side by side and for too many": (
        asks(1, 6, 4, 2, 5, 3),
        [Told(Verdict.OVERRAN, 6, 180, 180, f"requested 2 pages beyond page 4, {STOP}")],
    ),
    "stops after page 1": (stops_after(1), [Told(Verdict.ABANDONED, 1, 50, 180, f"{AFTER_ONE}")]),
    "stops after page 2": (stops_after(2), [Told(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}")]),
    "counts and stops after page 2": (
        stops_after(2, counts_pages),
        [Told(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}")],
    ),
    "asks for pages side by side, and not for the last": (
        asks(1, 3, 2),
        [
            Told(
                *(Verdict.ABANDONED, 3, 150, 180),
                "stopped after page 3 although hasNextPage was true; 30 of 180 restores were never seen",
            )
        ],
    ),
    "ignores the cursor": (
        ignores_the_cursor,
        [
            Told(
                *(Verdict.POLL, 1, 50, 180),
                f"requested the first page 4 times, {POLLED}; "
                "it never requested the next page, to which the cursor leads",
            )
        ],
    ),
    "sends a cursor twice": (
        sends_a_cursor_twice,
        [Told(Verdict.LOOPED, 4, 180, 180, f"requested page 2 again after it succeeded: {IN_PLACE}")],
    ),
    "sends every cursor twice": (
        sends_every_cursor_twice,
        [
            Told(
                *(Verdict.LOOPED, 4, 180, 180),
                f"requested page 2 again after it succeeded (3 requests repeated a page): {IN_PLACE}",
            )
        ],
    ),
    "never takes the next cursor": (
        never_follows_but_the_first_cursor,
        [
            Told(
                *(Verdict.LOOPED, 2, 100, 180),
                f"requested page 2 again after it succeeded (3 requests repeated a page): {IN_PLACE}",
            )
        ],
    ),
    "counts and asks for a page twice": (
        asks(1, 2, 2, 3, 4),
        [Told(Verdict.LOOPED, 4, 180, 180, f"requested page 2 again after it succeeded: {IN_PLACE}")],
    ),
    "counts on after the end": (
        asks(1, 2, 3, 4, 5),
        [Told(Verdict.OVERRAN, 5, 180, 180, f"requested 1 page beyond page 4, {STOP}")],
    ),
    "counts on after the end, and for ever": (
        asks(1, 2, 3, 4, 5, 6, 7),
        [Told(Verdict.OVERRAN, 7, 180, 180, f"requested 3 pages beyond page 4, {STOP}")],
    ),
    "starts again at the end": (asks_for_the_start_again_at_the_end, [COMPLETE, COMPLETE]),
    "skips a page": (
        asks(1, 2, 4),
        [
            Told(
                *(Verdict.SKIPPED, 3, 130, 180),
                "reached the end, but page 3 was never received; 50 of 180 restores were never seen",
            )
        ],
    ),
    "skips two pages": (
        asks(1, 4),
        [
            Told(
                *(Verdict.SKIPPED, 2, 80, 180),
                "reached the end, but 2 pages, the first of them page 2, were never received; "
                "100 of 180 restores were never seen",
            )
        ],
    ),
    "jumps far beyond the end": (
        asks(1, 1_000_000_000),
        [
            Told(
                *(Verdict.SKIPPED, 2, 50, 180),
                "reached the end, but 999999998 pages, the first of them page 2, were never received; "
                "130 of 180 restores were never seen",
            )
        ],
    ),
    "counts and then follows a cursor": (
        counts_to_two_and_follows_the_cursor,
        [Told(Verdict.MIXED, 4, 180, 180, MIXED)],
    ),
    "follows a cursor and then counts": (follows_a_cursor_and_then_counts, [Told(Verdict.MIXED, 4, 180, 180, MIXED)]),
}


@pytest.mark.parametrize(("client", "expected"), OF_180_RESTORES.values(), ids=OF_180_RESTORES.keys())
def test_each_behaviour_of_a_client_has_its_verdict_and_counts(
    client: Callable[[Service], Client], expected: list[Told]
) -> None:
    server = service(180)
    run(client(server))
    assert told(server.walks()) == expected


@pytest.mark.parametrize("client", [follows_cursors, counts_pages])
@pytest.mark.parametrize(
    ("failing", "retries"),
    [((1,), "1 retry"), ((3,), "1 retry"), ((2, 3), "2 retries"), ((2, 4, 5), "3 retries"), ((1, 2, 3), "3 retries")],
)
def test_a_page_that_failed_may_be_asked_again(
    client: Callable[[Service], Client], failing: tuple[int, ...], retries: str
) -> None:
    server = service(180, *failing)
    run(client(server))
    assert told(server.walks()) == [
        COMPLETE._replace(explanation=f"{ALL_BY_PAGE}, with {retries}", retries=len(failing))
    ]


def test_pages_asked_side_by_side_that_failed_may_be_asked_again_in_any_order() -> None:
    server = service(180, 2, 3)
    run(asks(1, 2, 3, 4, 2, 3)(server))
    assert told(server.walks()) == [COMPLETE._replace(explanation=f"{ALL_BY_PAGE}, with 2 retries", retries=2)]


def test_a_page_that_failed_and_was_answered_is_failing_no_more() -> None:
    server = service(180, 2)
    run(asks(1, 2, 3, 2, 4, 2)(server))
    (walk,) = server.walks()
    assert (walk.verdict, walk.retries, walk.pages) == (Verdict.LOOPED, 1, 4)


def test_a_cursor_that_failed_may_be_asked_again_after_other_calls() -> None:
    server = service(180, 2)
    first = server.get()
    server.get(cursor=first.cursor)
    server.get(page=2)
    run(follows_from(server, first.cursor))
    assert [(walk.verdict, walk.retries) for walk in server.walks()] == [(Verdict.MIXED, 1)]


def test_giving_up_on_a_failure_is_abandoning_the_walk() -> None:
    server = service(180, 3)
    run(gives_up_on_a_failure(server))
    explanation = "gave up on page 3, which failed; 80 of 180 restores were never seen; retry after a 429 or 5xx"
    assert told(server.walks()) == [Told(Verdict.ABANDONED, 2, 100, 180, explanation)]


def test_of_several_pages_that_failed_the_first_is_told() -> None:
    server = service(180, 2, 3)
    run(asks(1, 2, 3)(server))
    explanation = "gave up on page 2, which failed; 130 of 180 restores were never seen; retry after a 429 or 5xx"
    assert told(server.walks()) == [Told(Verdict.ABANDONED, 1, 50, 180, explanation)]


def test_leaving_out_a_last_page_that_failed_is_abandoning_the_walk() -> None:
    server = service(180, 3)
    run(asks(1, 2, 4, 3)(server))
    explanation = "gave up on page 4, which failed; 30 of 180 restores were never seen; retry after a 429 or 5xx"
    assert told(server.walks()) == [Told(Verdict.ABANDONED, 3, 150, 180, explanation)]


def test_leaving_out_a_page_in_between_that_failed_is_skipping_it() -> None:
    server = service(180, 3)
    run(asks(1, 2, 3, 4)(server))
    explanation = "reached the end, but page 3 was never received; 50 of 180 restores were never seen"
    assert told(server.walks()) == [Told(Verdict.SKIPPED, 3, 130, 180, explanation)]


def test_leaving_out_a_first_page_that_failed_is_skipping_it() -> None:
    server = service(180, 1)
    run(asks(1, 2, 3, 4)(server))
    explanation = "reached the end, but page 1 was never received"
    assert told(server.walks()) == [Told(Verdict.SKIPPED, 3, 130, 130, explanation)]


@pytest.mark.parametrize(
    ("calls", "explanation"),
    [
        (1, "received no page: its only request failed; retry after a 429 or 5xx"),
        (3, "received no page: all 3 requests failed; retry after a 429 or 5xx"),
    ],
)
def test_a_walk_that_was_never_answered_is_abandoned(calls: int, explanation: str) -> None:
    server = service(180, *range(1, calls + 1))
    run(stops_after(calls)(server))
    assert told(server.walks()) == [Told(Verdict.ABANDONED, 0, 0, 0, explanation, retries=calls - 1)]


def test_a_restart_after_a_failure_leaves_an_abandoned_walk() -> None:
    """The cursor that failed belongs to the first walk, which is why it is the second one that comes to a halt."""
    server = service(180, 3)
    run(starts_over_after_a_failure(server))
    assert told(server.walks()) == [
        COMPLETE._replace(explanation=f"{ALL_BY_PAGE}, with 1 retry", retries=1),
        Told(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}; {OVERTAKEN}"),
    ]


def test_a_restart_by_number_after_a_failure_leaves_neither_walk_complete() -> None:
    """The page that failed belongs to the first walk, the one after it to the newest."""
    server = service(180, 3)
    run(asks(1, 2, 3, 1, 2, 3, 4)(server))
    stopped = "stopped after page 3 although hasNextPage was true; 30 of 180 restores were never seen"
    skipped = "reached the end, but page 3 was never received; 50 of 180 restores were never seen"
    assert told(server.walks()) == [
        Told(Verdict.ABANDONED, 3, 150, 180, f"{stopped}", retries=1),
        Told(Verdict.SKIPPED, 3, 130, 180, skipped),
    ]


def test_a_restart_of_a_failed_first_page_is_a_retry() -> None:
    server = service(180, 1)
    run(starts_over_after_a_failure(server))
    assert told(server.walks()) == [COMPLETE._replace(explanation=f"{ALL_BY_PAGE}, with 1 retry", retries=1)]


def test_a_walk_that_stops_where_an_earlier_one_went_on_is_told_to_go_on() -> None:
    server = service(180)
    run(follows_cursors(server))
    run(stops_after(2)(server))
    assert told(server.walks()) == [COMPLETE, Told(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}")]


@pytest.mark.parametrize("tokens", [("one", "one"), ("one", "two")])
def test_two_clients_side_by_side_by_cursor_have_a_walk_each(tokens: tuple[str, str]) -> None:
    server = service(180)
    run(*(follows_cursors(server, who=token) for token in tokens))
    walks = server.walks()
    assert told(walks) == [COMPLETE, COMPLETE]
    assert [walk.token for walk in walks] == list(tokens)


def test_two_clients_side_by_side_by_number_need_a_token_each() -> None:
    server = service(180)
    run(counts_pages(server, who="one"), counts_pages(server, who="two"))
    assert told(server.walks()) == [COMPLETE, COMPLETE]


def test_a_client_that_asks_again_for_a_failed_page_leaves_the_other_one_alone() -> None:
    server = service(180, 3)
    run(follows_cursors(server), follows_cursors(server))
    assert sorted(walk.retries for walk in server.walks()) == [0, 1]
    assert {walk.verdict for walk in server.walks()} == {Verdict.COMPLETE}


def test_the_walk_that_waits_longest_goes_on_first() -> None:
    server = service(180)
    run(stops_after(1)(server))
    run(follows_cursors(server))
    assert [(walk.verdict, walk.pages) for walk in server.walks()] == [(Verdict.COMPLETE, 4), (Verdict.ABANDONED, 1)]


def test_a_walk_that_stopped_while_another_went_on_is_told_so() -> None:
    server = service(180)
    run(stops_after(2)(server), follows_cursors(server))
    assert told(server.walks()) == [COMPLETE, Told(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}; {OVERTAKEN}")]


def test_a_cursor_that_several_walks_followed_loops_the_newest() -> None:
    server = service(180)
    run(follows_cursors(server), follows_cursors(server))
    first_cursor = server.calls[0].next_cursor
    server.get(cursor=first_cursor)
    assert [walk.verdict for walk in server.walks()] == [Verdict.COMPLETE, Verdict.LOOPED]


def test_a_walk_is_overtaken_within_one_millisecond_too() -> None:
    server = service(180)
    first = server.get()
    server.get()
    run(follows_from(server, first.cursor))
    calls = [replace(call, at=0) for call in server.calls]
    assert [walk.explanation.endswith(OVERTAKEN) for walk in verdicts(calls, server.count_from)] == [False, True]


def test_a_loop_that_failed_leaves_the_cursor_to_the_walk_that_waits_for_it() -> None:
    server = service(180, 3)
    first = server.get()
    server.get(cursor=first.cursor)
    server.get(cursor=first.cursor)
    server.get()
    server.get(cursor=first.cursor)
    server.get(cursor=first.cursor)
    looped, waited = server.walks()
    assert (looped.verdict, looped.pages, looped.retries) == (Verdict.LOOPED, 2, 1)
    assert (waited.verdict, waited.pages, waited.retries) == (Verdict.ABANDONED, 2, 0)


def test_lists_have_their_walks_apart() -> None:
    calls = [
        ListRequest("one", addon, backup, at, None, 1, failed=False, restores=(10,))
        for at, (addon, backup) in enumerate([("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")])
    ]
    asked: list[tuple[str, str]] = []

    def count_from(_project_id: str, addon_id: str, backup_id: str, restore_id: int) -> int:
        asked.append((addon_id, backup_id))
        return int(restore_id >= 10)

    walks = verdicts(calls, count_from)
    assert [(walk.addon_id, walk.backup_id, walk.verdict) for walk in walks] == [
        ("a", "x", Verdict.POLL),
        ("a", "y", Verdict.COMPLETE),
        ("b", "x", Verdict.COMPLETE),
    ]
    assert set(asked) == {("a", "x"), ("a", "y"), ("b", "x")}


def test_a_walk_tells_when_it_was() -> None:
    server = service(180)
    server.now = 1_750_000_000_000
    run(follows_cursors(server, who="one"), follows_cursors(server, who="two"))
    assert [(walk.since, walk.until) for walk in server.walks()] == [
        (1_750_000_000_000, 1_750_000_000_600),
        (1_750_000_000_100, 1_750_000_000_700),
    ]


def test_a_walk_tells_when_it_was_though_its_answers_overtook_each_other() -> None:
    calls = [
        ListRequest("one", ADDON, BACKUP, at, None, page, failed=False, restores=(page,), next_cursor=f"{page}")
        for page, at in ((1, 20), (3, 50), (2, 10))
    ]
    (walk,) = verdicts(calls, lambda *_: 0)
    assert (walk.since, walk.until) == (10, 50)


def test_only_a_poll_has_what_a_poll_has() -> None:
    server = service(180)
    run(follows_cursors(server))
    (walk,) = server.walks()
    assert (walk.polls, walk.shortest_interval_ms, walk.statuses_seen, walk.polled_after_end) == (None,) * 4


# What the journal dropped


def test_a_walk_whose_start_was_dropped_begins_where_the_journal_does() -> None:
    server = service(180)
    run(follows_cursors(server))
    del server.calls[:2]
    explanation = "reached the end from page 3 on: 80 of 80 restores on 2 pages"
    assert told(server.walks()) == [Told(Verdict.COMPLETE, 2, 80, 80, explanation)]


def test_a_walk_whose_start_was_dropped_loops_on_the_cursor_that_it_began_with() -> None:
    server = service(180)
    run(sends_a_cursor_twice(server))
    del server.calls[:1]
    assert [(walk.verdict, walk.pages) for walk in server.walks()] == [(Verdict.LOOPED, 3)]


def test_a_walk_whose_start_was_dropped_may_ask_again_what_failed() -> None:
    server = service(180, 3)
    run(follows_cursors(server))
    del server.calls[:2]
    assert [(walk.verdict, walk.pages, walk.retries) for walk in server.walks()] == [(Verdict.COMPLETE, 2, 1)]


def test_a_walk_whose_start_was_dropped_is_mixed_once_it_counts() -> None:
    server = service(180)
    run(follows_a_cursor_and_then_counts(server))
    del server.calls[:1]
    assert [(walk.verdict, walk.pages) for walk in server.walks()] == [(Verdict.MIXED, 3)]


def test_a_walk_whose_start_was_dropped_stays_mixed() -> None:
    server = service(180)
    first = server.get()
    second = server.get(cursor=first.cursor)
    server.get(page=4)
    server.get(cursor=second.cursor)
    del server.calls[:1]
    assert [(walk.verdict, walk.pages) for walk in server.walks()] == [(Verdict.MIXED, 3)]


def test_a_dropped_start_by_number_is_no_mistake() -> None:
    server = service(180)
    run(counts_pages(server))
    del server.calls[:2]
    assert [(walk.verdict, walk.pages, walk.restores_total) for walk in server.walks()] == [(Verdict.COMPLETE, 2, 80)]


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
def test_a_list_of_one_page_is_walked_in_one_call(
    client: Callable[[Service], Client], restores: int, explanation: str
) -> None:
    server = service(restores)
    run(client(server))
    assert told(server.walks()) == [Told(Verdict.COMPLETE, 1, restores, restores, explanation)]


def test_a_second_page_of_a_list_of_one_is_beyond_its_end() -> None:
    server = service(50)
    run(asks(1, 2)(server))
    assert told(server.walks()) == [
        Told(Verdict.OVERRAN, 2, 50, 50, f"requested 1 page beyond page 1, {STOP}"),
    ]


def test_one_restore_that_was_never_seen_is_one() -> None:
    server = service(51)
    run(stops_after(1)(server))
    explanation = "stopped after page 1 although hasNextPage was true; 1 of 51 restores was never seen"
    assert told(server.walks()) == [Told(Verdict.ABANDONED, 1, 50, 51, explanation)]


# A list that changes under a walk


def run_with_a_change(client: Client, change: Callable[[], None], after: int = 1) -> None:
    for number, _ in enumerate(client, 1):
        if number == after:
            change()


def test_a_walk_by_cursor_is_complete_though_restores_were_inserted() -> None:
    server = service(180)
    run_with_a_change(follows_cursors(server), lambda: server.insert(5))
    assert told(server.walks()) == [COMPLETE]


def test_a_walk_by_cursor_is_complete_though_restores_were_deleted() -> None:
    server = service(180)
    run_with_a_change(follows_cursors(server), lambda: server.delete(5))
    assert told(server.walks()) == [COMPLETE]


def test_a_walk_by_cursor_is_complete_though_restores_came_in_behind_it() -> None:
    server = service(180)
    run_with_a_change(follows_cursors(server), lambda: server.restores.insert(3, server.restores[3] + 1))
    explanation = "reached the end: 180 of 181 restores on 4 pages; 1 more was added behind it"
    assert told(server.walks()) == [Told(Verdict.COMPLETE, 4, 180, 181, explanation)]


def test_a_walk_by_cursor_that_stops_has_never_seen_what_is_left() -> None:
    server = service(180)
    run_with_a_change(stops_after(2)(server), lambda: server.delete(5))
    assert told(server.walks()) == [Told(Verdict.ABANDONED, 2, 100, 180, f"{AFTER_TWO}")]


def test_a_walk_that_stops_where_all_that_is_left_was_deleted_has_seen_all() -> None:
    server = service(180)
    run(stops_after(2)(server))
    del server.restores[100:]
    explanation = "stopped after page 2 although hasNextPage was true"
    assert told(server.walks()) == [Told(Verdict.ABANDONED, 2, 100, 100, explanation)]


@pytest.mark.parametrize("inserted", [5, 60])
def test_a_walk_by_number_is_complete_though_restores_were_inserted(inserted: int) -> None:
    server = service(180)
    run_with_a_change(counts_pages(server), lambda: server.insert(inserted))
    (walk,) = server.walks()
    assert walk.verdict is Verdict.COMPLETE
    assert walk.restores_seen == walk.restores_total == 180 + max(0, inserted - PER_PAGE)


@pytest.mark.parametrize(
    ("after", "deleted", "never_seen"), [(1, 5, "5 of 180 restores were"), (2, 1, "1 of 180 restores was")]
)
def test_a_walk_by_number_skips_what_deleted_restores_drew_over_a_page_boundary(
    after: int, deleted: int, never_seen: str
) -> None:
    server = service(180)
    run_with_a_change(counts_pages(server), lambda: server.delete(deleted), after)
    explanation = (
        f"reached the end, but the list changed under the page numbers; {never_seen} never seen; cursors do not skip"
    )
    assert told(server.walks()) == [Told(Verdict.SKIPPED, 4, 180 - deleted, 180, explanation)]


def test_a_walk_by_number_skips_what_a_deletion_amid_its_pages_drew_over_a_boundary() -> None:
    server = service(180)

    def delete_amid_the_first_page() -> None:
        del server.restores[10:15]

    run_with_a_change(counts_pages(server), delete_amid_the_first_page)
    (walk,) = server.walks()
    assert (walk.verdict, walk.restores_seen, walk.restores_total) == (Verdict.SKIPPED, 175, 180)


def test_what_came_twice_on_two_pages_is_not_missing_between_them() -> None:
    server = service(180)
    server.get(page=1)
    server.insert(5)
    server.get(page=2)
    server.delete(10)
    server.get(page=3)
    server.get(page=4)
    (walk,) = server.walks()
    assert (walk.verdict, walk.restores_seen, walk.restores_total) == (Verdict.SKIPPED, 170, 180)


def test_a_walk_by_number_is_complete_though_restores_that_it_had_not_reached_were_deleted() -> None:
    server = service(180)

    def delete_the_oldest() -> None:
        del server.restores[-5:]

    run_with_a_change(counts_pages(server), delete_the_oldest)
    explanation = "reached the end: 175 of 175 restores on 4 pages"
    assert told(server.walks()) == [Told(Verdict.COMPLETE, 4, 175, 175, explanation)]


# Polls


def polls(server: Service, *statuses: Status) -> JudgedWalk:
    for status in statuses:
        server.status = status
        for _ in patiently(server):
            pass
    (walk,) = server.walks()
    return walk


LIFE = (Status.SCHEDULED, Status.IN_PROGRESS, Status.IN_PROGRESS, Status.COMPLETED)


def test_a_poller_that_stops_in_time_is_told_what_it_saw() -> None:
    server = service(1)
    walk = polls(server, *LIFE)
    assert told([walk]) == [
        Told(
            *(Verdict.POLL, 1, 1, 1),
            "requested the first page 4 times, 100 ms apart at the closest; saw scheduled, in-progress, completed; "
            "stopped when all had ended",
        )
    ]
    assert (walk.polls, walk.shortest_interval_ms, walk.polled_after_end) == (4, 100, False)
    assert walk.statuses_seen == (Status.SCHEDULED, Status.IN_PROGRESS, Status.COMPLETED)


def test_a_poller_that_does_not_stop_in_time_is_told_so() -> None:
    walk = polls(service(1), *LIFE, Status.COMPLETED)
    assert walk.explanation.endswith("; continued after all had ended, although it could have stopped")
    assert (walk.verdict, walk.polls, walk.polled_after_end) == (Verdict.POLL, 5, True)


def test_a_poller_that_stops_too_early_is_told_so() -> None:
    walk = polls(service(1), *LIFE[:-1])
    assert walk.explanation.endswith("; did not see all of them end")
    assert (walk.verdict, walk.polls, walk.polled_after_end) == (Verdict.POLL, 3, False)


@pytest.mark.parametrize("status", Status)
def test_a_restore_has_ended_in_four_of_the_statuses(status: Status) -> None:
    ended = {Status.COMPLETED, Status.FAILED, Status.ABORTED, Status.NOT_SUPPORTED}
    assert polls(service(1), status, status).polled_after_end is (status in ended)


def test_all_restores_must_have_ended_for_a_poller_to_stop() -> None:
    calls = [
        ListRequest(
            *("one", ADDON, BACKUP, at, None, 1, False),
            restores=(20, 10),
            statuses=(Status.IN_PROGRESS, Status.COMPLETED),
        )
        for at in range(2)
    ]
    (walk,) = verdicts(calls, lambda *_: 2)
    assert walk.polled_after_end is False
    assert walk.statuses_seen == (Status.IN_PROGRESS, Status.COMPLETED)


def test_nothing_has_ended_in_a_list_of_nothing() -> None:
    walk = polls(service(0), *LIFE)
    assert walk.explanation == (
        "requested the first page 4 times, 100 ms apart at the closest; saw no restores; did not see all of them end"
    )
    assert (walk.verdict, walk.restores_total, walk.statuses_seen) == (Verdict.POLL, 0, ())
    assert walk.polled_after_end is False


def test_a_poll_that_failed_and_was_asked_again_is_one() -> None:
    walk = polls(service(1, 2, 3), *LIFE)
    assert (walk.polls, walk.retries, walk.shortest_interval_ms) == (4, 2, 100)


def test_the_shortest_interval_is_from_poll_to_poll() -> None:
    server = service(1, 2, 3)
    server.get()  # at 0
    server.now = 1000
    polls(server, Status.SCHEDULED)  # at 1000, 1100 and 1200
    server.now = 1700
    assert polls(server, Status.COMPLETED).shortest_interval_ms == 700


def test_the_shortest_interval_goes_by_when_polls_were_asked() -> None:
    calls = [ListRequest("one", ADDON, BACKUP, at, None, 1, failed=False) for at in (0, 250, 100, 600)]
    (walk,) = verdicts(calls, lambda *_: 0)
    assert walk.shortest_interval_ms == 100


def test_a_poller_that_fails_at_the_end_has_polled() -> None:
    server = service(1, 3)
    server.status = Status.IN_PROGRESS
    run(asks(1, 1, 1)(server))
    (walk,) = server.walks()
    assert (walk.verdict, walk.polls, walk.retries, walk.polled_after_end) == (Verdict.POLL, 3, 0, False)


def test_a_poll_counts_every_restore_that_showed() -> None:
    server = service(3)
    server.get()
    server.insert(2)
    server.get()
    server.delete(1)
    server.get()
    (walk,) = server.walks()
    assert (walk.verdict, walk.restores_seen, walk.restores_total) == (Verdict.POLL, 5, 5)


def test_one_walk_of_the_first_page_is_no_poll() -> None:
    server = service(1)
    server.get()
    assert [walk.verdict for walk in server.walks()] == [Verdict.COMPLETE]


def test_a_whole_walk_comes_between_two_polls() -> None:
    server = service(180)
    run(asks(1, 1)(server))
    run(follows_cursors(server))
    server.get(page=1)
    server.get()
    assert [(walk.verdict, walk.polls) for walk in server.walks()] == [
        (Verdict.COMPLETE, None),
        (Verdict.POLL, 4),
    ]


def test_a_whole_walk_after_a_call_for_the_first_page_is_no_poll() -> None:
    server = service(180)
    server.get()
    server.insert(5)
    run(follows_cursors(server))
    assert [walk.verdict for walk in server.walks()] == [Verdict.ABANDONED, Verdict.COMPLETE]


def test_pages_of_their_own_are_no_poll() -> None:
    server = service(180)
    run(follows_cursors(server, page=2))
    run(follows_cursors(server))
    run(asks(1)(server))
    assert [walk.verdict for walk in server.walks()] == [Verdict.COMPLETE, Verdict.COMPLETE, Verdict.ABANDONED]


# What holds for every client


@given(
    restores=st.integers(0, 300),
    per_page=st.integers(1, 100),
    failing=st.frozensets(st.integers(1, 60)),
    start=st.sampled_from([None, 1]),
)
def test_a_client_that_follows_every_cursor_and_asks_again_is_complete(
    restores: int, per_page: int, failing: frozenset[int], start: int | None
) -> None:
    server = service(restores, *failing)
    run(follows_cursors(server, page=start, per_page=per_page))
    (walk,) = server.walks()
    assert walk.verdict is Verdict.COMPLETE
    assert walk.restores_seen == walk.restores_total == restores
    assert walk.retries == sum(call.failed for call in server.calls)
    assert walk.pages + walk.retries == len(server.calls)


@given(
    restores=st.integers(0, 60),
    per_page=st.integers(1, 10),
    deletions=st.lists(st.sets(st.integers(1, 60), max_size=10), max_size=5),
)
def test_the_total_of_a_walk_by_number_is_what_it_saw_and_what_is_left(
    restores: int, per_page: int, deletions: list[set[int]]
) -> None:
    server = Service(list(range(restores, 0, -1)))
    for page in count(1):
        if not server.get(page=page, per_page=per_page).cursor:
            break
        deleted = deletions.pop() if deletions else set()
        server.restores = [restore for restore in server.restores if restore not in deleted]
    (walk,) = server.walks()
    seen = {restore for call in server.calls for restore in call.restores}
    assert walk.restores_seen == len(seen)
    if walk.pages > 1:
        assert walk.restores_total == len(seen.union(server.restores))
        assert walk.verdict is (Verdict.COMPLETE if seen.issuperset(server.restores) else Verdict.SKIPPED)


cursors = st.sampled_from(["c1", "c2", "c3"])
restore_ids = st.integers(0, 50)


@st.composite
def list_calls(draw: st.DrawFn) -> ListRequest:
    failed = draw(st.booleans())
    sent = () if failed else tuple(draw(st.lists(st.tuples(restore_ids, st.sampled_from(Status)), max_size=4)))
    return ListRequest(
        token=draw(st.sampled_from(["one", "two"])),
        addon_id=ADDON,
        backup_id=draw(st.sampled_from(["x", "y"])),
        at=draw(st.integers(0, 1000)),
        cursor=draw(st.none() | cursors),
        page=draw(st.integers(1, 5)),
        failed=failed,
        restores=tuple(restore for restore, _ in sent),
        statuses=tuple(status for _, status in sent),
        next_cursor=None if failed else draw(st.none() | cursors),
    )


@given(calls=st.lists(list_calls(), max_size=25), left=st.frozensets(restore_ids))
def test_any_calls_have_verdicts(calls: list[ListRequest], left: frozenset[int]) -> None:
    walks = verdicts(
        calls, lambda _project, _addon, _backup, restore_id: sum(restore <= restore_id for restore in left)
    )
    assert bool(walks) == bool(calls)
    assert sum(walk.pages + walk.retries for walk in walks) <= len(calls)
    for walk in walks:
        own = [call for call in calls if (call.token, call.backup_id) == (walk.token, walk.backup_id)]
        assert 0 <= walk.pages <= len(own)
        assert 0 <= walk.restores_seen <= walk.restores_total
        assert {walk.since, walk.until} <= {call.at for call in own}
        assert walk.since <= walk.until
        assert walk.explanation
        assert (walk.verdict is Verdict.POLL) == (walk.polls is not None)
    for key in {(call.token, call.backup_id) for call in calls}:
        ids = {restore for call in calls if (call.token, call.backup_id) == key for restore in call.restores}
        seen = [walk.restores_seen for walk in walks if (walk.token, walk.backup_id) == key]
        assert max(seen) <= len(ids) <= sum(seen)


@given(calls=st.lists(list_calls(), max_size=25))
def test_a_walk_does_not_depend_on_the_calls_of_other_tokens(calls: list[ListRequest]) -> None:
    def of_one(walks: list[JudgedWalk]) -> list[JudgedWalk]:
        return [walk for walk in walks if walk.token != "two"]  # noqa: S105 - a fingerprint

    alone = [call for call in calls if call.token != "two"]  # noqa: S105 - the same
    assert of_one(verdicts(calls, lambda *_: 0)) == verdicts(alone, lambda *_: 0)


@pytest.mark.parametrize("client", [follows_cursors, counts_pages, ignores_the_cursor])
def test_a_full_journal_is_judged_fast(client: Callable[[Service], Client]) -> None:
    server = service(180)
    while len(server.calls) < 1000:
        run(client(server))
    began = perf_counter()
    verdicts(server.calls, lambda *_: 180)
    assert perf_counter() - began < 1


def test_a_walk_by_cursor_costs_the_list_two_questions_however_long_it_was() -> None:
    server = service(1000)
    run(follows_cursors(server, per_page=10))
    run(follows_cursors(server, per_page=20))
    asked: list[int] = []

    def count_from(_project_id: str, _addon_id: str, _backup_id: str, restore_id: int) -> int:
        asked.append(restore_id)
        return len(server.restores)

    verdicts(server.calls, count_from)
    assert sorted(asked) == [GAP - 1, 1000 * GAP]


def test_the_verdicts_are_named_in_the_order_in_which_they_are_tried() -> None:
    assert list(Verdict) == ["mixed", "looped", "overran", "poll", "abandoned", "skipped", "complete"]
