"""The control plane's OpenAPI document: valid, complete, separate from the API's; responses conform to it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from mockserver.app import CONTROL_ROUTES
from mockserver.web.openapi import control_document
from tests.contract.responses import document_at
from tests.support import RunningServer, running_server

Json = dict[str, Any]

OPERATIONS = {
    "/_mock/projects": {"get", "post"},
    "/_mock/projects/{projectId}": {"get", "delete"},
    "/_mock/projects/{projectId}/reset": {"post"},
    "/_mock/projects/{projectId}/clock": {"get", "put"},
    "/_mock/projects/{projectId}/clock/advance": {"post"},
    "/_mock/projects/{projectId}/plan": {"get", "put", "delete"},
    "/_mock/projects/{projectId}/faults": {"get", "post", "delete"},
    "/_mock/projects/{projectId}/faults/{faultId}": {"get", "delete"},
    "/_mock/projects/{projectId}/requests": {"get"},
    "/_mock/projects/{projectId}/changes": {"get"},
    "/_mock/changes": {"get"},
    "/_mock/activity": {"get"},
    "/_mock/requests/{requestId}": {"get"},
    "/_mock/projects/{projectId}/walks": {"get"},
    "/_mock/projects/{projectId}/report": {"get"},
    "/_mock/projects/{projectId}/polls": {"get"},
    "/_mock/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores": {"get", "post"},
    "/_mock/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores/{restoreId}": {"patch", "delete"},
    "/_mock/projects/{projectId}/scenario": {"get"},
    "/_mock/reset": {"post"},
    "/_mock/health": {"get"},
    "/_mock/ready": {"get"},
    "/_mock/fidelity": {"get"},
}


@pytest.fixture(scope="module")
def document(server: RunningServer) -> Json:
    return document_at(server, "/_mock/openapi.json")


def test_the_document_is_valid_openapi(document: Json) -> None:
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(deepcopy(document)).validate()


def test_the_document_has_every_operation_and_no_other(document: Json) -> None:
    assert {path: set(methods) for path, methods in document["paths"].items()} == OPERATIONS


def test_the_two_documents_share_no_path(document: Json, server: RunningServer) -> None:
    api = server.client.get("/openapi.json").json()["paths"]
    assert not api.keys() & document["paths"].keys()
    assert not [path for path in api if path.startswith("/_mock")]


def test_every_operation_says_what_it_is_for_and_that_errors_have_the_contracts_body(document: Json) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert {"400", "403"} <= operation["responses"].keys()
            assert "422" not in operation["responses"]
            for status in operation["responses"].keys() - {"200", "201", "204"}:
                content = operation["responses"][status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/ErrorBody"}


def requests_about(ids: dict[str, str]) -> OpenApiSchema:
    config = SchemathesisConfig.from_dict({"parameters": {f"path.{name}": value for name, value in ids.items()}})
    return schemathesis.openapi.from_dict(control_document(CONTROL_ROUTES), config=config)


IDS = {"projectId": "default-project", "addonId": "example-addon", "backupId": "example-backup"}
# a deletion would take what the other requests are about
described = requests_about(IDS).exclude(method="DELETE", path="/_mock/projects/{projectId}")
examples = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def bent() -> Iterator[RunningServer]:
    """A server that generated requests may change."""
    with running_server(scenario="example") as running:
        yield running


@described.parametrize()
@examples
def test_responses_conform_to_the_document(bent: RunningServer, case: schemathesis.Case[Any]) -> None:
    # what is valid as text need not be a name that there is, nor a moment within time; nor is all that is invalid
    # as a schema has it read as such: a moment may be written in several ways
    response = case.call_and_validate(
        base_url=bent.url, excluded_checks=[positive_data_acceptance, negative_data_rejection]
    )
    assert response.status_code < 500
