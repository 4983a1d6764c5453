"""Where several errors apply, the one higher in the contract's table is told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations

import pytest

from tests.contract.answers import RESTORES, Headers, ask, bearer, error_of, use_up
from tests.support import EXAMPLE, RunningServer, restores_path


@dataclass
class Asked:
    """A request that nothing is wrong with, for a test to spoil."""

    token: str = "unused"  # noqa: S105 - any will do
    headers: Headers = field(default_factory=list)
    backup: str = RESTORES
    slash: str = ""
    query: str = ""
    method: str = "GET"

    @property
    def target(self) -> str:
        return f"{self.backup}{self.slash}{self.query}"


Spoil = Callable[[Asked], None]


def no_token(asked: Asked) -> None:
    asked.headers = []


def another_scheme(asked: Asked) -> None:
    asked.headers = [("Authorization", f"Basic {asked.token}")]


def token_twice(asked: Asked) -> None:
    asked.headers = bearer(asked.token) * 2


def bad_per_page(asked: Asked) -> None:
    asked.query = "?per_page=0"


def bad_page(asked: Asked) -> None:
    asked.query = "?page=0"


def bad_cursor(asked: Asked) -> None:
    asked.query = "?cursor=bad"


def parameter_twice(asked: Asked) -> None:
    asked.query = "?page=1&page=1"


def empty_parameter(asked: Asked) -> None:
    asked.query = "?cursor="


def no_such_project(asked: Asked) -> None:
    asked.backup = restores_path(replace(EXAMPLE, project_id="nope"))


def no_such_addon(asked: Asked) -> None:
    asked.backup = restores_path(replace(EXAMPLE, addon_id="nope"))


def no_such_backup(asked: Asked) -> None:
    asked.backup = restores_path(replace(EXAMPLE, backup_id="nope"))


def no_such_route(asked: Asked) -> None:
    asked.slash = "/"


def no_such_method(asked: Asked) -> None:
    asked.method = "DELETE"


def limit_used_up(asked: Asked) -> None:
    """The token is used up for every request of this module; this one sends it."""


UNAUTHORISED = (no_token, another_scheme, token_twice)
BAD_PARAMETERS = (bad_per_page, bad_page, bad_cursor, parameter_twice, empty_parameter)
NOT_FOUND = (no_such_project, no_such_addon, no_such_backup)
TABLE: list[tuple[int, tuple[Spoil, ...]]] = [
    (401, UNAUTHORISED),
    (400, BAD_PARAMETERS),
    (404, NOT_FOUND),
    (405, (no_such_method,)),
    (429, (limit_used_up,)),
]
METHOD_AND_OPERATION = {(400, 405), (404, 405)}
"""Pairs that cannot meet: only an operation has parameters and looks ids up, and a method that is not there is none."""

PAIRS = [
    pytest.param(higher, status, lower, id=f"{status} {higher.__name__} over {lower_status} {lower.__name__}")
    for (status, all_higher), (lower_status, all_lower) in combinations(TABLE, 2)
    if (status, lower_status) not in METHOD_AND_OPERATION
    for higher in all_higher
    for lower in all_lower
]


@pytest.fixture(scope="module")
def used_up(enforcing: RunningServer) -> str:
    """A token of whose requests none is left, on a server that enforces it."""
    token = "used-up"  # noqa: S105 - any will do
    use_up(enforcing, token)
    return token


def told(server: RunningServer, token: str, *spoils: Spoil) -> int:
    asked = Asked(token=token, headers=bearer(token))
    for spoil in spoils:
        spoil(asked)
    answer = ask(server, asked.target, asked.method, asked.headers)
    error_of(answer, answer.status_code)
    return answer.status_code


@pytest.mark.parametrize(("higher", "status", "lower"), PAIRS)
def test_of_two_errors_the_higher_is_told(
    enforcing: RunningServer, used_up: str, higher: Spoil, status: int, lower: Spoil
) -> None:
    token = used_up if lower is limit_used_up else "not-used-up"
    assert told(enforcing, token, higher, lower) == status


@pytest.mark.parametrize(
    ("status", "spoils"),
    [
        (401, (no_token, bad_per_page, no_such_project, limit_used_up)),
        (400, (bad_per_page, no_such_project, limit_used_up)),
        (404, (no_such_project, limit_used_up)),
        (429, (limit_used_up,)),
    ],
)
def test_of_all_errors_the_highest_is_told(
    enforcing: RunningServer, used_up: str, status: int, spoils: tuple[Spoil, ...]
) -> None:
    assert told(enforcing, used_up, *spoils) == status


@pytest.mark.parametrize("higher", UNAUTHORISED)
def test_a_token_is_asked_for_even_where_there_is_no_route(enforcing: RunningServer, higher: Spoil) -> None:
    assert told(enforcing, "not-used-up", higher, no_such_route) == 401


@pytest.mark.parametrize("lower", [*BAD_PARAMETERS, *NOT_FOUND, no_such_method, limit_used_up])
def test_where_there_is_no_route_nothing_lower_is_told(enforcing: RunningServer, used_up: str, lower: Spoil) -> None:
    assert told(enforcing, used_up, no_such_route, lower) == 404


@pytest.mark.parametrize("operation", [*BAD_PARAMETERS, *NOT_FOUND])
def test_where_a_route_has_no_such_method_its_parameters_and_ids_say_nothing(
    enforcing: RunningServer, used_up: str, operation: Spoil
) -> None:
    assert told(enforcing, used_up, no_such_method, operation) == 405


def test_of_two_bad_parameters_one_is_named(server: RunningServer) -> None:
    error = error_of(server.page("per_page=0&page=0&cursor=bad"), 400)
    assert error["details"]["parameter"] in {"per_page", "page", "cursor"}


@pytest.mark.parametrize(
    ("unknown", "named"),
    [
        (("project_id", "addon_id", "backup_id"), 'project "nope"'),
        (("addon_id", "backup_id"), 'addon "nope"'),
        (("backup_id",), 'backup "nope"'),
    ],
)
def test_of_what_is_not_there_the_outermost_is_named(
    server: RunningServer, unknown: tuple[str, ...], named: str
) -> None:
    backup = replace(EXAMPLE, **dict.fromkeys(unknown, "nope"))
    message = error_of(server.page(backup=backup), 404)["message"]
    assert named in message
    assert message.count('"nope"') == 1
