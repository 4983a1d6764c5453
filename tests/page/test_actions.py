"""What a reader does on the live page, out of turn or in two places: nothing gets lost, or out of its place."""

from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.conftest import Tab, of, section
from tests.support import RunningServer, SandboxProject, make_project, running_server

pytestmark = pytest.mark.browser


class Held:
    """The requests for some addresses, held back until they are released."""

    def __init__(self, page: Page, addresses: str) -> None:
        self._page = page
        self._addresses = addresses
        self._routes: list[Route] = []
        page.route(addresses, lambda route: self._routes.append(route))  # noqa: PLW0108 - Playwright wraps functions only

    def release(self, **response: Any) -> None:
        """Lets the requests pass, or gives them a response, and waits until the page has drawn it."""
        with self._page.expect_response(self._addresses):
            for route in self._routes:
                if response:
                    route.fulfill(**response)
                else:
                    route.continue_()
        self._page.unroute(self._addresses)
        self._page.evaluate("fetch('activity').then((it) => it.json()).then(() => new Promise(requestAnimationFrame))")


def address(page: Page) -> str:
    return page.url.partition("#")[2]


def test_links_and_keys_keep_the_filters(tab: Tab, server: RunningServer, walked: SandboxProject) -> None:
    page = tab.open(server, of(walked, "?failed=1"))
    rows = section(page, "Journal").locator("tbody tr")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Walk 1").click()
    assert address(page).endswith("/walks/1?failed=1")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    expect(page.locator("#detail")).to_be_focused()
    page.keyboard.press("Escape")
    assert address(page) == f"/p/{walked.id}?failed=1"
    page.keyboard.press("]")
    assert address(page).endswith("/walks/1?failed=1")


def test_an_address_with_another_backup_shows_its_restores(tab: Tab, server: RunningServer) -> None:
    project = make_project(server)
    page = tab.open(server, of(project))
    backups = [f"{one['addonId']}/{one['backupId']}" for one in project.ok("GET")["backups"]]
    counts = set()
    for backup in backups:
        page.goto(f"{server.url}/_mock/{of(project)}?backup={backup.replace('/', '%2F')}")
        expect(page.get_by_label("Backup")).to_have_value(backup)
        addon_id, backup_id = backup.split("/")
        restores = project.ok("GET", f"/addons/{addon_id}/backups/{backup_id}/restores")
        expect(section(page, "Restores")).to_contain_text(f"{restores['count']} restore")
        counts.add(restores["count"])
    assert len(counts) > 1


def test_only_the_last_filter_counts(tab: Tab, server: RunningServer, walked: SandboxProject) -> None:
    page = tab.open(server, "#/")
    held = Held(page, "**/activity*match=no-such*")
    page.get_by_label("Filter").fill("no-such")
    page.get_by_label("Filter").fill(walked.id)
    expect(page.get_by_role("row")).to_have_count(2)
    held.release()
    assert page.get_by_role("row").count() == 2


def test_what_went_wrong_in_one_view_is_not_said_in_the_next(
    tab: Tab, server: RunningServer, walked: SandboxProject
) -> None:
    page = tab.open(server, of(walked))
    held = Held(page, "**/clock")
    page.get_by_role("button", name="Freeze").click()
    page.get_by_role("link", name="mockserver").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")
    held.release(status=400, json={"error": {"message": "not today"}})
    expect(page.locator(".notice")).to_have_text("")
    tab.complaints.clear()  # the browser logs the 400


def test_a_project_that_is_created_again_is_followed_again(tab: Tab) -> None:
    with running_server(scenario="example") as own:
        project = make_project(own, scenario="single", projectId="again")
        project.page()
        page = tab.open(own, of(project))
        expect(page.locator(".lane")).to_have_count(1)
        project.ok("DELETE")
        expect(page.get_by_role("alert")).to_contain_text('no project "again"')
        make_project(own, scenario="single", projectId="again")
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(section(page, "Journal")).to_contain_text("has had no request")
        page.goto("about:blank")
    tab.complaints.clear()  # the browser logs each 404


def test_a_drag_that_begins_during_another_ones_request_goes_on(
    tab: Tab, server: RunningServer, restoring: SandboxProject
) -> None:
    page = tab.open(server, of(restoring))
    slider: Any = page.get_by_role("slider", name="Clock")
    held = Held(page, "**/clock")
    slider.press("End")
    slider.evaluate("(it) => { it.value = it.min; it.dispatchEvent(new Event('input', { bubbles: true })); }")
    held.release()
    expect(page.get_by_text("dragging")).to_be_visible()
    slider.dispatch_event("change")
    expect(page.get_by_text("dragging")).to_have_count(0)
    assert restoring.ok("GET", "/clock")["now"] < "2026-01-01T12:00:00.000Z"


def test_a_forced_status_can_be_forced_again(tab: Tab, server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    page = tab.open(server, of(project))
    page.get_by_text("As a table").click()
    chooser = page.get_by_role("combobox", name="Force")
    for _ in range(2):
        chooser.select_option("failed")
        expect(chooser).to_have_value("force to…")
        expect(page.locator(".notice")).to_contain_text("is failed from now on")
        page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Freeze")).click()
        expect(page.locator(".notice")).to_have_text("")
    assert project.statuses() == ["failed"]


def test_each_kind_of_fault_has_fields_of_its_own(tab: Tab, server: RunningServer) -> None:
    page = tab.open(server, of(make_project(server, scenario="single")))
    page.route("**/openapi.json", lambda route: route.fulfill(status=503, json={"error": {"message": "not now"}}))
    add = page.get_by_text("Add a fault", exact=True)
    add.click()
    expect(section(page, "Faults")).to_contain_text("not known: not now")
    page.unroute("**/openapi.json")
    add.click()
    add.click()
    kind = page.get_by_label("Kind")
    kind.select_option("latency")
    page.locator('[name^="fault.ms"]').fill("5000")
    kind.select_option("status")
    for field in page.locator('[name^="fault."]').all():
        expect(field).to_have_value("")
    tab.complaints.clear()  # the browser logs the 503


def test_of_five_hundred_projects_a_hundred_are_shown_and_all_are_found(tab: Tab) -> None:
    with running_server(scenario="example") as own:
        for number in range(500):
            make_project(own, restores=[], projectId=f"mine-{number:03}")
        page = tab.open(own, "#/")
        expect(page.get_by_role("row")).to_have_count(101)
        expect(page.get_by_text("100 of 501")).to_be_visible()
        page.get_by_role("button", name="Show more").click()
        expect(page.get_by_role("row")).to_have_count(201)
        expect(page.get_by_role("link", name="mine-000")).to_have_count(0)
        page.get_by_label("Filter").fill("mine-000")
        expect(page.get_by_role("link", name="mine-000")).to_be_visible()
        page.goto("about:blank")


@pytest.mark.parametrize("target", ["%ED%A0%80", "%ED%A0%80=%ED%B0%80", "%F0%9F=%80"])
def test_bytes_that_are_no_text_are_shown_as_sent(
    make_tab: Callable[..., Tab], server: RunningServer, target: str
) -> None:
    project = make_project(server, restores=[])
    url = urlsplit(project.url)
    connection = HTTPConnection(url.hostname or "", url.port)
    connection.request("GET", f"{url.path}?{target}", headers=project.authorization)
    assert connection.getresponse().status in {200, 400}
    connection.close()
    page = make_tab().open(server, of(project))
    expect(section(page, "Journal").locator("tbody tr")).to_have_count(1)
    section(page, "Journal").get_by_role("link").click()
    expect(page.locator("#detail")).to_contain_text(target)


@pytest.mark.parametrize("nothing", ["#/p", "#/r", "#/x/y"])
def test_an_address_of_nothing_says_so(tab: Tab, server: RunningServer, nothing: str) -> None:
    page = tab.open(server, nothing)
    expect(page.get_by_role("alert")).to_have_text(f"this page has nothing at {nothing}")
