"""Responses to valid and invalid requests that are generated from the OpenAPI document conform to it."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from mockserver.app import api_document
from mockserver.settings import Settings
from tests.support import EXAMPLE, RunningServer

GOOD_TOKEN = "first-good"  # noqa: S105 - one of the two that the choosy server knows

Case = schemathesis.Case[Any]

EXAMPLE_IDS = {"projectId": EXAMPLE.project_id, "addonId": EXAMPLE.addon_id, "backupId": EXAMPLE.backup_id}


def requests_about(ids: dict[str, str]) -> OpenApiSchema:
    """The parameters that requests are generated from; ids not in here are random."""
    config = SchemathesisConfig.from_dict(
        {
            "auth": {"openapi": {"bearer": {"bearer": GOOD_TOKEN}}},
            # an unknown query parameter is no error: the contract has it ignored
            "generation": {"allow-extra-parameters": False},
            "parameters": {f"path.{name}": value for name, value in ids.items()},
        }
    )
    return schemathesis.openapi.from_dict(api_document(Settings()), config=config)


any_ids = requests_about({})
example_ids = requests_about(EXAMPLE_IDS).include(path_regex="restores$")
examples = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def conform(server: RunningServer, case: Case) -> Response:
    """Sends the request of ``case``, and checks the response against the document.

    One check is left out for requests with a cursor: a string that is valid in the document need not be a cursor that
    the list issued, and is then a 400.
    """
    left_out: list[CheckFunction] = [positive_data_acceptance] if "cursor" in case.query else []
    # the health check requires no token in the document, but its other methods do before they get their 405
    headers = {"Authorization": f"Bearer {GOOD_TOKEN}"} if case.path == "/v1/" else None
    return case.call_and_validate(base_url=server.url, headers=headers, excluded_checks=left_out)


@any_ids.parametrize()
@examples
def test_responses_for_random_ids_conform(choosy: RunningServer, case: Case) -> None:
    conform(choosy, case)


@example_ids.parametrize()
@examples
def test_responses_for_an_existing_backup_conform(choosy: RunningServer, case: Case) -> None:
    response = conform(choosy, case)
    assert response.status_code != 404
    if case.meta and case.meta.generation.mode.is_positive and "cursor" not in case.query:
        assert response.status_code == 200
