"""The report: one HTML file with the page and the project's data, whose policy allows nothing else."""

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest

from mockserver.page.files import MODULES
from tests.contract.responses import error_of
from tests.support import RunningServer, SandboxProject, make_project


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    project = make_project(server, scenario="many", restores=60)
    project.page()
    project.page("</script><b>=1")
    return project


def report_of(project: SandboxProject) -> str:
    response = project.control("GET", "/report")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def test_a_report_has_what_the_page_would_ask_for(project: SandboxProject) -> None:
    text = report_of(project)
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text)
    report = json.loads(data)
    path = f"projects/{project.id}"
    assert report["project"] == project.id
    assert report["origin"] == project.server.url
    responses = report["responses"]
    assert responses[f"{path}/walks"] == project.ok("GET", "/walks")
    assert responses[f"{path}/requests?since=0&limit=1000"]["requests"] == project.requests()
    restores = responses[f"{path}/addons/example-addon/backups/example-backup/restores?limit=200"]
    assert len(restores["restores"]) == 60
    assert responses[path]["projectId"] == project.id


def test_text_from_a_client_cannot_end_the_data(project: SandboxProject) -> None:
    assert "</script><b>" not in report_of(project)


def test_the_policy_allows_the_scripts_and_the_style_of_the_report_alone(project: SandboxProject) -> None:
    text = report_of(project)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    inline = [
        *re.findall(r'<script type="importmap">(.*?)</script>', text, re.DOTALL),
        *re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL),
        *re.findall(r"<style>(.*?)</style>", text, re.DOTALL),
    ]
    assert len(inline) == 3
    for content in inline:
        assert b64encode(sha256(content.encode()).digest()).decode() in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_modules_of_a_report_import_each_other_by_name(project: SandboxProject) -> None:
    (import_map,) = re.findall(r'<script type="importmap">(.*?)</script>', report_of(project), re.DOTALL)
    modules = {
        name: b64decode(url.partition(",")[2]).decode() for name, url in json.loads(import_map)["imports"].items()
    }
    assert len(modules) == len(MODULES)
    for source in modules.values():
        imported = re.findall(r"""^\s*import\b.*?from\s*["']([^"']+)["']""", source, re.MULTILINE)
        assert set(imported) <= modules.keys()


def test_there_is_no_report_of_a_project_that_does_not_exist(server: RunningServer) -> None:
    assert 'no project "nope"' in error_of(server.client.get("/_mock/projects/nope/report"), 404)["message"]
