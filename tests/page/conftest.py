"""Debian's Chromium, driven by Playwright, and pages in it that say when anything goes wrong."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.support import PATIENCE_SECONDS, RunningServer, SandboxProject, make_project, skip_or_fail

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

SIZE: ViewportSize = {"width": 1200, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    program = shutil.which("chromium")
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    if program is None:
        skip_or_fail("there is no Chromium: apt-get install chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=arguments)
        yield launched
        launched.close()


def of(project: SandboxProject, rest: str = "") -> str:
    """The view of a project, or of something in it."""
    return f"#/p/{project.id}{rest}"


def section(page: Page, name: str) -> Any:
    """A section of a project's view, by its accessible name."""
    return page.locator(f'section[aria-label="{name}"]')


class Tab:
    """A page that keeps every console message, and the address of every request."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requested: list[str] = []
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self.requested.append(request.url))

    def open(self, server: RunningServer, view: str) -> Page:
        """Opens a view of the live page, such as ``#/p/mine``, and waits for its data."""
        self.page.goto(f"{server.url}/_mock/{view}")
        self.page.locator("main h1").wait_for()
        return self.page

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it is, by rule and element."""
        self.page.evaluate(AXE)
        results: dict[str, Any] = self.page.evaluate("axe.run()")
        return [f"{one['id']}: {node['html'][:200]}" for one in results["violations"] for node in one["nodes"]]


@pytest.fixture
def make_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; after the test none of them has had a message, or a request to another origin."""
    tabs = []

    def make(**options: Any) -> Tab:
        context = browser.new_context(viewport=SIZE, **options)
        tabs.append((context, Tab(context.new_page())))
        return tabs[-1][1]

    yield make
    for context, tab in tabs:
        context.close()
        assert tab.complaints == []
        assert not [
            url for url in tab.requested if not url.startswith(("http://127.0.0.1:", "data:", "file:", "about:"))
        ]


@pytest.fixture
def tab(make_tab: Callable[..., Tab]) -> Tab:
    return make_tab()


@pytest.fixture
def walked(server: RunningServer) -> SandboxProject:
    """A project whose client retried page 3 and stopped there, so that page 4 was never requested."""
    project = make_project(server, scenario="many", restores=180)
    project.fault("status", {"page": 3, "times": 1}, status=503)
    cursor = ""
    for _ in range(2):
        cursor = "&cursor=" + project.page(f"per_page=50{cursor}").json()["pagination"]["cursor"]
    project.page(f"per_page=50{cursor}")
    project.page(f"per_page=50{cursor}")
    return project


@pytest.fixture
def restoring(server: RunningServer) -> SandboxProject:
    """A project with a frozen clock and a restore for each kind of life, polled four times, 20 seconds apart."""
    clock = {"mode": "frozen", "now": "2026-01-01T12:00:00Z"}
    project = make_project(server, scenario="empty", clock=clock)
    project.add(startsAfter=10, endsAfter=120)
    project.add(startsAfter=30, endsAfter=300, outcome="failed")
    project.add(startsAfter=0, abortAfter=100, endsAfter=200)
    project.add()
    project.add(outcome="not-supported")
    project.add(startsAfter=5)
    for _ in range(4):
        project.page()
        project.advance(20)
    return project
