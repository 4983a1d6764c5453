"""The vendor's Python SDK, blocking and asynchronous, lists the stored restores."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from northflank import ApiCallError, ApiCallResponse, ApiClient, AsyncApiClient
from northflank._types import GetAddonBackupRestoresResponse

from mockserver.store.queries import BackupPath
from tests.clients.support import BACKUPS, UNKNOWN, error_response, expected_restores, python_ids, without_id
from tests.support import EXAMPLE, RunningServer, running_server

Page = ApiCallResponse[GetAddonBackupRestoresResponse]


class Sdk(Protocol):
    """The common interface of the SDK's two clients, so that each test runs with both."""

    def page(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page: ...

    def all(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page: ...

    def pages(self, **query: Any) -> list[Page]: ...


@dataclass(frozen=True)
class Blocking:
    """The SDK's ``ApiClient``."""

    client: ApiClient

    def page(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return self.client.get.addon.backup.restores(**python_ids(backup), **query)

    def all(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return self.client.get.addon.backup.restores.all(**python_ids(backup), **query)

    def pages(self, **query: Any) -> list[Page]:
        pages = [self.page(**query)]
        while (pagination := pages[-1].pagination) and pagination.has_next_page:
            pages.append(pagination.get_next_page())
        return pages


@dataclass(frozen=True)
class Asynchronous:
    """The SDK's ``AsyncApiClient``."""

    client: AsyncApiClient

    def page(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return asyncio.run(self.client.get.addon.backup.restores(**python_ids(backup), **query))

    def all(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return asyncio.run(self.client.get.addon.backup.restores.all(**python_ids(backup), **query))

    def pages(self, **query: Any) -> list[Page]:
        return asyncio.run(self._pages(**query))

    async def _pages(self, **query: Any) -> list[Page]:
        pages = [await self.client.get.addon.backup.restores(**python_ids(EXAMPLE), **query)]
        while (pagination := pages[-1].pagination) and pagination.has_next_page:
            pages.append(await pagination.aget_next_page())
        return pages


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server that enforces the rate limit, so that an SDK that loops forever gets an error."""
    with running_server(enforce_rate_limit=True) as running:
        yield running


@pytest.fixture
def token(request: pytest.FixtureRequest) -> str:
    """A token for each test, so that tests do not share a rate limit."""
    return str(request.node.name)


def _sdk(kind: str, token: str, url: str, **settings: Any) -> Sdk:
    if kind == "blocking":
        return Blocking(ApiClient(token, base_url=url, **settings))
    return Asynchronous(AsyncApiClient(token, base_url=url, **settings))


@pytest.fixture(params=["blocking", "asynchronous"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sdk(kind: str, token: str, server: RunningServer) -> Sdk:
    return _sdk(kind, token, server.url)


def _error_without_id(error: ApiCallError | None) -> dict[str, Any]:
    assert error is not None
    fields = {"status": error.status, "message": error.message, "id": error.id, "details": error.details}
    return without_id({name: value for name, value in fields.items() if value is not None})


def test_a_request_returns_the_first_page_and_its_pagination(sdk: Sdk, server: RunningServer) -> None:
    page = sdk.page()
    assert page.status == 200
    assert page.data == {"restores": expected_restores(server)[:50]}
    assert page.pagination is not None
    assert (page.pagination.has_next_page, page.pagination.count) == (True, 50)


def test_a_request_with_a_team_id_returns_the_same(sdk: Sdk) -> None:
    assert sdk.page(team_id="any-team").data == sdk.page().data


@pytest.mark.parametrize("backup", BACKUPS, ids=lambda backup: backup.backup_id)
def test_all_returns_every_restore_once(sdk: Sdk, server: RunningServer, backup: BackupPath) -> None:
    assert sdk.all(backup).data == {"restores": expected_restores(server, backup)}


@pytest.mark.parametrize("per_page", [7, 60, 100])
def test_all_returns_every_restore_with_any_page_size(sdk: Sdk, server: RunningServer, per_page: int) -> None:
    assert sdk.all(per_page=per_page).data == {"restores": expected_restores(server)}


def test_all_from_page_2_returns_the_rest_and_ends(sdk: Sdk, server: RunningServer) -> None:
    assert sdk.all(page=2).data == {"restores": expected_restores(server)[50:]}


def test_get_next_page_leads_to_the_end(sdk: Sdk, server: RunningServer) -> None:
    pages = sdk.pages(per_page=48)
    assert [restore for page in pages for restore in page.data["restores"]] == expected_restores(server)
    assert [len(page.data["restores"]) for page in pages] == [48, 48, 24]
    assert pages[-1].pagination is not None
    assert pages[-1].pagination.cursor is None


def test_an_unknown_backup_raises_an_error(sdk: Sdk, server: RunningServer) -> None:
    for send in (sdk.page, sdk.all):
        with pytest.raises(ApiCallError) as raised:
            send(UNKNOWN)
        assert raised.value.status == 404
        assert _error_without_id(raised.value) == error_response(server, backup=UNKNOWN)


def test_an_invalid_option_raises_an_error_with_details(sdk: Sdk, server: RunningServer) -> None:
    with pytest.raises(ApiCallError) as raised:
        sdk.page(per_page=101)
    assert _error_without_id(raised.value) == error_response(server, "per_page=101")
    assert [*raised.value.details] == ["per_page"]


def test_a_rejected_token_raises_an_error(kind: str, token: str, restricted_server: RunningServer) -> None:
    with pytest.raises(ApiCallError) as raised:
        _sdk(kind, token, restricted_server.url).page()
    assert raised.value.status == 401
    assert _error_without_id(raised.value) == error_response(restricted_server)


def test_a_client_without_throw_on_http_error_returns_the_error(kind: str, token: str, server: RunningServer) -> None:
    sdk = _sdk(kind, token, server.url, throw_on_http_error=False)
    for send in (sdk.page, sdk.all):
        response = send(UNKNOWN)
        assert response.status == 404
        assert _error_without_id(response.error) == error_response(server, backup=UNKNOWN)
