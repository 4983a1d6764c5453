"""What the check makes of the OpenAPI document that a service publishes."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.app import api_document
from mockserver.check.judging import Result
from mockserver.check.openapi import Document
from mockserver.check.seen import ABSENT
from mockserver.settings import Settings
from tests.check.support import OF_BACKUP, Mutant, Request, Response, check, rows_with
from tests.support import RunningServer

DOCUMENT = api_document(Settings())
PATH = "/v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores"
OLD = {
    "parameters": [{"name": "per_page", "in": "query", "type": "integer", "maximum": 100}, "nonsense"],
    "responses": {"200": {"schema": {"properties": {"data": {"properties": {"restores": {"items": {"properties": {
        "status": {"enum": ["completed"]}}}}}}}}}},
}  # fmt: skip
"""The form of OpenAPI 2."""


@pytest.fixture
def differing(mutable: tuple[RunningServer, Mutant]) -> Iterator[Callable[[Any], set[str]]]:
    """The rows that differ if the server publishes this document."""
    server, mutant = mutable

    def run(document: Any) -> set[str]:
        def publish(request: Request, response: Response) -> None:
            if request.path == "/v1/swagger-json":
                response.status, response.body = 200, json.dumps(document).encode()

        mutant.after = publish
        outcome = check(server.url, **OF_BACKUP, rows="list,restore,pages")
        assert rows_with(outcome, Result.CHECK_ERROR) == set()
        return rows_with(outcome, Result.DIFFERS)

    yield run
    mutant.after = None


def changed(change: Callable[[Any, Any], object]) -> Any:
    """Our document with a change to its operation and to its schema of a restore."""
    document = copy.deepcopy(DOCUMENT)
    change(document["paths"][PATH]["get"], document["components"]["schemas"]["Restore"])
    return document


def without_parameter(name: str) -> Any:
    def drop(operation: Any, _: Any) -> None:
        operation["parameters"] = [one for one in operation["parameters"] if one["name"] != name]

    return changed(drop)


def lower_maximum(operation: Any, _: Any) -> None:
    next(one for one in operation["parameters"] if one["name"] == "per_page")["schema"]["maximum"] = 50


def another_status(_: Any, restore: Any) -> None:
    restore["properties"]["status"] = {"type": "string", "enum": ["completed", "queued"]}


def test_our_own_document_agrees(differing: Callable[[Any], set[str]]) -> None:
    assert differing(DOCUMENT) == set()


@pytest.mark.parametrize(
    ("document", "row"),
    [
        ({"paths": {}}, "list.path"),
        ({"paths": {PATH: {"post": {}}}}, "list.path"),
        (without_parameter("per_page"), "pages.per-page"),
        (changed(lower_maximum), "pages.per-page"),
        (without_parameter("page"), "pages.page"),
        (without_parameter("cursor"), "pages.cursor"),
        (changed(another_status), "restore.status"),
        (changed(lambda _, restore: restore["required"].append("completedAt")), "restore.completed-at"),
    ],
)
def test_what_it_says_otherwise_makes_one_row_differ(
    differing: Callable[[Any], set[str]], document: Any, row: str
) -> None:
    assert differing(document) == {row}


@pytest.mark.parametrize("document", ["nonsense", [], {"paths": 5}, {"paths": {PATH: {"get": {"parameters": 5}}}}])
def test_a_document_of_another_form_is_no_bug_of_ours(differing: Callable[[Any], set[str]], document: Any) -> None:
    assert differing(document) <= {"pages.per-page", "pages.page", "pages.cursor"}


def test_an_old_document_has_its_schemas_elsewhere() -> None:
    document = Document({}, OLD)
    assert document.parameter("per_page")["maximum"] == 100
    assert document.parameter("page") is ABSENT
    assert document.restore("status") == {"enum": ["completed"]}
    assert not document.requires("status")


def test_references_that_lead_in_a_circle_lead_nowhere() -> None:
    circle = {"a": {"$ref": "#/a"}}
    assert Document(circle, {"parameters": [{"$ref": "#/a"}]}).parameter("page") is ABSENT
