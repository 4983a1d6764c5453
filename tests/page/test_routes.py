"""How the page is served: its files, headers and redirects, and the rules of the control plane."""

import re
from base64 import b64encode
from hashlib import sha512
from pathlib import Path

import pytest

import mockserver
from mockserver.page.files import FILES, MODULES, PAGE, content
from tests.contract.responses import error_of
from tests.support import RunningServer, running_server

STATIC = Path(mockserver.__file__).parent / "page" / "static"
HTML = {"Accept": "text/html,application/xhtml+xml"}
BUDGET = 70_000


def test_every_file_of_the_page_is_served_with_headers_that_protect_it(server: RunningServer) -> None:
    for path in ["/_mock/", *(f"/_mock/page/{name}" for name in FILES)]:
        response = server.client.get(path)
        assert response.status_code == 200, path
        headers = response.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"


def test_the_list_of_files_is_complete() -> None:
    assert {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()} == {PAGE, *FILES}


def test_the_page_takes_few_requests_and_bytes() -> None:
    loaded = [PAGE, "page.css", "favicon.svg", *MODULES]
    assert len(loaded) <= 16
    assert sum(len(content(name)) for name in loaded) <= BUDGET


def test_the_page_has_no_inline_script_or_style() -> None:
    page = content(PAGE).decode()
    assert not re.search(r"<style|style=|\son\w+=|<script>", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page) == [""]


@pytest.mark.parametrize("name", ["nope.js", "../files.py", "static/main.js", "lit", "%2e%2e/files.py", "index.html"])
def test_no_other_file_is_served(server: RunningServer, name: str) -> None:
    error_of(server.client.get(f"/_mock/page/{name}"), 404)


def test_a_browser_at_the_root_or_without_the_slash_is_sent_to_the_page(server: RunningServer) -> None:
    for path in ("/", "/_mock"):
        response = server.client.get(path, headers=HTML, follow_redirects=False)
        assert (response.status_code, response.headers["location"]) == (302, "/_mock/")


def test_another_client_at_the_root_gets_a_404(server: RunningServer) -> None:
    error_of(server.client.get("/"), 404)


def test_an_api_path_in_a_browser_stays_json(server: RunningServer) -> None:
    response = server.client.get("/v1/projects", headers=HTML)
    assert (response.status_code, response.headers["content-type"]) == (401, "application/json")


def test_there_is_a_favicon_and_a_page_that_says_where_the_documents_are(server: RunningServer) -> None:
    assert server.client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    documents = server.client.get("/docs").text
    for path in re.findall(r'href="([^"]+)"', documents):
        assert server.client.get(path).status_code == 200, path
    assert "/openapi.json" in documents


def test_programs_find_how_to_use_the_control_plane(server: RunningServer) -> None:
    response = server.client.get("/_mock/agents.md")
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "/_mock/openapi.json" in response.text


def test_the_rules_of_the_control_plane_hold_for_the_page(server: RunningServer) -> None:
    for path in ("/_mock/", "/_mock/page/main.js"):
        error_of(server.client.get(path, headers={"Host": "foreign.example"}), 403)
        error_of(server.client.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}), 403)


def test_without_the_control_plane_there_is_no_page() -> None:
    with running_server(no_control=True) as own:
        for path in ("/", "/_mock", "/_mock/", "/docs", "/favicon.ico"):
            error_of(own.client.get(path, headers=HTML), 404)


def test_lit_html_is_what_its_licence_and_the_lock_say() -> None:
    lock = (STATIC.parents[2] / "requirements" / "lit-html.lock").read_text(encoding="utf-8").splitlines()
    hashes = dict(line.split() for line in lock if line and not line.startswith("#"))
    vendored = {name: STATIC / "lit" / name for name in hashes if name.endswith((".js", "LICENSE"))}
    assert {path.name for path in vendored.values()} >= {"lit-html.js", "repeat.js", "LICENSE"}
    for name, path in vendored.items():
        assert hashes[name] == f"sha512-{b64encode(sha512(path.read_bytes()).digest()).decode()}", name
