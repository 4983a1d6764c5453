"""The control plane's manners: whom it answers, when it is there, and what the API tells web pages."""

from collections.abc import Iterator

import httpx2
import pytest

from mockserver.contract.fidelity import FIDELITY, Evidence
from mockserver.version import version
from tests.contract.answers import ask, bearer, error_of
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
def test_a_foreign_page_is_refused_whatever_it_asks(server: RunningServer, method: str, path: str) -> None:
    for tried in (method, "OPTIONS", "DELETE"):
        answer = server.client.request(tried, path, headers={"Origin": FOREIGN[0], **PREFLIGHT})
        error = error_of(answer, 403)
        assert FOREIGN[0] in error["message"]
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", METHODS)
def test_any_origin_but_its_own_is_foreign(server: RunningServer, origin: str, method: str) -> None:
    assert server.client.request(method, "/_mock/projects", headers={"Origin": origin}).status_code == 403


def test_an_origin_of_another_scheme_is_foreign(server: RunningServer) -> None:
    origin = server.url.replace("http://", "https://")
    assert server.client.get("/_mock/projects", headers={"Origin": origin}).status_code == 403


def test_a_foreign_page_changes_nothing() -> None:
    with running_server(scenario="example") as own:
        before = own.client.get("/_mock/projects/default-project").json()
        headers = {"Origin": FOREIGN[0], "Content-Type": "text/plain"}
        own.client.post("/_mock/projects", content=b"{}", headers=headers)
        own.client.delete("/_mock/projects/default-project", headers=headers)
        own.client.put("/_mock/projects/default-project/clock", content=b'{"mode": "frozen"}', headers=headers)
        (project,) = own.client.get("/_mock/projects").json()["projects"]
        assert project["clock"]["mode"] == before["clock"]["mode"]


def test_a_page_of_its_own_is_answered(server: RunningServer) -> None:
    for method, status in (("GET", 200), ("HEAD", 200), ("OPTIONS", 405)):
        answer = server.client.request(method, "/_mock/projects", headers={"Origin": server.url})
        assert answer.status_code == status
    assert server.client.post("/_mock/projects", headers={"Origin": server.url}).status_code == 201


def test_the_api_does_not_mind_where_a_page_comes_from(server: RunningServer) -> None:
    answer = server.get("/v1/projects")
    headers = {**dict(bearer()), "Origin": FOREIGN[0]}
    foreign = server.client.get("/v1/projects", headers=headers)
    assert (foreign.status_code, foreign.content) == (200, answer.content)
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
        answer = own.client.get("/_mock/projects")
        assert answer.status_code == 200
        assert "x-ratelimit-limit" not in answer.headers


@pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/nope", "/_mock/projects/", "/_mock/projects/x/nope"])
def test_an_unknown_route_is_a_404(server: RunningServer, path: str) -> None:
    error_of(server.client.get(path), 404)


def test_a_method_that_a_route_does_not_have_is_a_405_with_those_that_it_has(server: RunningServer) -> None:
    answer = server.client.patch("/_mock/projects")
    error_of(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/ready"])
def test_the_server_says_that_it_is_well(server: RunningServer, path: str) -> None:
    answer = server.client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": version()})


def test_what_is_known_of_the_service_is_told_behaviour_by_behaviour(server: RunningServer) -> None:
    behaviours = server.client.get("/_mock/fidelity").json()["behaviours"]
    assert len(behaviours) == len(FIDELITY)
    assert [tuple(row.values()) for row in behaviours] == [(row.area, row.behaviour, row.evidence) for row in FIDELITY]
    assert {row["evidence"] for row in behaviours} <= set(Evidence)


# Without it


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_control_plane_that_is_off_is_not_there(uncontrolled: RunningServer, method: str, path: str) -> None:
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


def preflight(server: RunningServer, path: str, origin: str, **asked: str) -> httpx2.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    headers |= {f"Access-Control-Request-{name.title()}": value for name, value in asked.items()}
    return server.client.options(path, headers=headers)


@pytest.mark.parametrize(
    ("cors", "allowed"), [(("https://app.example", "http://localhost:3000"), "https://app.example"), (("*",), "*")]
)
def test_pages_of_chosen_origins_may_call_the_api(cors: tuple[str, ...], allowed: str) -> None:
    with running_server(cors=cors) as own:
        answer = preflight(own, restores_path(), "https://app.example", method="POST", headers="authorization")
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == allowed
        assert {"GET", "HEAD", "POST"} == set(answer.headers["access-control-allow-methods"].split(", "))
        assert "authorization" in answer.headers["access-control-allow-headers"].lower()
        for headers, status in ((dict(bearer()), 200), ({}, 401)):
            answer = own.client.get(restores_path(), headers={**headers, "Origin": "https://app.example"})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == allowed
            assert "x-ratelimit-remaining" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("origin", "asked"),
    [
        ("https://other.example", {}),
        ("https://app.example", {"method": "DELETE"}),
        ("https://app.example", {"headers": "x-secret"}),
    ],
)
def test_a_preflight_that_asks_for_what_is_not_allowed_gets_the_error_body(origin: str, asked: dict[str, str]) -> None:
    with running_server(cors=("https://app.example",)) as own:
        error_of(preflight(own, restores_path(), origin, **asked), 401)


def test_a_page_of_another_origin_is_not_told_that_it_may() -> None:
    with running_server(cors=("https://app.example",)) as own:
        answer = own.client.get(restores_path(), headers={**dict(bearer()), "Origin": "https://other.example"})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers
        assert own.client.options(restores_path(), headers=dict(bearer())).status_code == 405


def test_the_control_plane_is_shared_with_no_page() -> None:
    with running_server(cors=("*",)) as own:
        for path in ("/_mock/projects", "/_mock/nope"):
            answer = preflight(own, path, "https://app.example")
            error_of(answer, 403)
            assert "access-control-allow-origin" not in answer.headers
        answer = own.client.get("/_mock/projects")
        assert "access-control-allow-origin" not in answer.headers
        assert (
            "access-control-allow-origin" not in own.client.get("/openapi.json", headers={"Origin": "http://a"}).headers
        )


def test_a_project_of_any_id_is_no_way_into_the_control_plane(server: RunningServer) -> None:
    project = make_project(server, restores=[], projectId="mock-health")
    assert project.restores() == []
    error_of(ask(server, "/v1/_mock/projects"), 404)
    project.ok("DELETE")


@pytest.mark.parametrize("body", [b'{"seed": 5}', b"zzz"])
def test_a_body_where_none_is_taken_is_refused_and_nothing_is_done(body: bytes) -> None:
    with running_server() as server:
        project = make_project(server, scenario="single")
        answer = server.client.post("/_mock/reset", content=body)
        assert "body" in error_of(answer, 400)["message"]
        assert server.client.get(f"/_mock/projects/{project.id}").status_code == 200
        assert server.client.post("/_mock/reset", json={}).status_code == 200
