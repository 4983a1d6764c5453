"""Who may call the control plane: no web page but its own, under whatever name that page has the browser call it."""

import socket
from collections.abc import Iterator

import httpx2
import pytest

from tests.contract.responses import error_of, received_from, send_raw
from tests.support import RunningServer, make_project, running_server

PAGE_AT_A_REBOUND_NAME = {"Host": "evil.example", "Origin": "http://evil.example"}
PROBES = ["/_mock/health", "/_mock/ready"]
REQUESTS = [
    ("GET", "/_mock/projects"),
    ("POST", "/_mock/projects"),
    ("PUT", "/_mock/projects/default-project/clock"),
    ("DELETE", "/_mock/projects/default-project"),
    ("POST", "/_mock/reset"),
    ("OPTIONS", "/_mock/projects"),
    ("POST", "/_mock/health"),
    ("GET", "/_mock/fidelity"),
    ("GET", "/_mock/openapi.json"),
    ("GET", "/_mock"),
    ("GET", "/_mock/"),
    ("GET", "/_mock/nope"),
    ("GET", "/_mock/health/"),
]


def raw(
    server: RunningServer, target: str, *headers: str, method: str = "GET", version: str = "1.1"
) -> httpx2.Response:
    """Asks with just these headers."""
    lines = (f"{method} {target} HTTP/{version}", *headers, "Connection: close", "", "")
    return send_raw(server, "\r\n".join(lines).encode("latin-1"))


@pytest.fixture(scope="module")
def allowing() -> Iterator[RunningServer]:
    """A server that is known by names which a stranger could have."""
    with running_server(allow_host=("mock.example.com", ".corp.example")) as running:
        yield running


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_a_page_whose_name_was_rebound_to_the_server_is_refused(server: RunningServer, method: str, path: str) -> None:
    for headers in (PAGE_AT_A_REBOUND_NAME, {"Host": "evil.example"}):
        error_of(server.client.request(method, path, headers=headers), 403)


@pytest.mark.parametrize("page", [PAGE_AT_A_REBOUND_NAME, {"Origin": "https://foreign.example"}])
def test_a_foreign_page_changes_nothing(page: dict[str, str]) -> None:
    with running_server(scenario="example") as own:
        before = own.client.get("/_mock/projects/default-project").json()
        for method, path in REQUESTS:
            body = b'{"mode": "frozen"}' if path.endswith("/clock") else b"{}"
            own.client.request(method, path, content=body, headers=page | {"Content-Type": "text/plain"})
        (project,) = own.client.get("/_mock/projects").json()["projects"]
        assert project["clock"]["mode"] == before["clock"]["mode"]


def test_the_refusal_prints_the_option_that_allows_the_host(server: RunningServer) -> None:
    response = raw(server, "/_mock/projects", "Host: Registry.Example.Com.:8080")
    message = error_of(response, 403)["message"]
    assert "start the server with --allow-host registry.example.com " in message
    assert "NFMOCK_ALLOW_HOST=registry.example.com" in message
    with running_server(allow_host=("registry.example.com",)) as own:
        assert raw(own, "/_mock/projects", "Host: Registry.Example.Com.:8080").status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8080",
        "[::1]:8080",
        "localhost",
        "mockserver:8080",
        "mockserver.tests.svc.cluster.local",
        "mockserver.tests.svc:8080",
        "host.docker.internal:8080",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_host_that_no_stranger_can_be_at_is_answered(server: RunningServer, host: str, method: str) -> None:
    response = server.client.request(method, "/_mock/projects", headers={"Host": host})
    assert response.status_code == (201 if method == "POST" else 200)


@pytest.mark.parametrize("host", ["mock.example.com", "MOCK.example.com.:8080", "corp.example", "a.b.corp.example"])
def test_a_name_that_was_allowed_is_answered_and_pages_of_it_are_its_own(allowing: RunningServer, host: str) -> None:
    assert raw(allowing, "/_mock/projects", f"Host: {host}").status_code == 200
    assert raw(allowing, "/_mock/projects", f"Host: {host}", f"Origin: http://{host}").status_code == 200
    error_of(raw(allowing, "/_mock/projects", f"Host: {host}", "Origin: http://evil.example"), 403)
    error_of(raw(allowing, "/_mock/projects", f"Host: {host}", f"Origin: http://x{host}"), 403)
    error_of(raw(allowing, "/_mock/projects", "Host: example.com"), 403)


def test_any_host_can_be_allowed() -> None:
    with running_server(allow_host=("*",)) as own:
        for host in ("evil.example", "no host at all", ""):
            assert raw(own, "/_mock/projects", f"Host: {host}").status_code == 200
        error_of(raw(own, "/_mock/projects", "Host: evil.example", "Origin: http://other.example"), 403)


def test_the_name_that_the_server_listens_on_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "mock.example.com"
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **options: resolve("127.0.0.1" if host == name else host, *a, **options)
    )
    with running_server(host=name) as own:
        assert raw(own, "/_mock/projects", "Host: Mock.Example.Com:8080").status_code == 200
        error_of(raw(own, "/_mock/projects", "Host: other.example.com"), 403)


@pytest.mark.parametrize("path", PROBES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("host", ["evil.example", "no host", ""])
def test_probes_are_answered_whatever_host_they_name(server: RunningServer, path: str, method: str, host: str) -> None:
    assert server.client.request(method, path, headers={"Host": host}).status_code == 200
    error_of(raw(server, path, f"Host: {host}", "Origin: http://foreign.example"), 403)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_request_without_a_host_is_answered(server: RunningServer, version: str) -> None:
    assert raw(server, "/_mock/projects", version=version).status_code == 200
    error_of(raw(server, "/_mock/projects", "Origin: http://foreign.example", version=version), 403)


@pytest.mark.parametrize("host", ["", "localhost@evil.example", "[::1].evil.example", "local%68ost", "localhost:http"])
def test_what_is_no_host_is_refused(server: RunningServer, host: str) -> None:
    assert f'"{host}"' in error_of(raw(server, "/_mock/projects", f"Host: {host}"), 403)["message"]


def test_a_long_host_is_cut_in_the_message(server: RunningServer) -> None:
    for host in (f"{'a.' * 10_000}example", "@" * 20_000):
        assert len(error_of(raw(server, "/_mock/projects", f"Host: {host}"), 403)["message"]) < 400


@pytest.mark.parametrize("path", ["/_mock/projects", *PROBES])
@pytest.mark.parametrize("second", ["localhost", "evil.example"])
def test_of_several_hosts_none_is_chosen(server: RunningServer, path: str, second: str) -> None:
    response = raw(server, path, "Host: localhost", f"Host: {second}")
    assert "more than one Host" in error_of(response, 400)["message"]


@pytest.mark.parametrize(
    "target",
    ["/%5fmock/projects", "/%5Fmock/projects", "/_mock/%70rojects", "/%5f%6d%6f%63%6b/projects", "/_mock/projects#x"],
)
def test_an_encoded_path_is_the_control_plane_with_its_rules(server: RunningServer, target: str) -> None:
    assert raw(server, target, "Host: localhost").status_code == 200
    error_of(raw(server, target, "Host: evil.example"), 403)
    error_of(raw(server, target, "Host: localhost", "Origin: http://evil.example"), 403)
    error_of(raw(server, target, "Host: localhost", "Sec-Fetch-Site: cross-site"), 403)


@pytest.mark.parametrize(
    "target",
    [
        "//_mock/projects",
        "/_MOCK/projects",
        "/./_mock/projects",
        "/x/../_mock/projects",
        "/%2e/_mock/projects",
        "/%255fmock/projects",
        "/_mock;x/projects",
        "/_mockprojects",
        "/_mock%00/projects",
        "/_mock%2Fprojects",
        "/_mock%2fprojects",
        "\\_mock/projects",
    ],
)
def test_another_spelling_of_the_path_is_not_there(server: RunningServer, target: str) -> None:
    for host in ("localhost", "evil.example"):
        response = received_from(server, f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert response.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))


def test_the_host_of_an_absolute_target_counts_and_the_header_does_not(server: RunningServer) -> None:
    evil, own = "http://evil.example/_mock/projects", "HTTP://localhost:8080/_mock/projects"
    assert "--allow-host evil.example " in error_of(raw(server, evil, "Host: localhost"), 403)["message"]
    error_of(raw(server, evil, "Host: localhost", "Host: localhost"), 403)
    error_of(raw(server, evil, version="1.0"), 403)
    error_of(raw(server, "http://localhost@evil.example/_mock/projects", "Host: localhost"), 403)
    error_of(raw(server, "https://evil.example/%5fmock/projects", "Host: localhost"), 403)
    assert raw(server, own, "Host: evil.example").status_code == 200
    assert raw(server, own, "Host: evil.example", "Origin: http://localhost:8080").status_code == 200
    error_of(raw(server, own, "Host: evil.example", "Origin: http://evil.example"), 403)
    assert raw(server, "http://evil.example/_mock/ready", "Host: localhost").status_code == 200


def test_a_url_in_a_query_is_no_absolute_target(server: RunningServer) -> None:
    error_of(raw(server, "/_mock/projects?of=http://localhost/", "Host: evil.example"), 403)


def test_a_restores_url_names_the_host_of_an_absolute_target(server: RunningServer) -> None:
    created = raw(server, "http://mockserver:9000/_mock/projects", "Host: localhost", method="POST")
    assert created.json()["restoresUrl"].startswith("http://mockserver:9000/v1/projects/")


# What pages of other sites load


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/_mock/projects", *PROBES])
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Dest": "document"},
    ],
)
def test_what_a_page_of_another_site_loads_is_refused(
    server: RunningServer, method: str, path: str, sent: dict[str, str]
) -> None:
    response = server.client.request(method, path, headers={"Sec-Fetch-Site": "cross-site", **sent})
    assert response.status_code == 403
    if method == "GET":
        assert "Sec-Fetch-Site" in error_of(response, 403)["message"]


def test_a_link_on_another_site_may_be_followed_and_a_form_not(server: RunningServer) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert server.client.get("/_mock/projects", headers=headers).status_code == 200
    error_of(server.client.post("/_mock/projects", headers=headers), 403)
    error_of(server.client.get("/_mock/projects", headers={**headers, "Host": "evil.example"}), 403)


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_other_requests_of_browsers_are_judged_by_host_and_origin(server: RunningServer, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    assert server.client.get("/_mock/projects", headers=headers).status_code == 200
    error_of(server.client.get("/_mock/projects", headers={**headers, "Origin": "http://localhost:1"}), 403)


def test_the_api_minds_no_host_and_no_site(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    headers = {"Host": "api.northflank.com", "Sec-Fetch-Site": "cross-site"}
    assert project.page(headers=headers).content == project.page().content
    assert server.client.get("/v1/", headers=headers).status_code == 200
    assert server.client.get("/openapi.json", headers=headers).status_code == 200
