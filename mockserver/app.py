"""Puts an application together. Nothing happens at import, so any number of them live in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from mockserver.api import restores, session
from mockserver.api.gate import Gate
from mockserver.api.operation import BEARER
from mockserver.clock import Clock, MachineClock
from mockserver.emulator import Emulator
from mockserver.log import Log
from mockserver.rate_limit import RateLimit
from mockserver.settings import Settings
from mockserver.store import Store, open_store

TITLE = "Northflank API: addon backup restores"
SUMMARY = "What mockserver emulates of the Northflank API."


def create_app(settings: Settings, clock: Clock | None = None, log: Log | None = None) -> FastAPI:
    """An application with a store of its own, open and filled; it is closed at shutdown.

    Raises UsageError where the store cannot be opened or the scenario cannot be read.
    """
    clock = clock or MachineClock()
    emulator = Emulator(
        settings=settings,
        store=_open_store(settings),
        clock=clock,
        rate_limit=RateLimit(clock, enforced=settings.enforce_rate_limit),
        log=log or Log(settings.log_requests, settings.log_format),
    )
    app = described_app(lifespan=_closing_store)
    app.state.emulator = emulator
    app.add_middleware(Gate, emulator=emulator)
    return app


def described_app(**options: Any) -> FastAPI:
    """The operations and their OpenAPI document, with no store behind them."""
    app = FastAPI(
        title=TITLE,
        summary=SUMMARY,
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=[*restores.router.routes, *session.router.routes],
        exception_handlers={HTTPException: _to_the_gate, RequestValidationError: _to_the_gate},
        **options,
    )
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's way to extend the document
    return app


@asynccontextmanager
async def _closing_store(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.emulator.store.close()


def _open_store(settings: Settings) -> Store:
    from mockserver.seeding.fill import fill
    from mockserver.seeding.scenario import load_scenario

    scenario = load_scenario(settings.scenario)
    return open_store(settings.database, lambda session: fill(session, scenario, settings.seed))


async def _to_the_gate(_: Request, failure: Exception) -> NoReturn:
    """The framework has error bodies of its own; the gate gives them the contract's."""
    raise failure


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=TITLE, version=app.version, summary=SUMMARY, routes=app.routes)
        for framework_error in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(framework_error, None)
        document["components"]["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
        for operations in document["paths"].values():
            for described in operations.values():
                described["responses"].pop("422", None)  # the framework's own error, which never shows
        app.openapi_schema = document
    return app.openapi_schema
