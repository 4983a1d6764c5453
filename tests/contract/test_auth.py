"""Authentication: any one bearer token, or only the tokens that the server was started with."""

import httpx2
import pytest

from tests.contract.responses import RESTORES, Headers, ask, bearer, error_of, rate_limit_of, send_raw
from tests.support import RunningServer

UNDER_V1 = [RESTORES, "/v1/teams/any" + RESTORES[3:], "/v1/login", "/v1", "/v1/nope", "/v1//", "/v1/login/", "/v1/%0A"]


def authorization(value: str) -> Headers:
    return [("Authorization", value)]


def log_in(server: RunningServer, sent: bytes) -> httpx2.Response:
    """Logs in with a raw header value that HTTP clients would normalise."""
    head = b"GET /v1/login HTTP/1.1\r\nHost: mockserver\r\nConnection: close\r\nAuthorization: "
    return send_raw(server, head + sent + b"\r\n\r\n")


@pytest.mark.parametrize("path", UNDER_V1)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_everything_under_v1_needs_a_token(server: RunningServer, path: str, method: str) -> None:
    response = ask(server, path, method, headers=[])
    assert response.status_code == 401
    if method != "HEAD":
        error_of(response, 401)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [[], authorization("Basic dXNlcjpw"), authorization("")])
def test_only_the_health_check_requires_no_token(choosy: RunningServer, method: str, headers: Headers) -> None:
    assert ask(choosy, "/v1/", method, headers).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_of_the_health_check_need_a_token(server: RunningServer, method: str) -> None:
    error_of(ask(server, "/v1/", method, headers=[]), 401)


@pytest.mark.parametrize(("path", "status"), [("/openapi.json", 200), ("/", 404), ("/nope", 404), ("/v10/login", 404)])
def test_nothing_outside_the_api_needs_a_token(choosy: RunningServer, path: str, status: int) -> None:
    assert ask(choosy, path, headers=[]).status_code == status


@pytest.mark.parametrize(
    ("headers", "wrong"),
    [
        ([], "no bearer token"),
        (authorization(""), "not a bearer token"),
        (authorization("Basic dXNlcjpw"), "not a bearer token"),
        (authorization("a-token"), "not a bearer token"),
        (authorization("Token a-token"), "not a bearer token"),
        (authorization("Bearera-token"), "not a bearer token"),
        (authorization("Bearer:a-token"), "not a bearer token"),
        (authorization("Bearer"), "the bearer token is empty"),
        (authorization("Bearer a token"), "white space"),
        (authorization("Bearer a\ttoken"), "white space"),
        (bearer("one") + bearer("two"), "more than one Authorization header"),
        (bearer("same") * 2, "more than one Authorization header"),
        (bearer("good") + authorization("Basic dXNlcjpw"), "more than one Authorization header"),
        ([("X-Authorization", "Bearer a-token")], "no bearer token"),
        ([("Cookie", "Authorization=Bearer a-token")], "no bearer token"),
    ],
)
def test_a_request_without_exactly_one_bearer_token_is_a_401_with_the_reason(
    server: RunningServer, headers: Headers, wrong: str
) -> None:
    response = ask(server, RESTORES, headers=headers)
    error = error_of(response, 401)
    assert wrong in error["message"]
    assert "send " in error["message"]
    assert response.headers.get_list("www-authenticate") == ["Bearer"]


def test_a_token_in_the_query_does_not_count(server: RunningServer) -> None:
    error_of(ask(server, f"{RESTORES}?access_token=a-token&token=a-token", headers=[]), 401)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_scheme_and_header_are_case_insensitive(choosy: RunningServer, scheme: str, name: str) -> None:
    assert ask(choosy, RESTORES, headers=[(name, f"{scheme} first-good")]).status_code == 200


@pytest.mark.parametrize("sent", [b"Bearer  first-good", b"Bearer first-good ", b"  Bearer first-good\t"])
def test_white_space_around_the_token_is_ignored(choosy: RunningServer, sent: bytes) -> None:
    assert log_in(choosy, sent).status_code == 200


@pytest.mark.parametrize("sent", [b"Bearer ", b"Bearer      ", b"Bearer \t"])
def test_only_white_space_is_an_empty_token(server: RunningServer, sent: bytes) -> None:
    assert "token is empty" in error_of(log_in(server, sent), 401)["message"]


@pytest.mark.parametrize("token", ["x", "0", "null", "nf-0123.abc_def~+/==", "{}", "first,second", "x" * 8_000])
def test_any_token_is_accepted_by_default(server: RunningServer, token: str) -> None:
    assert ask(server, RESTORES, headers=bearer(token)).status_code == 200


def test_a_token_of_more_than_8_kb_is_rejected_and_not_counted(server: RunningServer) -> None:
    assert ask(server, RESTORES, headers=bearer("x" * 8_192)).status_code == 200
    for token in ("x" * 8_193, "x" * 60_000):
        response = ask(server, RESTORES, headers=bearer(token))
        error = error_of(response, 401)
        assert "8,192 bytes" in error["message"]
        assert response.headers["www-authenticate"] == "Bearer"
        assert rate_limit_of(response) == (1000, 1000, 3600)


@pytest.mark.parametrize("sent", [b"Bearer \xff\xfe", "Bearer schlüssel".encode(), b"Bearer \xe2\x98\x83"])
def test_a_token_need_not_be_ascii(server: RunningServer, sent: bytes) -> None:
    assert log_in(server, sent).status_code == 200


@pytest.mark.parametrize("token", ["first-good", "second-good"])
@pytest.mark.parametrize("path", [RESTORES, "/v1/login"])
def test_each_token_that_the_server_starts_with_is_accepted(choosy: RunningServer, token: str, path: str) -> None:
    assert ask(choosy, path, headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(
    "token", ["third", "first-goo", "first-good2", "First-Good", "first-good,second-good", "*", "first-good,"]
)
@pytest.mark.parametrize("path", [RESTORES, "/v1/login", "/v1/nope"])
def test_a_token_that_the_server_did_not_start_with_is_rejected(choosy: RunningServer, token: str, path: str) -> None:
    response = ask(choosy, path, headers=bearer(token))
    error = error_of(response, 401)
    assert "--token" in error["message"]
    assert "good" not in response.text, "the message must not reveal accepted tokens"
    assert token not in response.text
    assert response.headers["www-authenticate"] == "Bearer"
