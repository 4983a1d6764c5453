"""The OpenAPI document follows the contract, and responses follow the document."""

import json
from copy import deepcopy
from typing import Any

import httpx2
import pytest
import schemathesis

from mockserver.app import api_document
from mockserver.settings import Settings
from tests.contract.responses import RESTORES, ask, bearer, document_at, use_up
from tests.support import EXAMPLE, RunningServer

LIST = "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores"
TEAM_LIST = "/v1/teams/{teamId}/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores"
_PROJECT = "/projects/{projectId}"
_ADDON = f"{_PROJECT}/addons/{{addonId}}"
_BACKUP = f"{_ADDON}/backups/{{backupId}}"
PATHS = {
    f"{scope}{path}": method
    for scope in ("/v1", "/v1/teams/{teamId}")
    for path, method in {
        "/projects": "get",
        f"{_PROJECT}/addons": "get",
        f"{_ADDON}/backups": "get",
        f"{_ADDON}/restores": "get",
        _BACKUP: "get",
        f"{_BACKUP}/restores": "get",
        f"{_BACKUP}/restore": "post",
        f"{_BACKUP}/abort-restore": "post",
    }.items()
} | {"/v1/": "get", "/v1/login": "get", "/v1/auth": "get"}
STATUSES = ["scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported"]

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document(server: RunningServer) -> Json:
    return document_at(server, "/openapi.json")


def resolved(document: Json, schema: Json) -> Json:
    """``schema`` with every reference into the document replaced by what it refers to."""
    if "$ref" in schema:
        target = document
        for key in schema["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        return resolved(document, {**target, **{key: value for key, value in schema.items() if key != "$ref"}})
    inner = {key: resolved(document, value) for key, value in schema.items() if isinstance(value, dict)}
    return {**schema, **inner}


def body_schema(document: Json, path: str, status: int, media_type: str = "application/json") -> Json:
    content = document["paths"][path][PATHS[path]]["responses"][str(status)]["content"]
    assert list(content) == [media_type]
    return resolved(document, content[media_type]["schema"])


def parameters(document: Json, path: str) -> dict[str, Json]:
    return {parameter["name"]: parameter for parameter in document["paths"][path]["get"]["parameters"]}


def test_the_document_is_valid_openapi_3_1(document: Json) -> None:
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(deepcopy(document)).validate()


@pytest.mark.parametrize(
    ("key", "value"), [("paths", []), ("info", {}), ("openapi", 3), ("components", {"schemas": {"Restore": 1}})]
)
def test_the_validation_would_find_a_mistake(document: Json, key: str, value: Any) -> None:
    with pytest.raises((ValueError, schemathesis.errors.LoaderError, TypeError)):
        schemathesis.openapi.from_dict({**deepcopy(document), key: value}).validate()


def test_the_document_is_the_same_each_time(server: RunningServer) -> None:
    assert server.client.get("/openapi.json").content == server.client.get("/openapi.json").content
    assert json.dumps(api_document(Settings())) == json.dumps(api_document(Settings()))


def test_the_document_has_the_operations_and_no_others(document: Json) -> None:
    assert {path: [*operations] for path, operations in document["paths"].items()} == {
        path: [method] for path, method in PATHS.items()
    }


def test_each_operation_has_an_id_of_its_own_and_says_what_it_does(document: Json) -> None:
    operations = [operation for operations in document["paths"].values() for operation in operations.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] and operation["description"] for operation in operations)


@pytest.mark.parametrize(
    ("path", "names"),
    [(LIST, ["projectId", "addonId", "backupId"]), (TEAM_LIST, ["teamId", "projectId", "addonId", "backupId"])],
)
def test_every_id_in_the_path_is_a_required_string(document: Json, path: str, names: list[str]) -> None:
    in_path = {name: of for name, of in parameters(document, path).items() if of["in"] == "path"}
    assert set(in_path) == set(names)
    for parameter in in_path.values():
        assert parameter["required"] is True
        assert parameter["schema"]["type"] == "string"
        assert parameter["description"]


@pytest.mark.parametrize("path", [LIST, TEAM_LIST])
@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("per_page", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}),
        ("page", {"type": "integer", "minimum": 1, "maximum": 1_000_000_000, "default": 1}),
        ("cursor", {"type": "string", "minLength": 1}),
    ],
)
def test_every_query_parameter_is_optional_and_has_its_type_and_bounds(
    document: Json, path: str, name: str, bounds: Json
) -> None:
    parameter = parameters(document, path)[name]
    assert (parameter["in"], parameter["required"]) == ("query", False)
    assert parameter["description"]
    said = {key: value for key, value in parameter["schema"].items() if key not in {"title", "description"}}
    assert said == bounds


@pytest.mark.parametrize("path", [LIST, TEAM_LIST])
def test_there_are_three_query_parameters(document: Json, path: str) -> None:
    in_query = [name for name, of in parameters(document, path).items() if of["in"] == "query"]
    assert in_query == ["per_page", "page", "cursor"]


@pytest.mark.parametrize("path", [LIST, TEAM_LIST])
@pytest.mark.parametrize(
    ("within", "types", "required"),
    [
        ([], {"data": "object", "pagination": "object"}, ["data", "pagination"]),
        (["data"], {"restores": "array"}, ["restores"]),
        (
            ["data", "restores"],
            {"id": "integer", "restoreTimestamp": "string", "status": "string", "completedAt": "string"},
            ["id", "restoreTimestamp", "status"],
        ),
        (
            ["pagination"],
            {"hasNextPage": "boolean", "cursor": "string", "count": "integer"},
            ["hasNextPage", "count"],
        ),
    ],
)
def test_the_list_has_these_keys_of_these_types_and_these_are_always_there(
    document: Json, path: str, within: list[str], types: dict[str, str], required: list[str]
) -> None:
    schema = body_schema(document, path, 200)
    for key in within:
        schema = schema["properties"][key]
        schema = schema.get("items", schema)
    assert {key: value["type"] for key, value in schema["properties"].items()} == types
    assert list(schema["properties"]) == list(types), "in the documented order"
    assert schema["required"] == required
    assert schema["additionalProperties"] is False


def test_a_status_is_one_of_the_seven(document: Json) -> None:
    restore = body_schema(document, LIST, 200)["properties"]["data"]["properties"]["restores"]["items"]
    assert restore["properties"]["status"]["enum"] == STATUSES


def test_nothing_may_be_null(document: Json) -> None:
    written = json.dumps(document)
    assert '"null"' not in written
    assert "nullable" not in written


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        (LIST, {200, 400, 401, 404, 429}),
        (TEAM_LIST, {200, 400, 401, 404, 429}),
        ("/v1/login", {200, 401, 429}),
        ("/v1/auth", {200, 401, 429}),
        ("/v1/", {200}),
    ],
)
def test_each_operation_documents_its_statuses(document: Json, path: str, statuses: set[int]) -> None:
    responses = document["paths"][path][PATHS[path]]["responses"]
    assert set(responses) == {str(status) for status in statuses}
    assert all(response["description"] for response in responses.values())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((path, status) for path in (LIST, TEAM_LIST) for status in (400, 401, 404, 429)),
        ("/v1/login", 401),
        ("/v1/login", 429),
    ],
)
def test_every_error_has_the_error_body(document: Json, path: str, status: int) -> None:
    schema = body_schema(document, path, status)
    assert schema["required"] == list(schema["properties"]) == ["error"]
    assert schema["additionalProperties"] is False
    error = schema["properties"]["error"]
    types = {key: value["type"] for key, value in error["properties"].items()}
    assert types == {"status": "integer", "message": "string", "id": "string", "details": "object"}
    assert error["required"] == ["status", "message", "id"]
    assert error["additionalProperties"] is False


@pytest.mark.parametrize("path", PATHS)
def test_every_response_documents_its_headers(document: Json, path: str) -> None:
    for response in document["paths"][path][PATHS[path]]["responses"].values():
        types = {name: header["schema"]["type"] for name, header in response["headers"].items()}
        names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
        assert types == {"x-request-id": "string", **dict.fromkeys(names, "integer")}


def test_every_operation_but_the_health_check_needs_the_bearer_token(document: Json) -> None:
    (name, scheme), *others = document["components"]["securitySchemes"].items()
    assert scheme == {"type": "http", "scheme": "bearer"}
    assert not others
    for path in PATHS.keys() - {"/v1/"}:
        assert document["paths"][path][PATHS[path]]["security"] == [{name: []}]
    assert not document["paths"]["/v1/"]["get"].get("security")
    assert not document.get("security")


def test_the_health_check_is_described_as_text(document: Json) -> None:
    assert body_schema(document, "/v1/", 200, "text/plain")["type"] == "string"


def test_nothing_of_the_framework_shows(document: Json) -> None:
    written = json.dumps(document)
    for word in ("HTTPValidationError", "ValidationError", '"422"', "FastAPI", "fastapi"):
        assert word not in written


def conform(document: Json, path: str, response: httpx2.Response, status: int) -> None:
    """Checks a response against the document."""
    assert response.status_code == status
    assert str(status) in document["paths"][path][PATHS[path]]["responses"]
    operation = schemathesis.openapi.from_dict(deepcopy(document))[path]["GET"]
    operation.validate_response(response)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("per_page=1", 200),
        ("page=2", 200),
        ("page=3", 200),
        ("page=9", 200),
        ("per_page=100&page=2", 200),
        ("page=0", 400),
        ("cursor=bad", 400),
        ("per_page=1&per_page=1", 400),
        ("per_page=", 400),
    ],
)
def test_every_kind_of_page_conforms(server: RunningServer, document: Json, query: str, status: int) -> None:
    conform(document, LIST, server.page(query), status)
    conform(document, TEAM_LIST, ask(server, f"/v1/teams/any{RESTORES[3:]}?{query}"), status)


@pytest.mark.parametrize("unknown", ["project_id", "addon_id", "backup_id"])
def test_every_404_conforms(server: RunningServer, document: Json, unknown: str) -> None:
    conform(document, LIST, server.page(backup=EXAMPLE._replace(**{unknown: "nope"})), 404)


@pytest.mark.parametrize(("path", "target"), [(LIST, RESTORES), ("/v1/login", "/v1/login")])
def test_a_401_and_a_429_conform(enforcing: RunningServer, document: Json, path: str, target: str) -> None:
    conform(document, path, ask(enforcing, target, headers=[]), 401)
    use_up(enforcing, f"conform{target}")
    conform(document, path, ask(enforcing, target, headers=bearer(f"conform{target}")), 429)


@pytest.mark.parametrize("path", ["/v1/", "/v1/login", "/v1/auth"])
def test_the_operations_on_no_project_conform(server: RunningServer, document: Json, path: str) -> None:
    conform(document, path, ask(server, path), 200)
