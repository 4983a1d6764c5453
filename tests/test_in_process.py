"""A Python test suite may call the application in its own process, without a server or a socket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from mockserver.app import create_app
from mockserver.settings import LogRequests, Settings


def in_process(act: Callable[[httpx2.AsyncClient], Awaitable[None]]) -> None:
    """Runs ``act`` with a client of a new application."""
    app = create_app(Settings(log_requests=LogRequests.NONE))

    async def run() -> None:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://in-process") as client:
            await act(client)

    try:
        asyncio.run(run())
    finally:
        app.state.emulator.store.close()


async def create_project(client: httpx2.AsyncClient) -> tuple[dict[str, Any], dict[str, str]]:
    project = (await client.post("/_mock/projects", json={"scenario": "single"})).json()
    return project, {"Authorization": f"Bearer {project['token']}"}


def test_an_application_responds_without_a_server() -> None:
    async def act(client: httpx2.AsyncClient) -> None:
        project, headers = await create_project(client)
        response = await client.get(project["restoresUrl"], headers=headers)
        assert project["restoresUrl"].startswith("http://in-process/v1/projects/single-")
        assert response.json()["pagination"] == {"hasNextPage": False, "count": 1}

    in_process(act)


def test_a_websocket_is_closed() -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    app = create_app(Settings(log_requests=LogRequests.NONE))
    scope: dict[str, Any] = {"type": "websocket", "path": "/v1/projects", "headers": [], "query_string": b""}
    try:
        asyncio.run(app(scope, receive, send))
    finally:
        app.state.emulator.store.close()
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_fault_that_ends_a_connection_raises_if_there_is_no_connection(kind: str) -> None:
    async def act(client: httpx2.AsyncClient) -> None:
        project, headers = await create_project(client)
        rule = {"times": 1, "fault": {"kind": kind}}
        await client.post(f"/_mock/projects/{project['projectId']}/faults", json=rule)
        with pytest.raises(ConnectionResetError, match="a fault ended the connection"):
            await client.get(project["restoresUrl"], headers=headers)
        assert (await client.get(project["restoresUrl"], headers=headers)).status_code == 200
        journal = (await client.get(f"/_mock/projects/{project['projectId']}/requests")).json()
        assert [entry["faults"] for entry in journal["requests"]] == [[{"id": "fault-1", "kind": kind}], []]

    in_process(act)
