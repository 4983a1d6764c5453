"""Puts an application together. Nothing happens at import, so any number of them live in one process."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.api import backups, projects, restores, session
from mockserver.api.dispatch import Dispatch
from mockserver.clock import Clock, MachineClock
from mockserver.control import activity as control_activity
from mockserver.control import changes as control_changes
from mockserver.control import clock as control_clock
from mockserver.control import faults as control_faults
from mockserver.control import journal as control_journal
from mockserver.control import plan as control_plan
from mockserver.control import polls as control_polls
from mockserver.control import projects as control_projects
from mockserver.control import restore_list as control_restore_list
from mockserver.control import restores as control_restores
from mockserver.control import scenario as control_scenario
from mockserver.control import server as control_server
from mockserver.control import walks as control_walks
from mockserver.emulator import Emulator
from mockserver.errors import StoreDamagedError
from mockserver.log import Log
from mockserver.page import report as page_report
from mockserver.page.routes import routes as page_routes
from mockserver.rate_limit import RateLimit
from mockserver.sandbox.journal import Journals
from mockserver.sandbox.pages import RememberedPages
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.seeding.catalogue import Catalogue
from mockserver.seeding.writer import recipes, write_projects
from mockserver.settings import Settings
from mockserver.store import Store, open_store
from mockserver.store.failures import damaged_at_startup
from mockserver.web import openapi
from mockserver.web.cors import ApiCors
from mockserver.web.gate import Gate
from mockserver.web.origin import ControlGuard
from mockserver.web.routes import FrameworkRoute

API_ROUTES: Sequence[BaseRoute] = [
    *restores.router.routes,  # first, as most requests are for it
    *backups.router.routes,
    *projects.router.routes,
    *session.router.routes,
]
CONTROL_ROUTES: Sequence[BaseRoute] = [
    *control_projects.router.routes,
    *control_clock.router.routes,
    *control_restores.router.routes,
    *control_restore_list.router.routes,
    *control_faults.router.routes,
    *control_plan.router.routes,
    *control_journal.router.routes,
    *control_changes.router.routes,
    *control_activity.router.routes,
    *control_walks.router.routes,
    *control_polls.router.routes,
    *control_scenario.router.routes,
    *control_server.router.routes,
    *page_report.router.routes,
]


class Application(FastAPI):
    """FastAPI without what the gate and the routes do in its place.

    Left out: ServerErrorMiddleware and ExceptionMiddleware (so exception handlers and ``debug`` have no effect); the
    middleware for ``max_body_size``; AsyncExitStackMiddleware, as ``FrameworkRoute`` opens that stack. Once it has
    started, HTTP requests also skip FastAPI's ``root_path`` and telemetry. Lifespan events take FastAPI's way.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.middleware_stack is not None:  # FastAPI's telemetry and root path are off
            scope["app"] = self
            await self.middleware_stack(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = self.router
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app


def create_app(settings: Settings, clock: Clock | None = None, log: Log | None = None) -> FastAPI:
    """An application with a store of its own, open and filled; it is closed at shutdown.

    Raises UsageError if the store cannot be opened or read, or the scenario cannot be read.
    """
    clock = clock or MachineClock()
    catalogue = Catalogue(settings.scenarios)
    store = _open_store(settings, catalogue, clock)
    rate_limit = RateLimit(clock, limit=settings.rate_limit, enforced=settings.enforce_rate_limit)
    emulator = Emulator(
        settings=settings,
        store=store,
        scenarios=catalogue,
        sandboxes=_open_sandboxes(settings, store, clock, rate_limit),
        pages=RememberedPages(store.connection),
        clock=clock,
        rate_limit=rate_limit,
        log=log or Log(settings.log_requests, settings.log_format, clock),
    )
    controlled = () if settings.no_control else CONTROL_ROUTES
    page = [] if settings.no_control else page_routes()
    app = Application(
        telemetry={"tracing": False, "metrics": False, "logs": False},
        openapi_url=None,  # two documents of ours are served instead
        redirect_slashes=False,
        routes=[*API_ROUTES, *openapi.routes(settings, API_ROUTES, controlled), *page, *controlled],
        lifespan=_closing_store,
    )
    app.router.route_class = FrameworkRoute
    app.state.emulator = emulator
    if not settings.no_control:
        app.add_middleware(ControlGuard, names=(settings.host, *settings.allow_host))
    app.add_middleware(Dispatch, routes=API_ROUTES)
    app.add_middleware(Gate, emulator=emulator)
    if settings.cors:
        app.add_middleware(ApiCors, origins=settings.cors)
    return app


def api_document(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of the emulated API."""
    return openapi.api_document(settings, API_ROUTES)


@asynccontextmanager
async def _closing_store(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.emulator.close()


def _open_store(settings: Settings, catalogue: Catalogue, clock: Clock) -> Store:
    scenario = catalogue.load(settings.scenario)
    ordered = recipes(settings.scenario, scenario, settings.seed)
    return open_store(settings.database, lambda session: write_projects(session, ordered, clock.now()))


def _open_sandboxes(settings: Settings, store: Store, clock: Clock, rate_limit: RateLimit) -> Sandboxes:
    """The first reader of the store, and so the first to meet damage that opening it did not."""
    try:
        return Sandboxes(store, clock, settings.contract, rate_limit, Journals(settings.journal_mb * 1_000_000))
    except (sqlite3.Error, StoreDamagedError):
        store.close()
        raise damaged_at_startup(settings.database) from None
