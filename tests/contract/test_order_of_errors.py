"""If several errors apply, the response is the one that is higher in the contract's table."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import httpx2
import pytest

from mockserver.store.queries import BackupPath
from tests.contract.responses import ask, error_of, use_up
from tests.support import EXAMPLE, RunningServer, restores_path

Mistake = dict[str, Any]
"""The fields of a planned request that it changes."""


@dataclass(frozen=True)
class PlannedRequest:
    """A valid request, for a test to add mistakes to; ``{}`` stands for its token."""

    authorization: tuple[str, ...] = ("Bearer {}",)
    backup: BackupPath = EXAMPLE
    slash: str = ""
    query: str = ""
    method: str = "GET"

    def send(self, server: RunningServer, token: str) -> httpx2.Response:
        headers = [("Authorization", value.format(token)) for value in self.authorization]
        return ask(server, f"{restores_path(self.backup)}{self.slash}{self.query}", self.method, headers)


NO_TOKEN: Mistake = {"authorization": ()}
BAD_PER_PAGE: Mistake = {"query": "?per_page=0"}
NO_SUCH_PROJECT: Mistake = {"backup": EXAMPLE._replace(project_id="nope")}
NO_SUCH_ROUTE: Mistake = {"slash": "/"}
NO_SUCH_METHOD: Mistake = {"method": "DELETE"}
LIMIT_USED_UP: Mistake = {}
"""Changes nothing: the test sends the token that is used up."""

UNAUTHORISED: dict[str, Mistake] = {
    "no token": NO_TOKEN,
    "another scheme": {"authorization": ("Basic {}",)},
    "token twice": {"authorization": ("Bearer {}", "Bearer {}")},
}
BAD_PARAMETERS: dict[str, Mistake] = {
    "bad per_page": BAD_PER_PAGE,
    "bad page": {"query": "?page=0"},
    "bad cursor": {"query": "?cursor=bad"},
    "parameter twice": {"query": "?page=1&page=1"},
    "empty parameter": {"query": "?cursor="},
}
NOT_FOUND: dict[str, Mistake] = {
    "no such project": NO_SUCH_PROJECT,
    "no such addon": {"backup": EXAMPLE._replace(addon_id="nope")},
    "no such backup": {"backup": EXAMPLE._replace(backup_id="nope")},
}
OTHERS: dict[str, Mistake] = {"no such method": NO_SUCH_METHOD, "limit used up": LIMIT_USED_UP}
MISTAKES = UNAUTHORISED | BAD_PARAMETERS | NOT_FOUND | OTHERS
TABLE: list[tuple[int, Collection[str]]] = [
    (401, UNAUTHORISED),
    (400, BAD_PARAMETERS),
    (404, NOT_FOUND),
    (405, ["no such method"]),
    (429, ["limit used up"]),
]
METHOD_AND_OPERATION = {(400, 405), (404, 405)}
"""Pairs that cannot occur together: an unknown method reaches no operation, so no parameters and no lookups."""

PAIRS = [
    (status, higher, lower)
    for (status, all_higher), (lower_status, all_lower) in combinations(TABLE, 2)
    if (status, lower_status) not in METHOD_AND_OPERATION
    for higher in all_higher
    for lower in all_lower
]


@pytest.fixture(scope="module")
def used_up(enforcing: RunningServer) -> str:
    """A token whose requests are used up, on a server that enforces the rate limit."""
    token = "used-up"  # noqa: S105 - any will do
    use_up(enforcing, token)
    return token


def status_of(server: RunningServer, token: str, *mistakes: Mistake) -> int:
    request = PlannedRequest()
    for mistake in mistakes:
        request = replace(request, **mistake)
    response = request.send(server, token)
    error_of(response, response.status_code)
    return response.status_code


@pytest.mark.parametrize(("status", "higher", "lower"), PAIRS)
def test_of_two_errors_the_response_is_the_higher_one(
    enforcing: RunningServer, used_up: str, status: int, higher: str, lower: str
) -> None:
    token = used_up if lower == "limit used up" else "not-used-up"
    assert status_of(enforcing, token, MISTAKES[higher], MISTAKES[lower]) == status


@pytest.mark.parametrize(
    ("status", "mistakes"),
    [
        (401, [NO_TOKEN, BAD_PER_PAGE, NO_SUCH_PROJECT, LIMIT_USED_UP]),
        (400, [BAD_PER_PAGE, NO_SUCH_PROJECT, LIMIT_USED_UP]),
        (404, [NO_SUCH_PROJECT, LIMIT_USED_UP]),
        (429, [LIMIT_USED_UP]),
    ],
)
def test_of_all_errors_the_response_is_the_highest_one(
    enforcing: RunningServer, used_up: str, status: int, mistakes: list[Mistake]
) -> None:
    assert status_of(enforcing, used_up, *mistakes) == status


@pytest.mark.parametrize("higher", UNAUTHORISED)
def test_an_unknown_route_under_v1_requires_a_token_too(enforcing: RunningServer, higher: str) -> None:
    assert status_of(enforcing, "not-used-up", MISTAKES[higher], NO_SUCH_ROUTE) == 401


@pytest.mark.parametrize("lower", [*BAD_PARAMETERS, *NOT_FOUND, *OTHERS])
def test_an_unknown_route_takes_precedence_over_lower_errors(
    enforcing: RunningServer, used_up: str, lower: str
) -> None:
    assert status_of(enforcing, used_up, NO_SUCH_ROUTE, MISTAKES[lower]) == 404


@pytest.mark.parametrize("lower", [*BAD_PARAMETERS, *NOT_FOUND])
def test_an_unknown_method_takes_precedence_over_parameters_and_ids(
    enforcing: RunningServer, used_up: str, lower: str
) -> None:
    assert status_of(enforcing, used_up, NO_SUCH_METHOD, MISTAKES[lower]) == 405


def test_of_two_bad_parameters_one_is_named(server: RunningServer) -> None:
    error = error_of(server.page("per_page=0&page=0&cursor=bad"), 400)
    assert len(error["details"].keys() & {"per_page", "page", "cursor"}) == 1


@pytest.mark.parametrize(
    ("unknown", "named"),
    [
        (("project_id", "addon_id", "backup_id"), 'project "nope"'),
        (("addon_id", "backup_id"), 'addon "nope"'),
        (("backup_id",), 'backup "nope"'),
    ],
)
def test_a_404_names_the_outermost_part_that_does_not_exist(
    server: RunningServer, unknown: tuple[str, ...], named: str
) -> None:
    backup = EXAMPLE._replace(**dict.fromkeys(unknown, "nope"))
    message = error_of(server.page(backup=backup), 404)["message"]
    assert named in message
    assert message.count('"nope"') == 1
