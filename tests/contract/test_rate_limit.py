"""The rate limit: in the headers of every response of the API, and enforced only on request."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.rate_limit import MAX_WINDOWS, RateLimit
from tests.contract.responses import (
    RATE_LIMIT_HEADERS,
    RESTORES,
    UNKNOWN_PROJECT,
    ask,
    bearer,
    error_of,
    rate_limit_of,
    send_raw,
    use_up,
)
from tests.support import RunningServer, SteppedClock, running_server, traced_memory

UNUSED = (1000, 1000, 3600)
HOUR = 3600


@pytest.fixture
def counting(clock: SteppedClock) -> Iterator[RunningServer]:
    """A server that counts by ``clock``."""
    with running_server(clock) as running:
        yield running


@pytest.fixture
def stopping(clock: SteppedClock) -> Iterator[RunningServer]:
    """A server that counts by ``clock``, and enforces the limit."""
    with running_server(clock, enforce_rate_limit=True) as running:
        yield running


@pytest.fixture
def rate_limit(clock: SteppedClock) -> RateLimit:
    return RateLimit(clock, enforced=True)


def count_tokens(rate_limit: RateLimit, tokens: int, prefix: str = "") -> None:
    """Counts one request of each of ``tokens`` different tokens."""
    for number in range(tokens):
        rate_limit.count(f"{prefix}{number}")


def counted(server: RunningServer, token: str = "a-token") -> tuple[int, int, int]:  # noqa: S107 - any will do
    return rate_limit_of(ask(server, "/v1/login", headers=bearer(token)))


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (RESTORES, "GET", 200),
        (RESTORES, "HEAD", 200),
        ("/v1/teams/any" + RESTORES[3:], "GET", 200),
        ("/v1/login", "GET", 200),
        (f"{RESTORES}?page=0", "GET", 400),
        (UNKNOWN_PROJECT, "GET", 404),
        ("/v1/nope", "GET", 404),
        ("/v1", "GET", 404),
        (f"{RESTORES}/", "HEAD", 404),
        (RESTORES, "DELETE", 405),
    ],
)
def test_every_response_of_the_api_counts_and_has_the_headers(
    server: RunningServer, path: str, method: str, status: int
) -> None:
    token = f"{method} {path}".replace(" ", "")
    response = ask(server, path, method, bearer(token))
    assert response.status_code == status
    limit, remaining, reset = rate_limit_of(response)
    assert (limit, remaining) == (1000, 999)
    assert 3595 < reset <= HOUR
    assert rate_limit_of(ask(server, path, method, bearer(token)))[1] == 998


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/v1/", "GET", 200), ("/v1/", "HEAD", 200), (RESTORES, "GET", 401), ("/v1/nope", "POST", 401)],
)
def test_a_request_without_a_token_has_the_headers_and_counts_for_no_token(
    server: RunningServer, path: str, method: str, status: int
) -> None:
    for _ in range(2):
        response = ask(server, path, method, headers=[])
        assert response.status_code == status
        assert rate_limit_of(response) == UNUSED


def test_a_rejected_token_is_not_counted(choosy: RunningServer) -> None:
    for _ in range(2):
        response = ask(choosy, RESTORES, headers=bearer("not-good"))
        error_of(response, 401)
        assert rate_limit_of(response) == UNUSED


@pytest.mark.parametrize("path", ["/openapi.json", "/", "/nope", "/v10", "/v1x/login", "//v1/login"])
def test_nothing_outside_the_api_counts_or_has_the_headers(server: RunningServer, path: str) -> None:
    head = "Host: mockserver\r\nAuthorization: Bearer outside\r\nConnection: close\r\n\r\n"
    response = send_raw(server, f"GET {path} HTTP/1.1\r\n{head}".encode())
    assert not set(RATE_LIMIT_HEADERS) & set(response.headers)
    assert not [name for name in response.headers if name.startswith("x-ratelimit")]


def test_requests_outside_the_api_use_nothing_up(counting: RunningServer) -> None:
    for path in ("/openapi.json", "/nope", "/v1/"):
        ask(counting, path, headers=bearer())
    assert counted(counting) == (1000, 999, HOUR)


@pytest.mark.parametrize(
    ("seconds", "remaining", "reset"),
    [
        (0, 998, 3600),
        (0.25, 998, 3600),
        (1, 998, 3599),
        (1799.5, 998, 1801),
        (3599, 998, 1),
        (3599.999, 998, 1),
        (3600, 999, 3600),
        (3600.5, 999, 3600),
        (10 * HOUR, 999, 3600),
    ],
)
def test_the_window_ends_an_hour_after_its_first_request(
    counting: RunningServer, clock: SteppedClock, seconds: float, remaining: int, reset: int
) -> None:
    counted(counting)
    clock.seconds += seconds
    assert counted(counting) == (1000, remaining, reset)


def test_the_next_window_begins_with_the_next_request_and_not_with_the_hour(
    counting: RunningServer, clock: SteppedClock
) -> None:
    counted(counting)
    clock.seconds += 1.5 * HOUR
    assert counted(counting) == (1000, 999, HOUR)
    clock.seconds += 0.75 * HOUR
    assert counted(counting) == (1000, 998, HOUR // 4)


def test_the_clock_that_statuses_go_by_moves_no_window(counting: RunningServer, clock: SteppedClock) -> None:
    counted(counting)
    clock.instant += 10 * HOUR * 1000
    assert counted(counting) == (1000, 998, HOUR)


def test_each_token_has_a_window_of_its_own(counting: RunningServer, clock: SteppedClock) -> None:
    assert counted(counting, "first") == (1000, 999, HOUR)
    clock.seconds += 600
    assert counted(counting, "second") == (1000, 999, HOUR)
    assert counted(counting, "first") == (1000, 998, HOUR - 600)
    assert counted(counting, "First") == (1000, 999, HOUR)


def test_the_spelling_of_the_scheme_makes_no_other_token(counting: RunningServer) -> None:
    counted(counting)
    response = ask(counting, "/v1/login", headers=[("Authorization", "bearer  a-token")])
    assert rate_limit_of(response) == (1000, 998, HOUR)


def test_teams_and_projects_share_a_tokens_window(counting: RunningServer) -> None:
    paths = [RESTORES, "/v1/teams/any" + RESTORES[3:], UNKNOWN_PROJECT, "/v1/login"]
    assert [rate_limit_of(ask(counting, path))[1] for path in paths] == [999, 998, 997, 996]


def test_the_limit_is_not_enforced_by_default(counting: RunningServer) -> None:
    use_up(counting, "a-token")
    for _ in range(2):
        response = ask(counting, RESTORES)
        assert response.status_code == 200
        assert rate_limit_of(response) == (1000, 0, HOUR)


def test_a_thousand_requests_succeed_and_the_next_is_a_429(stopping: RunningServer, clock: SteppedClock) -> None:
    for number in range(1, 1001):
        response = ask(stopping, f"{RESTORES}?per_page=1")
        assert (response.status_code, rate_limit_of(response)[1]) == (200, 1000 - number)
    clock.seconds += 0.5
    response = ask(stopping, RESTORES)
    assert "details" not in error_of(response, 429)
    assert rate_limit_of(response) == (1000, 0, HOUR)
    assert response.headers["retry-after"] == str(HOUR)


@pytest.mark.parametrize("path", [RESTORES, "/v1/teams/any" + RESTORES[3:], "/v1/login"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_enforced_limit_applies_to_every_operation(enforcing: RunningServer, path: str, method: str) -> None:
    token = f"{method}{path}"
    use_up(enforcing, token)
    response = ask(enforcing, path, method, bearer(token))
    assert response.status_code == 429
    if method == "GET":
        error_of(response, 429)


def test_the_server_can_have_another_limit(clock: SteppedClock) -> None:
    with running_server(clock, rate_limit=2, enforce_rate_limit=True) as server:
        assert rate_limit_of(ask(server, "/v1/", headers=[])) == (2, 2, HOUR)
        assert [counted(server) for _ in range(3)] == [(2, 1, HOUR), (2, 0, HOUR), (2, 0, HOUR)]
        message = error_of(ask(server, RESTORES), 429)["message"]
        assert "2 requests an hour" in message
        assert "3600 seconds" in message


def test_a_token_is_accepted_again_after_its_window(stopping: RunningServer, clock: SteppedClock) -> None:
    use_up(stopping, "a-token")
    clock.seconds += HOUR - 0.5
    response = ask(stopping, RESTORES)
    error_of(response, 429)
    assert rate_limit_of(response) == (1000, 0, 1)
    clock.seconds += 0.5
    response = ask(stopping, RESTORES)
    assert response.status_code == 200
    assert rate_limit_of(response) == (1000, 999, HOUR)


def test_one_token_that_is_used_up_stops_no_other(enforcing: RunningServer) -> None:
    use_up(enforcing, "one")
    assert ask(enforcing, RESTORES, headers=bearer("one")).status_code == 429
    assert ask(enforcing, RESTORES, headers=bearer("other")).status_code == 200


def test_the_health_check_responds_to_a_token_that_is_used_up(enforcing: RunningServer) -> None:
    use_up(enforcing, "checking")
    assert ask(enforcing, "/v1/", headers=bearer("checking")).status_code == 200


def test_an_error_higher_in_the_table_is_counted_too(stopping: RunningServer) -> None:
    for _ in range(3):
        error_of(ask(stopping, UNKNOWN_PROJECT), 404)
    assert counted(stopping)[1] == 996


@given(st.floats(0, 1e9), st.floats(0, 3 * HOUR))
def test_a_window_never_has_more_than_its_hour_left_nor_less_than_a_second(began: float, seconds: float) -> None:
    clock = SteppedClock(seconds=began)
    rate_limit = RateLimit(clock, enforced=True)
    assert rate_limit.count("a-token").reset == HOUR
    clock.seconds += seconds
    standing = rate_limit.count("a-token")
    assert 1 <= standing.reset <= HOUR
    assert (standing.remaining == 999) is (clock.seconds - began >= HOUR)


@pytest.mark.parametrize("tokens", ["{hour}-{number}", "{number}"])
def test_memory_does_not_grow_with_ended_windows(rate_limit: RateLimit, clock: SteppedClock, tokens: str) -> None:
    with traced_memory() as memory:
        sizes = []
        for hour in range(10):
            for number in range(1_000):
                rate_limit.count(tokens.format(hour=hour, number=number))
            sizes.append(memory())
            clock.seconds += HOUR
    assert sizes[-1] < 2 * sizes[0]


def test_no_request_removes_many_windows_however_many_have_ended(rate_limit: RateLimit, clock: SteppedClock) -> None:
    with traced_memory() as memory:
        count_tokens(rate_limit, 1_000, "ended-")
        sizes = [memory()]
        clock.seconds += HOUR
        for number in range(1_000):
            rate_limit.count(f"later-{number}")
            sizes.append(memory())
    assert max(before - after for before, after in pairwise(sizes)) < sizes[0] / 100


def test_no_window_that_goes_on_is_forgotten(rate_limit: RateLimit, clock: SteppedClock) -> None:
    count_tokens(rate_limit, 1_000, "ended-")
    clock.seconds += 1
    rate_limit.count("goes-on")
    clock.seconds += HOUR - 1
    count_tokens(rate_limit, MAX_WINDOWS - 1, "later-")
    assert rate_limit.count("goes-on").remaining == 998
    assert rate_limit.count("ended-0").remaining == 999


def test_beyond_100000_windows_the_oldest_goes(rate_limit: RateLimit, clock: SteppedClock) -> None:
    assert MAX_WINDOWS == 100_000
    for number in range(MAX_WINDOWS):
        clock.seconds += 0.01
        rate_limit.count(f"{number}")
    assert rate_limit.count("0").remaining == 998
    rate_limit.count("one-more")
    assert rate_limit.count("1").remaining == 998
    assert rate_limit.count("0").remaining == 999, "the oldest, although it was used last"
    assert rate_limit.count("1").remaining == 999, "for whose new window the next oldest had to go"


def test_a_token_that_comes_again_after_its_hour_is_the_newest(rate_limit: RateLimit, clock: SteppedClock) -> None:
    for token in ("first", "second"):
        rate_limit.count(token)
        clock.seconds += HOUR / 2
    rate_limit.count("first")
    count_tokens(rate_limit, MAX_WINDOWS - 1)
    assert rate_limit.count("first").remaining == 998
    assert rate_limit.count("second").remaining == 999


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, HOUR / 2)), max_size=60))
def test_a_token_has_what_is_left_of_its_window_whatever_other_tokens_do(requests: list[tuple[str, float]]) -> None:
    clock = SteppedClock()
    rate_limit = RateLimit(clock, enforced=True)
    started: dict[str, tuple[float, int]] = {}
    for token, seconds in requests:
        clock.seconds += seconds
        start, used = started.get(token, (clock.seconds, 0))
        if clock.seconds - start >= HOUR:
            start, used = clock.seconds, 0
        started[token] = start, used + 1
        assert rate_limit.count(token).remaining == 1000 - (used + 1)


@pytest.mark.parametrize("token", ["x", "x" * 8_000, "schl\u00fcssel"])
def test_a_token_of_any_length_is_counted(rate_limit: RateLimit, token: str) -> None:
    assert [rate_limit.count(token).remaining for _ in range(2)] == [999, 998]


def test_what_is_kept_of_a_token_does_not_grow_with_its_length(rate_limit: RateLimit) -> None:
    with traced_memory() as memory:
        count_tokens(rate_limit, 1_000, "x" * 8_000)
        assert memory() < 1_000 * 8_000 / 2, "only the last few tokens are kept whole"
