"""The vendor's Python SDK gets what is stored, blocking and asynchronous."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from northflank import ApiCallError, ApiCallResponse, ApiClient, AsyncApiClient
from northflank._types import GetAddonBackupRestoresResponse

from mockserver.store.queries import BackupPath
from tests.clients.support import BACKUPS, UNKNOWN, refusal, shown, without_id
from tests.support import EXAMPLE, RunningServer, running_server

Page = ApiCallResponse[GetAddonBackupRestoresResponse]


class Sdk(Protocol):
    """What both of the SDK's clients can do, so that each test runs with both."""

    def page(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page: ...

    def all(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page: ...

    def pages(self, **query: Any) -> list[Page]: ...


@dataclass(frozen=True)
class Blocking:
    """The SDK's ``ApiClient``."""

    client: ApiClient

    def page(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return self.client.get.addon.backup.restores(**_ids(backup), **query)

    def all(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return self.client.get.addon.backup.restores.all(**_ids(backup), **query)

    def pages(self, **query: Any) -> list[Page]:
        pages = [self.page(**query)]
        while (standing := pages[-1].pagination) and standing.has_next_page:
            pages.append(standing.get_next_page())
        return pages


@dataclass(frozen=True)
class Asynchronous:
    """The SDK's ``AsyncApiClient``."""

    client: AsyncApiClient

    def page(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return asyncio.run(self.client.get.addon.backup.restores(**_ids(backup), **query))

    def all(self, backup: BackupPath = EXAMPLE, **query: Any) -> Page:
        return asyncio.run(self.client.get.addon.backup.restores.all(**_ids(backup), **query))

    def pages(self, **query: Any) -> list[Page]:
        return asyncio.run(self._pages(**query))

    async def _pages(self, **query: Any) -> list[Page]:
        pages = [await self.client.get.addon.backup.restores(**_ids(EXAMPLE), **query)]
        while (standing := pages[-1].pagination) and standing.has_next_page:
            pages.append(await standing.aget_next_page())
        return pages


def _ids(backup: BackupPath) -> dict[str, Any]:
    return {"project_id": backup.project_id, "addon_id": backup.addon_id, "backup_id": backup.backup_id}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server that enforces the rate limit: should it ever lead the SDK round in circles, that ends in an error."""
    with running_server(enforce_rate_limit=True) as running:
        yield running


@pytest.fixture
def token(request: pytest.FixtureRequest) -> str:
    """A token for each test, with requests of its own."""
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


def _told(error: ApiCallError | None) -> dict[str, Any]:
    assert error is not None
    told = {"status": error.status, "message": error.message, "id": error.id, "details": error.details}
    return without_id({name: value for name, value in told.items() if value is not None})


def test_a_call_gets_the_first_page_and_where_it_stands(sdk: Sdk, server: RunningServer) -> None:
    page = sdk.page()
    assert page.status == 200
    assert page.data == {"restores": shown(server)[:50]}
    assert page.pagination is not None
    assert (page.pagination.has_next_page, page.pagination.count) == (True, 50)


def test_a_call_for_a_team_gets_the_same(sdk: Sdk) -> None:
    assert sdk.page(team_id="any-team").data == sdk.page().data


@pytest.mark.parametrize("backup", BACKUPS, ids=lambda backup: backup.backup_id)
def test_all_gets_every_restore_once(sdk: Sdk, server: RunningServer, backup: BackupPath) -> None:
    assert sdk.all(backup).data == {"restores": shown(server, backup)}


@pytest.mark.parametrize("per_page", [7, 60, 100])
def test_all_gets_every_restore_whatever_a_page_holds(sdk: Sdk, server: RunningServer, per_page: int) -> None:
    assert sdk.all(per_page=per_page).data == {"restores": shown(server)}


def test_all_from_a_page_on_gets_the_rest_and_comes_to_an_end(sdk: Sdk, server: RunningServer) -> None:
    assert sdk.all(page=2).data == {"restores": shown(server)[50:]}


def test_next_pages_lead_to_the_end(sdk: Sdk, server: RunningServer) -> None:
    pages = sdk.pages(per_page=48)
    assert [restore for page in pages for restore in page.data["restores"]] == shown(server)
    assert [len(page.data["restores"]) for page in pages] == [48, 48, 24]
    assert pages[-1].pagination is not None
    assert pages[-1].pagination.cursor is None


def test_an_unknown_backup_is_raised(sdk: Sdk, server: RunningServer) -> None:
    for ask in (sdk.page, sdk.all):
        with pytest.raises(ApiCallError) as raised:
            ask(UNKNOWN)
        assert raised.value.status == 404
        assert _told(raised.value) == refusal(server, backup=UNKNOWN)


def test_a_bad_option_is_raised_with_its_details(sdk: Sdk, server: RunningServer) -> None:
    with pytest.raises(ApiCallError) as raised:
        sdk.page(per_page=101)
    assert _told(raised.value) == refusal(server, "per_page=101")
    assert raised.value.details["parameter"] == "per_page"


def test_a_bad_token_is_raised(kind: str, token: str, guarded_server: RunningServer) -> None:
    with pytest.raises(ApiCallError) as raised:
        _sdk(kind, token, guarded_server.url).page()
    assert raised.value.status == 401
    assert _told(raised.value) == refusal(guarded_server)


def test_a_client_that_is_told_not_to_raise_returns_the_error(kind: str, token: str, server: RunningServer) -> None:
    sdk = _sdk(kind, token, server.url, throw_on_http_error=False)
    for ask in (sdk.page, sdk.all):
        answer = ask(UNKNOWN)
        assert answer.status == 404
        assert _told(answer.error) == refusal(server, backup=UNKNOWN)
