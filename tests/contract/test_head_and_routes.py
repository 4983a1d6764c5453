"""Routes: HEAD as well as GET, paths with and without a team, the health check and the login."""

import pytest

from tests.contract.responses import (
    RATE_LIMIT_HEADERS,
    RESTORES,
    Headers,
    ask,
    bearer,
    error_of,
    received_from,
    send_raw,
)
from tests.support import EXAMPLE, TOKEN, RunningServer, restores_path

TEAM = "/v1/teams/any" + RESTORES[3:]
EMPTY = restores_path(EXAMPLE._replace(backup_id="no-restores"))


def without_the_date_and_the_count(headers: Headers) -> Headers:
    """The headers of a response, without those that differ between requests."""
    return [(name, value) for name, value in headers if name not in {"date", "x-request-id", *RATE_LIMIT_HEADERS[1:]}]


@pytest.mark.parametrize(
    "path", [RESTORES, f"{RESTORES}?page=3", f"{RESTORES}?page=9", EMPTY, TEAM, "/v1/", "/v1/login", "/openapi.json"]
)
def test_a_head_is_a_get_without_the_body(server: RunningServer, path: str) -> None:
    got, head = ask(server, path), ask(server, path, "HEAD")
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    assert got.content
    assert head.headers["content-length"] == str(len(got.content))
    assert without_the_date_and_the_count(head.headers.multi_items()) == without_the_date_and_the_count(
        got.headers.multi_items()
    )


def test_the_response_after_a_head_follows_at_once(server: RunningServer) -> None:
    head = f"Host: mockserver\r\nAuthorization: Bearer {TOKEN}\r\n"
    both = f"HEAD {RESTORES} HTTP/1.1\r\n{head}\r\nGET /v1/login HTTP/1.1\r\n{head}Connection: close\r\n\r\n"
    received = received_from(server, both.encode())
    first, _, rest = received.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b'\r\n\r\n{"data":{}}')


@pytest.mark.parametrize("team", ["any", "other", "a%20team", "%F0%9F%98%80", "1"])
@pytest.mark.parametrize("query", ["", "?per_page=7&page=3", "?page=99"])
def test_every_team_gets_the_same_bytes(server: RunningServer, team: str, query: str) -> None:
    response = ask(server, f"/v1/teams/{team}{RESTORES[3:]}{query}")
    assert response.status_code == 200
    assert response.content == ask(server, RESTORES + query).content


@pytest.mark.parametrize(("start", "go_on"), [(RESTORES, TEAM), (TEAM, RESTORES), (TEAM, TEAM.replace("any", "other"))])
def test_a_walk_may_change_between_teams_and_none(server: RunningServer, start: str, go_on: str) -> None:
    ids: list[int] = []
    path = f"{start}?per_page=50"
    for _ in range(3):
        body = ask(server, path).json()
        ids += [restore["id"] for restore in body["data"]["restores"]]
        path = f"{go_on}?per_page=50&cursor={body['pagination'].get('cursor')}"
    assert ids == [restore_id for restore_id, _ in server.stored()]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{TEAM}?per_page=0", 400),
        (TEAM.replace("default-project", "nope"), 404),
        (f"{TEAM}/", 404),
        ("/v1/teams/" + RESTORES[3:], 404),
    ],
)
def test_errors_under_a_team_are_the_same_errors(server: RunningServer, path: str, status: int) -> None:
    error_of(ask(server, path), status)


@pytest.mark.parametrize("headers", [[], bearer()])
@pytest.mark.parametrize("query", ["", "?anything=1&page=0"])
def test_the_health_check_responds_with_success(server: RunningServer, headers: Headers, query: str) -> None:
    response = ask(server, f"/v1/{query}", headers=headers)
    assert response.status_code == 200
    assert response.content == b"success"
    assert response.headers["content-type"].startswith("text/plain")


def test_a_login_responds_with_an_empty_object(server: RunningServer) -> None:
    response = ask(server, "/v1/login")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.content == b'{"data":{}}'


def test_a_list_is_json_in_utf_8_with_its_length(server: RunningServer) -> None:
    response = server.page()
    assert response.headers["content-type"] == "application/json"
    assert int(response.headers["content-length"]) == len(response.content)


@pytest.mark.parametrize(
    ("spelling", "same_as"), [("default%2Dproject", "default-project"), ("%65xample-addon", "example-addon")]
)
def test_a_percent_encoded_id_is_the_same_id(server: RunningServer, spelling: str, same_as: str) -> None:
    response = ask(server, RESTORES.replace(same_as, spelling))
    assert response.status_code == 200
    assert response.content == server.page().content


def test_a_cursor_of_a_percent_encoded_id_is_the_same_cursor(server: RunningServer) -> None:
    spelled = ask(server, RESTORES.replace("default-project", "default%2Dproject")).json()
    assert spelled["pagination"]["cursor"] == server.page().json()["pagination"]["cursor"]


def test_the_body_of_a_get_is_ignored(server: RunningServer) -> None:
    response = server.client.request(
        "GET", RESTORES, headers=[*bearer(), ("Content-Type", "application/json")], content=b'{"per_page": 0'
    )
    assert response.status_code == 200
    assert response.content == server.page().content


def test_an_absolute_url_as_target_reaches_the_same_route(server: RunningServer) -> None:
    head = f"Host: elsewhere\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    response = send_raw(server, f"GET http://elsewhere{RESTORES} HTTP/1.1\r\n{head}".encode())
    assert response.status_code == 200
    assert response.content == server.page().content
