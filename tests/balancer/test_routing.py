"""Which server HAProxy chooses: the one that holds the project, from wherever the request has the project's id."""

import json
from collections.abc import Callable, Iterator

import httpx2
import pytest

from mockserver.testing import Project, Server
from mockserver.testing.options import RestoreRow
from mockserver.testing.project_ids import new_project_id
from tests.support import PATIENCE_SECONDS

MISSING = {
    "status": 400,
    "message": "a project that is created through the balancer needs a projectId of your choice",
    "id": "nf-invalid-request-body",
    "details": {"projectId": ["must be in the first 15 KB of the body"]},
}
ROWS: list[RestoreRow] = [{"status": "completed"}] * 3000
"""Restores whose JSON is longer than what HAProxy keeps of a body."""


@pytest.fixture(scope="module")
def client(front: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=front.url, timeout=PATIENCE_SECONDS, trust_env=False) as client:
        yield client


def percent_encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize(
    "path_of",
    [
        lambda mock: httpx2.URL(mock.restores_url).path,
        lambda mock: httpx2.URL(mock.restores_url).path.replace("/v1/", "/v1/teams/any-team/"),
        lambda mock: httpx2.URL(mock.restores_url).path.replace(mock.project_id, percent_encoded(mock.project_id)),
        lambda mock: f"/_mock/projects/{mock.project_id}",
        lambda mock: f"/_mock/projects/{percent_encoded(mock.project_id)}/requests",
    ],
    ids=["API", "team", "encoded", "control plane", "encoded in the control plane"],
)
def test_every_path_of_a_project_leads_to_its_server(
    front: Server, client: httpx2.Client, path_of: Callable[[Project], str]
) -> None:
    for _ in range(10):
        mock = front.make_project(scenario="single")
        answers = [client.get(path_of(mock), headers={"Authorization": "Bearer any-token"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert len({answer.headers["x-served-by"] for answer in answers}) == 1


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_projects_own_token_leads_to_its_server_where_the_path_names_none(
    front: Server, client: httpx2.Client, scheme: str
) -> None:
    for _ in range(10):
        mock = front.make_project(scenario="single")
        listed = client.get("/v1/projects", headers={"Authorization": f"{scheme} {mock.token}"}).json()
        assert [project["id"] for project in listed["data"]["projects"]] == [mock.project_id]


def test_what_is_of_no_project_is_answered_by_any_server(client: httpx2.Client) -> None:
    answers = [client.get("/v1/projects", headers={"Authorization": "Bearer any-token"}) for _ in range(9)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["x-served-by"] for answer in answers}) == 3


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        '{"scenario": "single"}',
        '{"projectId": null}',
        '{"projectId": ""}',
        '{"clock": {"projectId": "a"}}',
        "[]",
        "no JSON",
        json.dumps({"restores": ROWS, "projectId": "too-late"}),
    ],
    ids=["none", "empty", "without", "null", "empty id", "deeper", "list", "no JSON", "too late"],
)
@pytest.mark.parametrize("token", ["any-token", "token-of-another"])
def test_a_project_without_an_id_is_refused_in_the_shape_of_the_contract(
    client: httpx2.Client, body: str, token: str
) -> None:
    answer = client.post("/_mock/projects", content=body, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert answer.json() == {"error": MISSING}


def test_an_id_at_the_start_of_a_long_body_is_found(front: Server) -> None:
    for mock in (
        front.make_project(restores=ROWS),
        front.make_project(restores=ROWS, project_id=new_project_id("chosen")),
    ):
        assert mock.restores.add().status == "scheduled"


@pytest.mark.parametrize("project_id", ["My Project", "-", 5])
def test_an_id_that_is_no_slug_is_refused_by_a_server(client: httpx2.Client, project_id: object) -> None:
    answer = client.post("/_mock/projects", json={"projectId": project_id})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("projectId must be ")


def test_a_header_of_the_client_cannot_choose_the_server(front: Server, client: httpx2.Client) -> None:
    mock = front.make_project(scenario="single")
    headers = {"Authorization": f"Bearer {mock.token}", "X-Mock-Project": "another"}
    for name in ("another", "one-more", "the-third", mock.project_id):
        assert client.get(mock.restores_url, headers=headers | {"X-Mock-Project": name}).status_code == 200
