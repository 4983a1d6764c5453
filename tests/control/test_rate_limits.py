"""Projects with a rate limit of their own."""

from typing import Any

import pytest

from mockserver.rate_limit import MAX_WINDOWS_OF_PROJECT
from tests.contract.responses import RESTORES, ask, bearer, error_of, rate_limit_of
from tests.support import RunningServer, SandboxProject, SteppedClock, make_project, restores_path, running_server


def counted(project: SandboxProject, token: str) -> tuple[int, int, int]:
    """The rate limit of a token, after one more request for the project."""
    return rate_limit_of(ask(project.server, restores_path(project.backup), headers=bearer(token)))


def test_a_limit_of_three_is_enforced_from_the_fourth_request_on_until_the_window_ends(clock: SteppedClock) -> None:
    with running_server(clock) as server:
        project = make_project(server, rateLimit={"limit": 3, "windowSeconds": 10})
        assert project.ok("GET")["rateLimit"] == {"limit": 3, "windowSeconds": 10, "enforced": True}
        assert [rate_limit_of(project.page()) for _ in range(3)] == [(3, 2, 10), (3, 1, 10), (3, 0, 10)]
        clock.seconds += 7.5
        response = project.page()
        message = error_of(response, 429)["message"]
        assert "3 requests in 10 seconds" in message
        assert "resets in 3 seconds" in message
        assert (response.headers["retry-after"], rate_limit_of(response)) == ("3", (3, 0, 3))
        clock.seconds += 2.5
        assert rate_limit_of(project.page()) == (3, 2, 10)


@pytest.mark.parametrize(
    ("setting", "limit"),
    [
        ({}, {"limit": 7, "windowSeconds": 3600, "enforced": True}),
        ({"enforced": False}, {"limit": 7, "windowSeconds": 3600, "enforced": False}),
        ({"limit": 5, "windowSeconds": 1}, {"limit": 5, "windowSeconds": 1, "enforced": True}),
        (None, {"limit": 7, "windowSeconds": 3600, "enforced": False}),
    ],
)
def test_what_is_left_out_has_a_default(setting: Any, limit: dict[str, Any]) -> None:
    with running_server(rate_limit=7) as server:
        assert make_project(server, rateLimit=setting).ok("GET")["rateLimit"] == limit


def test_a_limit_that_is_not_enforced_is_reported(server: RunningServer) -> None:
    project = make_project(server, rateLimit={"limit": 1, "enforced": False})
    assert [rate_limit_of(project.page())[:2] for _ in range(2)] == [(1, 0), (1, 0)]
    assert project.page().status_code == 200


def test_each_token_has_a_window_in_each_project_that_has_its_own_limit(server: RunningServer) -> None:
    one, other = (make_project(server, rateLimit={"limit": 5}) for _ in range(2))
    assert [counted(one, "a")[1], counted(one, "a")[1], counted(one, "b")[1], counted(other, "a")[1]] == [4, 3, 4, 4]
    assert rate_limit_of(ask(server, RESTORES, headers=bearer("a")))[0] == 1000


def test_a_request_without_a_project_in_its_path_is_counted_for_the_project_of_its_token(server: RunningServer) -> None:
    project = make_project(server, rateLimit={"limit": 5})
    responses = [ask(server, "/v1/login", headers=bearer(project.token)), project.page()]
    assert [rate_limit_of(response)[:2] for response in responses] == [(5, 4), (5, 3)]


def test_a_fault_shows_the_limit_of_the_project(server: RunningServer) -> None:
    project = make_project(server, rateLimit={"limit": 5, "windowSeconds": 60})
    project.fault("rate-limit", reset=7)
    response = project.page()
    assert rate_limit_of(response) == (5, 0, 7)
    assert "5 requests in 60 seconds" in error_of(response, 429)["message"]


def test_a_reset_keeps_the_limit_and_forgets_the_requests(server: RunningServer) -> None:
    project = make_project(server, rateLimit={"limit": 1})
    assert [project.page().status_code for _ in range(2)] == [200, 429]
    project.ok("POST", "/reset")
    assert [project.page().status_code for _ in range(2)] == [200, 429]


def test_a_project_counts_a_bounded_number_of_tokens(server: RunningServer) -> None:
    project = make_project(server, rateLimit={"limit": 5})
    sandbox = server.emulator.sandboxes.find(project.id)
    assert sandbox
    for number in range(MAX_WINDOWS_OF_PROJECT):
        sandbox.rate_limit.count(f"{number}")
    assert sandbox.rate_limit.count("0").remaining == 3
    sandbox.rate_limit.count("one-more")
    assert sandbox.rate_limit.count("0").remaining == 4


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        (3, "rateLimit"),
        ({"limit": 0}, "rateLimit.limit"),
        ({"limit": "3"}, "rateLimit.limit"),
        ({"windowSeconds": 0}, "rateLimit.windowSeconds"),
        ({"windowSeconds": 0.5}, "rateLimit.windowSeconds"),
        ({"enforced": "yes"}, "rateLimit.enforced"),
        ({"colour": "red"}, "rateLimit.colour"),
    ],
)
def test_an_invalid_limit_is_rejected_with_its_location(server: RunningServer, limit: Any, place: str) -> None:
    error = error_of(server.client.post("/_mock/projects", json={"rateLimit": limit}), 400)
    assert error["details"].keys() == {place}
