"""If several errors apply, the response is the one that is higher in the contract's table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import pytest

from tests.contract.answers import RESTORES, Headers, ask, bearer, error_of, use_up
from tests.support import EXAMPLE, RunningServer, restores_path


@dataclass
class PlannedRequest:
    """A valid request, for a test to add mistakes to."""

    token: str = "unused"  # noqa: S105 - any will do
    headers: Headers = field(default_factory=list)
    backup: str = RESTORES
    slash: str = ""
    query: str = ""
    method: str = "GET"

    @property
    def target(self) -> str:
        return f"{self.backup}{self.slash}{self.query}"


Mistake = Callable[[PlannedRequest], None]


def no_token(request: PlannedRequest) -> None:
    request.headers = []


def another_scheme(request: PlannedRequest) -> None:
    request.headers = [("Authorization", f"Basic {request.token}")]


def token_twice(request: PlannedRequest) -> None:
    request.headers = bearer(request.token) * 2


def bad_per_page(request: PlannedRequest) -> None:
    request.query = "?per_page=0"


def bad_page(request: PlannedRequest) -> None:
    request.query = "?page=0"


def bad_cursor(request: PlannedRequest) -> None:
    request.query = "?cursor=bad"


def parameter_twice(request: PlannedRequest) -> None:
    request.query = "?page=1&page=1"


def empty_parameter(request: PlannedRequest) -> None:
    request.query = "?cursor="


def no_such_project(request: PlannedRequest) -> None:
    request.backup = restores_path(EXAMPLE._replace(project_id="nope"))


def no_such_addon(request: PlannedRequest) -> None:
    request.backup = restores_path(EXAMPLE._replace(addon_id="nope"))


def no_such_backup(request: PlannedRequest) -> None:
    request.backup = restores_path(EXAMPLE._replace(backup_id="nope"))


def no_such_route(request: PlannedRequest) -> None:
    request.slash = "/"


def no_such_method(request: PlannedRequest) -> None:
    request.method = "DELETE"


def limit_used_up(request: PlannedRequest) -> None:
    """Changes nothing: the test sends the token that is used up."""


UNAUTHORISED = (no_token, another_scheme, token_twice)
BAD_PARAMETERS = (bad_per_page, bad_page, bad_cursor, parameter_twice, empty_parameter)
NOT_FOUND = (no_such_project, no_such_addon, no_such_backup)
TABLE: list[tuple[int, tuple[Mistake, ...]]] = [
    (401, UNAUTHORISED),
    (400, BAD_PARAMETERS),
    (404, NOT_FOUND),
    (405, (no_such_method,)),
    (429, (limit_used_up,)),
]
METHOD_AND_OPERATION = {(400, 405), (404, 405)}
"""Pairs that cannot occur together: an unknown method reaches no operation, so no parameters and no lookups."""

PAIRS = [
    pytest.param(higher, status, lower, id=f"{status} {higher.__name__} over {lower_status} {lower.__name__}")
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
    request = PlannedRequest(token=token, headers=bearer(token))
    for mistake in mistakes:
        mistake(request)
    response = ask(server, request.target, request.method, request.headers)
    error_of(response, response.status_code)
    return response.status_code


@pytest.mark.parametrize(("higher", "status", "lower"), PAIRS)
def test_of_two_errors_the_response_is_the_higher_one(
    enforcing: RunningServer, used_up: str, higher: Mistake, status: int, lower: Mistake
) -> None:
    token = used_up if lower is limit_used_up else "not-used-up"
    assert status_of(enforcing, token, higher, lower) == status


@pytest.mark.parametrize(
    ("status", "mistakes"),
    [
        (401, (no_token, bad_per_page, no_such_project, limit_used_up)),
        (400, (bad_per_page, no_such_project, limit_used_up)),
        (404, (no_such_project, limit_used_up)),
        (429, (limit_used_up,)),
    ],
)
def test_of_all_errors_the_response_is_the_highest_one(
    enforcing: RunningServer, used_up: str, status: int, mistakes: tuple[Mistake, ...]
) -> None:
    assert status_of(enforcing, used_up, *mistakes) == status


@pytest.mark.parametrize("higher", UNAUTHORISED)
def test_an_unknown_route_under_v1_requires_a_token_too(enforcing: RunningServer, higher: Mistake) -> None:
    assert status_of(enforcing, "not-used-up", higher, no_such_route) == 401


@pytest.mark.parametrize("lower", [*BAD_PARAMETERS, *NOT_FOUND, no_such_method, limit_used_up])
def test_an_unknown_route_takes_precedence_over_lower_errors(
    enforcing: RunningServer, used_up: str, lower: Mistake
) -> None:
    assert status_of(enforcing, used_up, no_such_route, lower) == 404


@pytest.mark.parametrize("operation", [*BAD_PARAMETERS, *NOT_FOUND])
def test_an_unknown_method_takes_precedence_over_parameters_and_ids(
    enforcing: RunningServer, used_up: str, operation: Mistake
) -> None:
    assert status_of(enforcing, used_up, no_such_method, operation) == 405


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
