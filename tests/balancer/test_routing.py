"""HAProxy routes each request to the server of its project, wherever the request has the project's id."""

import json
from collections.abc import Callable, Iterator

import httpx2
import pytest

from mockserver.testing import Project, Server
from mockserver.testing.options import RestoreRow
from mockserver.testing.project_ids import new_project_id
from tests.support import NO_CERTIFICATES, PATIENCE_SECONDS

MISSING = {
    "status": 400,
    "message": "a project that is created through the balancer needs a projectId of your choice",
    "id": "nf-invalid-request-body",
    "details": {"projectId": ["must be in the first 15 KB of the body"]},
}
ROWS: list[RestoreRow] = [{"status": "completed"}] * 3000
"""Restores whose JSON is longer than the part of a body that HAProxy buffers."""


@pytest.fixture(scope="module")
def client(front: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=front.url, timeout=PATIENCE_SECONDS, trust_env=False, verify=NO_CERTIFICATES) as client:
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
def test_every_path_of_a_project_is_routed_to_its_server(
    front: Server, client: httpx2.Client, path_of: Callable[[Project], str]
) -> None:
    for _ in range(10):
        mock = front.make_project(scenario="single")
        responses = [client.get(path_of(mock), headers={"Authorization": "Bearer any-token"}) for _ in range(2)]
        assert [response.status_code for response in responses] == [200, 200]
        assert len({response.headers["x-served-by"] for response in responses}) == 1


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_projects_own_token_is_routed_to_its_server_if_the_path_has_no_project(
    front: Server, client: httpx2.Client, scheme: str
) -> None:
    for _ in range(10):
        mock = front.make_project(scenario="single")
        response = client.get("/v1/projects", headers={"Authorization": f"{scheme} {mock.token}"}).json()
        assert [project["id"] for project in response["data"]["projects"]] == [mock.project_id]


def test_a_request_without_a_project_goes_to_any_server(client: httpx2.Client) -> None:
    responses = [client.get("/v1/projects", headers={"Authorization": "Bearer any-token"}) for _ in range(9)]
    assert {response.status_code for response in responses} == {200}
    assert len({response.headers["x-served-by"] for response in responses}) == 3


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
def test_creating_a_project_without_an_id_is_an_error_in_the_shape_of_the_contract(
    client: httpx2.Client, body: str, token: str
) -> None:
    response = client.post("/_mock/projects", content=body, headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.headers["content-type"]) == (400, "application/json")
    assert response.json() == {"error": MISSING}


def test_an_id_at_the_start_of_a_long_body_is_routed(front: Server) -> None:
    for mock in (
        front.make_project(restores=ROWS),
        front.make_project(restores=ROWS, project_id=new_project_id("chosen")),
    ):
        assert mock.restores.add().status == "scheduled"


@pytest.mark.parametrize("project_id", ["My Project", "-", 5])
def test_an_id_that_is_not_a_slug_is_rejected_by_a_server(client: httpx2.Client, project_id: object) -> None:
    response = client.post("/_mock/projects", json={"projectId": project_id})
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith("projectId must be ")


def test_a_header_of_the_client_cannot_choose_the_server(front: Server, client: httpx2.Client) -> None:
    mock = front.make_project(scenario="single")
    headers = {"Authorization": f"Bearer {mock.token}", "X-Mock-Project": "another"}
    for name in ("another", "one-more", "the-third", mock.project_id):
        assert client.get(mock.restores_url, headers=headers | {"X-Mock-Project": name}).status_code == 200
