"""Query parameters: valid values, and the errors for invalid ones."""

from urllib.parse import quote

import pytest

from mockserver.contract.pagination import PAGE_MAX, PER_PAGE_DEFAULT
from tests.contract.responses import RESTORES, ask, error_of, send_raw_get
from tests.support import RunningServer

SEVENTY_BITS = str(2**69)
BAD_NUMBERS = ["0", "-1", "1.5", "1e2", " 5", "5 ", "+5", "0x10", "٣", "1_0", "²", "true", "null", "[1]", SEVENTY_BITS]
BAD = [
    *(("per_page", value) for value in [*BAD_NUMBERS, "101", "100000"]),
    *(("page", value) for value in [*BAD_NUMBERS, str(PAGE_MAX + 1)]),
    *(("cursor", value) for value in ["x", "0", "2", "null", "WzIsMV0", "a cursor", "ä"]),
]
LARGEST = {"per_page": "from 1 to 100,", "page": "from 1 to 1000000000,", "cursor": "issued"}


@pytest.mark.parametrize(("parameter", "value"), BAD)
def test_the_error_for_an_invalid_value_has_the_value_and_the_rule(
    server: RunningServer, parameter: str, value: str
) -> None:
    error = error_of(server.page(f"{parameter}={quote(value)}"), 400)
    assert error["message"].startswith(f"{parameter} must be ")
    assert f'"{value}"' in error["message"]
    assert LARGEST[parameter] in error["message"]
    assert error["id"] == "nf-invalid-query"
    (problem,) = error["details"][parameter]
    assert error["message"] == f"{parameter} {problem}"


@pytest.mark.parametrize("parameter", ["per_page", "page", "cursor"])
@pytest.mark.parametrize("query", ["{}=", "{}", "per_page=&page=&cursor="])
def test_an_empty_parameter_is_rejected(server: RunningServer, parameter: str, query: str) -> None:
    error = error_of(server.page(query.format(parameter)), 400)
    assert '""' in error["message"]
    (named,) = error["details"]
    assert named in query.format(parameter)


@pytest.mark.parametrize("parameter", ["per_page", "page", "cursor"])
@pytest.mark.parametrize("values", [("10", "10"), ("10", "20"), ("10", ""), ("", "10"), ("", ""), ("1", "1", "1")])
def test_a_repeated_parameter_is_rejected_even_with_the_same_value(
    server: RunningServer, parameter: str, values: tuple[str, ...]
) -> None:
    error = error_of(server.page("&".join(f"{parameter}={value}" for value in values)), 400)
    assert error["message"].startswith(f"{parameter} must be ")
    assert "once" in error["message"]
    assert list(error["details"]) == [parameter]


def test_a_parameter_in_two_spellings_is_repeated(server: RunningServer) -> None:
    error = error_of(server.page("per_page=10&per%5Fpage=10"), 400)
    assert error["message"].startswith("per_page must be ")
    assert "once" in error["message"]


@pytest.mark.parametrize(
    "query",
    [
        "perPage=3",
        "PER_PAGE=0",
        "limit=3",
        "unknown=1&unknown=2",
        "unknown",
        "=",
        "&&",
        "per_page%20=0",
        "%20per_page=0",
        "a=per_page=0",
        "a=1;per_page=0",
        "per_page[]=0",
        "per_page%00=0",
    ],
)
def test_an_unknown_parameter_changes_nothing(server: RunningServer, query: str) -> None:
    response = server.page(query)
    assert response.status_code == 200
    assert response.content == server.page().content


@pytest.mark.parametrize(
    ("query", "same_as"),
    [
        ("per%5Fpage=%37", "per_page=7"),
        ("%70%61%67%65=2", "page=2"),
        ("per_page=07", "per_page=7"),
        ("per_page=0%37", "per_page=07"),
        ("per_page=50", ""),
        ("page=1", ""),
        ("unknown=1", ""),
        ("&page=2&", "page=2"),
        ("&page=3&unknown&per_page=7", "per_page=7&page=3"),
    ],
)
def test_other_spellings_of_a_request_get_the_same_response(server: RunningServer, query: str, same_as: str) -> None:
    response, usual = server.page(query), server.page(same_as)
    assert response.status_code == 200
    assert response.content == usual.content
    assert [name for name, _ in response.headers.raw] == [name for name, _ in usual.headers.raw]


def test_a_page_has_50_restores_without_per_page(server: RunningServer) -> None:
    assert server.page().json()["pagination"]["count"] == PER_PAGE_DEFAULT == 50


@pytest.mark.parametrize("page", [1, 2, 3, 99, PAGE_MAX])
def test_a_cursor_takes_precedence_over_page(server: RunningServer, page: int) -> None:
    cursor = server.page("per_page=10").json()["pagination"]["cursor"]
    by_cursor = server.page(f"per_page=10&cursor={cursor}")
    assert by_cursor.status_code == 200
    assert by_cursor.content == server.page("per_page=10&page=2").content
    assert server.page(f"per_page=10&cursor={cursor}&page={page}").content == by_cursor.content


INVALID_NUMBERS = [f"{parameter}={quote(value)}" for parameter, value in BAD if parameter != "cursor"]


@pytest.mark.parametrize("bad", [*INVALID_NUMBERS, "page=", "per_page=", "page=1&page=1", "per_page=5&per_page=5"])
def test_an_invalid_number_is_rejected_even_with_a_valid_cursor(server: RunningServer, bad: str) -> None:
    cursor = server.page().json()["pagination"]["cursor"]
    for query in (f"cursor={cursor}&{bad}", f"{bad}&cursor={cursor}"):
        assert list(error_of(server.page(query), 400)["details"]) == [bad.partition("=")[0]]


@pytest.mark.parametrize(
    "value", ["%", "%2", "%zz", "5%", "%35%", "%u0035", "%ff", "%35%ff", "%c3%28", "%00", "5%0a", "5%00"]
)
@pytest.mark.parametrize("parameter", ["per_page", "page", "cursor"])
def test_broken_percent_encoding_in_a_value_makes_it_invalid(server: RunningServer, parameter: str, value: str) -> None:
    error = error_of(send_raw_get(server, f"{RESTORES}?{parameter}={value}".encode()), 400)
    assert list(error["details"]) == [parameter]


@pytest.mark.parametrize("name", ["%", "%zz", "%ff", "%00", "per_page%", "%c3%28", "%ed%a0%80"])
def test_broken_percent_encoding_in_a_name_makes_it_an_unknown_parameter(server: RunningServer, name: str) -> None:
    response = send_raw_get(server, f"{RESTORES}?{name}=0".encode())
    assert response.status_code == 200
    assert response.content == server.page().content


@pytest.mark.parametrize(
    "query",
    [
        "unknown=" + "x" * 60_000,
        "&".join(f"unknown{number}=1" for number in range(4_000)),
        "&" * 60_000,
        "%20" * 20_000,
    ],
    ids=["long value", "many names", "many separators", "long name"],
)
def test_a_huge_query_of_unknown_parameters_changes_nothing(server: RunningServer, query: str) -> None:
    assert send_raw_get(server, f"{RESTORES}?{query}".encode()).content == server.page().content


@pytest.mark.parametrize("parameter", ["per_page", "page", "cursor"])
@pytest.mark.parametrize("value", ["9" * 60_000, "x" * 60_000, "%00" * 20_000], ids=["digits", "letters", "zeros"])
def test_the_message_for_a_huge_value_is_short(server: RunningServer, parameter: str, value: str) -> None:
    error = error_of(send_raw_get(server, f"{RESTORES}?{parameter}={value}".encode()), 400)
    assert list(error["details"]) == [parameter]
    assert len(error["message"]) < 300


def test_leading_zeros_however_many_change_nothing(server: RunningServer) -> None:
    response = send_raw_get(server, f"{RESTORES}?per_page={'0' * 60_000}7".encode())
    assert response.content == ask(server, f"{RESTORES}?per_page=7").content


def test_the_message_for_a_much_repeated_parameter_has_only_a_few_values(server: RunningServer) -> None:
    message = server.page("&".join(f"page={number}" for number in range(1, 2000))).json()["error"]["message"]
    assert "1999" in message
    assert all(f'"{number}"' in message for number in range(1, 6))
    assert '"6"' not in message


def test_the_message_for_a_very_long_id_has_its_beginning(server: RunningServer) -> None:
    message = server.get(f"/v1/projects/{'x' * 5000}/addons").json()["error"]["message"]
    assert f'"{"x" * 80}…"' in message
