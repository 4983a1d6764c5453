"""Access to the control plane: web pages, --no-control, and CORS for the API."""

from collections.abc import Iterator

import httpx2
import pytest

from mockserver.contract.fidelity import FIDELITY
from mockserver.version import version
from tests.contract.responses import ask, bearer, error_of
from tests.support import RunningServer, make_project, restores_path, running_server

ROUTES = [
    ("GET", "/_mock/projects"),
    ("POST", "/_mock/projects"),
    ("GET", "/_mock/projects/default-project"),
    ("DELETE", "/_mock/projects/default-project"),
    ("POST", "/_mock/projects/default-project/reset"),
    ("PUT", "/_mock/projects/default-project/clock"),
    ("GET", "/_mock/projects/default-project/requests"),
    ("GET", "/_mock/projects/default-project/walks"),
    ("POST", "/_mock/reset"),
    ("GET", "/_mock/health"),
    ("GET", "/_mock/ready"),
    ("GET", "/_mock/fidelity"),
    ("GET", "/_mock/openapi.json"),
    ("GET", "/_mock"),
    ("GET", "/_mock/"),
    ("GET", "/_mock/nope"),
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
FOREIGN = ["https://foreign.example", "http://127.0.0.1", "http://localhost:1", "null", "", "file://"]
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_request_from_a_foreign_page_is_rejected(server: RunningServer, method: str, path: str) -> None:
    for tried in (method, "OPTIONS", "DELETE"):
        response = server.client.request(tried, path, headers={"Origin": FOREIGN[0], **PREFLIGHT})
        error = error_of(response, 403)
        assert FOREIGN[0] in error["message"]
        assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", METHODS)
def test_any_origin_but_its_own_is_foreign(server: RunningServer, origin: str, method: str) -> None:
    assert server.client.request(method, "/_mock/projects", headers={"Origin": origin}).status_code == 403


def test_an_origin_of_another_scheme_is_foreign(server: RunningServer) -> None:
    origin = server.url.replace("http://", "https://")
    assert server.client.get("/_mock/projects", headers={"Origin": origin}).status_code == 403


def test_a_page_of_the_same_origin_is_accepted(server: RunningServer) -> None:
    for method, status in (("GET", 200), ("HEAD", 200), ("OPTIONS", 405)):
        response = server.client.request(method, "/_mock/projects", headers={"Origin": server.url})
        assert response.status_code == status
    assert server.client.post("/_mock/projects", headers={"Origin": server.url}).status_code == 201


def test_the_api_accepts_requests_from_any_origin(server: RunningServer) -> None:
    response = server.get("/v1/projects")
    headers = {**dict(bearer()), "Origin": FOREIGN[0]}
    foreign = server.client.get("/v1/projects", headers=headers)
    assert (foreign.status_code, foreign.content) == (200, response.content)
    assert "access-control-allow-origin" not in foreign.headers


@pytest.mark.parametrize(("method", "path"), ROUTES[:-4])
def test_the_control_plane_takes_no_query_parameter_that_it_does_not_have(
    server: RunningServer, method: str, path: str
) -> None:
    for query in ("page=1", "projectId=x", "x", "x=", "=x"):
        error = error_of(server.client.request(method, f"{path}?{query}"), 400)
        assert f'query parameter "{query.partition("=")[0]}"' in error["message"]


def test_the_control_plane_needs_no_token_and_counts_for_none() -> None:
    with running_server(token=("good",)) as own:
        response = own.client.get("/_mock/projects")
        assert response.status_code == 200
        assert "x-ratelimit-limit" not in response.headers


@pytest.mark.parametrize("path", ["/_mock/page/nope", "/_mock/nope", "/_mock/projects/", "/_mock/projects/x/nope"])
def test_an_unknown_route_is_a_404(server: RunningServer, path: str) -> None:
    error_of(server.client.get(path), 404)


def test_a_method_that_a_route_does_not_have_is_a_405_with_those_that_it_has(server: RunningServer) -> None:
    response = server.client.patch("/_mock/projects")
    error_of(response, 405)
    assert response.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/ready"])
def test_health_and_readiness_have_status_and_version(server: RunningServer, path: str) -> None:
    response = server.client.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok", "version": version()})


def test_the_fidelity_table_has_every_behaviour(server: RunningServer) -> None:
    behaviours = server.client.get("/_mock/fidelity").json()["behaviours"]
    assert [row["id"] for row in behaviours] == [row.id for row in FIDELITY]
    assert behaviours[0] == {
        "id": "list.path",
        "area": "List addon backup restores",
        "behaviour": "`GET /v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores`.",
        "evidence": "documented",
        "sources": ["Northflank API docs, List addon backup restores (2024)"],
        "check": "GET it: a 200.",
    }
    for row in behaviours:
        assert ("check" in row) != ("emulatorOnly" in row)


# Without it


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_control_plane_its_routes_do_not_exist(uncontrolled: RunningServer, method: str, path: str) -> None:
    for headers in ({}, {"Origin": FOREIGN[0]}):
        error_of(uncontrolled.client.request(method, path, headers=headers), 404)


@pytest.fixture(scope="module")
def uncontrolled() -> Iterator[RunningServer]:
    """A server without a control plane."""
    with running_server(no_control=True) as running:
        yield running


def test_the_api_works_without_a_control_plane(uncontrolled: RunningServer, server: RunningServer) -> None:
    assert uncontrolled.page().content == server.page().content
    assert uncontrolled.client.get("/openapi.json").status_code == 200


# Web pages of chosen origins


def preflight(server: RunningServer, path: str, origin: str, **requested: str) -> httpx2.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    headers |= {f"Access-Control-Request-{name.title()}": value for name, value in requested.items()}
    return server.client.options(path, headers=headers)


@pytest.mark.parametrize(
    ("cors", "allowed"), [(("https://app.example", "http://localhost:3000"), "https://app.example"), (("*",), "*")]
)
def test_pages_of_allowed_origins_may_use_the_api(cors: tuple[str, ...], allowed: str) -> None:
    with running_server(cors=cors) as own:
        response = preflight(own, restores_path(), "https://app.example", method="POST", headers="authorization")
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == allowed
        assert {"GET", "HEAD", "POST"} == set(response.headers["access-control-allow-methods"].split(", "))
        assert "authorization" in response.headers["access-control-allow-headers"].lower()
        for headers, status in ((dict(bearer()), 200), ({}, 401)):
            response = own.client.get(restores_path(), headers={**headers, "Origin": "https://app.example"})
            assert response.status_code == status
            assert response.headers["access-control-allow-origin"] == allowed
            assert "x-ratelimit-remaining" in response.headers["access-control-expose-headers"]


MAY_SEND = "GET, HEAD, POST, with the headers authorization and content-type"
WITH_CORS = "--cors https://other.example"


@pytest.mark.parametrize(
    ("cors", "origin", "requested", "words"),
    [
        ((), "https://other.example", {}, WITH_CORS),
        (("https://app.example",), "https://other.example", {}, WITH_CORS),
        (("https://app.example",), "https://app.example", {"method": "DELETE"}, MAY_SEND),
        (("https://app.example",), "https://app.example", {"headers": "x-secret"}, MAY_SEND),
        (("*",), "https://app.example", {"headers": "x-secret"}, MAY_SEND),
    ],
)
def test_a_preflight_for_something_not_allowed_gets_an_error_that_says_what_is(
    cors: tuple[str, ...], origin: str, requested: dict[str, str], words: str
) -> None:
    with running_server(cors=cors) as own:
        assert words in error_of(preflight(own, restores_path(), origin, **requested), 401)["message"]


@pytest.mark.parametrize("missing", ["Origin", "Access-Control-Request-Method"])
def test_a_request_for_options_that_is_no_preflight_needs_a_token(server: RunningServer, missing: str) -> None:
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    del headers[missing]
    error = error_of(server.client.options(restores_path(), headers=headers), 401)
    assert error["message"].startswith("no bearer token")


def test_a_page_of_another_origin_gets_no_cors_headers() -> None:
    with running_server(cors=("https://app.example",)) as own:
        response = own.client.get(restores_path(), headers={**dict(bearer()), "Origin": "https://other.example"})
        assert response.status_code == 200
        assert "access-control-allow-origin" not in response.headers
        assert own.client.options(restores_path(), headers=dict(bearer())).status_code == 405


def test_the_control_plane_has_no_cors_headers() -> None:
    with running_server(cors=("*",)) as own:
        for path in ("/_mock/projects", "/_mock/nope"):
            response = preflight(own, path, "https://app.example")
            error_of(response, 403)
            assert "access-control-allow-origin" not in response.headers
        response = own.client.get("/_mock/projects")
        assert "access-control-allow-origin" not in response.headers
        assert (
            "access-control-allow-origin" not in own.client.get("/openapi.json", headers={"Origin": "http://a"}).headers
        )


def test_a_project_of_any_id_is_no_way_into_the_control_plane(server: RunningServer) -> None:
    project = make_project(server, restores=[], projectId="mock-health")
    assert project.restores() == []
    error_of(ask(server, "/v1/_mock/projects"), 404)
    project.ok("DELETE")


@pytest.mark.parametrize("body", [b'{"seed": 5}', b"zzz"])
def test_a_body_for_an_endpoint_without_one_is_rejected_and_changes_nothing(body: bytes) -> None:
    with running_server() as server:
        project = make_project(server, scenario="single")
        response = server.client.post("/_mock/reset", content=body)
        assert "body" in error_of(response, 400)["message"]
        assert server.client.get(f"/_mock/projects/{project.id}").status_code == 200
        assert server.client.post("/_mock/reset", json={}).status_code == 200
