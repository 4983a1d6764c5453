"""The live page in a browser: each view, state and action."""

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mockserver.contract.lifecycle import Outcome, Timeline, next_change, status_at
from mockserver.instants import timestamp
from tests.page.conftest import Tab, of, section
from tests.support import NOW, RunningServer, SandboxProject, make_project, running_server

pytestmark = pytest.mark.browser
IMAGES = Path(__file__).parents[2] / "docs" / "images"


# The server


def test_projects_are_listed_filtered_and_opened(tab: Tab, server: RunningServer, walked: SandboxProject) -> None:
    page = tab.open(server, "#/")
    row = page.get_by_role("row").filter(has_text=walked.id)
    expect(row).to_contain_text("abandoned")
    page.get_by_label("Filter").fill("no-such-project")
    expect(page.get_by_text("No project has")).to_be_visible()
    page.get_by_label("Filter").fill(walked.id)
    expect(page.get_by_role("row")).to_have_count(2)
    assert f"match={walked.id}" in page.url
    page.get_by_role("link", name=walked.id).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(walked.id)


def test_a_project_is_created_and_the_server_reset(tab: Tab) -> None:
    with running_server(scenario="example") as own:
        page = tab.open(own, "#/")
        page.get_by_text("Create a project").click()
        page.get_by_label("Scenario").fill("nope")
        page.get_by_role("button", name="Create").click()
        expect(page.locator(".notice")).to_contain_text("nope")
        tab.complaints.clear()  # the browser logs the 400
        page.get_by_label("Scenario").fill("many")
        page.get_by_label("Restores").fill("3")
        page.get_by_label("Id").fill("made-here")
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("made-here")
        page.get_by_role("link", name="mockserver").click()
        page.get_by_role("button", name="Reset the server").click()
        page.get_by_role("dialog").get_by_role("button", name="Reset the server").click()
        expect(page.get_by_role("row")).to_have_count(2)
        page.goto("about:blank")


def test_a_real_clock_that_was_moved_says_how_far(tab: Tab, server: RunningServer) -> None:
    project = make_project(server, restores=[])
    clock = tab.open(server, of(project)).get_by_role("region", name="Clock")
    expect(clock).to_contain_text("UTC, real")
    expect(clock).not_to_contain_text("ahead")
    clock.get_by_role("button", name="+5 min").click()
    expect(clock).to_contain_text(re.compile("real, (5 min|4 min 59 s).* ahead"))


def test_a_gateway_that_responds_with_text_is_waited_for(
    tab: Tab, server: RunningServer, walked: SandboxProject
) -> None:
    page = tab.open(server, of(walked))
    page.route("**/changes*", lambda route: route.fulfill(status=502, body="bad gateway"))
    walked.page()
    expect(page.locator(".banner")).to_contain_text("No news")
    page.unroute("**/changes*")
    expect(page.locator(".banner")).to_have_count(0)
    tab.complaints.clear()  # the browser logs each 502


def test_another_project_begins_with_its_forms_closed(
    tab: Tab, server: RunningServer, walked: SandboxProject, restoring: SandboxProject
) -> None:
    page = tab.open(server, of(walked))
    page.get_by_text("Add a fault").click()
    expect(page.get_by_label("Kind")).to_be_visible()
    page.evaluate("window.frame = requestAnimationFrame; requestAnimationFrame = (draw) => { window.draw = draw; }")
    with page.expect_response(lambda response: response.url.endswith(f"{restoring.id}/walks")) as last:
        page.goto(f"{server.url}/_mock/{of(restoring)}")
    last.value.finished()
    page.evaluate("requestAnimationFrame = window.frame; window.draw?.()")  # its data came before the next frame
    expect(page.get_by_role("heading", level=1)).to_contain_text(restoring.id)
    expect(page.locator("details[open]")).to_have_count(0)


def test_a_server_without_projects_says_how_to_create_one(tab: Tab) -> None:
    with running_server(scenario="example") as own:
        own.client.delete("/_mock/projects/default-project")
        page = tab.open(own, "#/")
        expect(page.locator(".empty")).to_contain_text(f"curl -s {own.url}/_mock/projects")
        page.goto("about:blank")


# Walks and the journal


def test_a_walk_is_drawn_as_it_happens(tab: Tab, server: RunningServer) -> None:
    project = make_project(server, scenario="many", restores=150)
    page = tab.open(server, of(project))
    expect(section(page, "Walks")).to_contain_text("No client has walked")
    expect(section(page, "Journal")).to_contain_text("has had no request")
    cursor = project.page("per_page=100").json()["pagination"]["cursor"]
    expect(page.locator(".lane")).to_contain_text("abandoned")
    expect(page.locator(".lane .hollow")).to_have_count(1)
    project.page(f"per_page=100&cursor={cursor}")
    expect(page.locator(".lane")).to_contain_text("complete")
    expect(page.locator(".lane .page")).to_have_count(2)
    expect(section(page, "Journal").get_by_role("row")).to_have_count(3)


def test_failed_repeated_and_missing_pages_are_told_apart(
    tab: Tab, server: RunningServer, walked: SandboxProject
) -> None:
    page = tab.open(server, of(walked))
    lane = page.locator(".lane")
    expect(lane.locator(".page")).to_have_count(5)
    expect(lane.locator(".page.failed.faulted")).to_contain_text("status")
    expect(lane.locator(".page.hollow text")).to_have_text("4")
    tops = [box.bounding_box() for box in lane.locator(".page:not(.hollow) rect").all()]
    assert [box and box["y"] > tops[0]["y"] for box in tops if tops[0]] == [False, False, False, True]
    picture = lane.get_by_role("img").get_attribute("aria-label")
    assert picture and "abandoned" in picture and "1 page never requested" in picture  # noqa: PT018


def test_a_poll_is_a_row_of_ticks(tab: Tab, server: RunningServer, restoring: SandboxProject) -> None:
    page = tab.open(server, of(restoring))
    expect(page.locator(".lane line.poll")).to_have_count(4)
    expect(page.locator(".lane .bar.in-progress")).to_have_count(4)


def test_a_request_is_opened_by_keys_copied_and_closed(
    make_tab: Callable[..., Tab], server: RunningServer, walked: SandboxProject
) -> None:
    tab = make_tab(permissions=["clipboard-read", "clipboard-write"])
    page = tab.open(server, of(walked))
    expect(section(page, "Journal").get_by_role("row")).to_have_count(5)
    section(page, "Journal").locator("[data-row]").first.focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("503, fault status")
    number = walked.requests()[2]["number"]
    assert page.url.endswith(f"/requests/{number}")
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator(".notice")).to_contain_text("curl copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith('curl -s -H "Authorization: Bearer $TOKEN"')
    assert walked.token not in copied
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_have_count(0)
    expect(page.locator(f'[data-number="{number}"]')).to_be_focused()


def test_the_journal_is_filtered_by_chips_and_text(tab: Tab, server: RunningServer, walked: SandboxProject) -> None:
    walked.page("page=0")
    page = tab.open(server, of(walked))
    rows = section(page, "Journal").locator("tbody tr")
    expect(rows).to_have_count(5)
    page.get_by_role("button", name="failed").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="refused").click()
    expect(rows).to_have_count(1)
    assert "failed=1" in page.url
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="failed").click()
    page.get_by_role("button", name="refused").click()
    page.keyboard.press("/")
    page.keyboard.type("page=0")
    expect(rows).to_have_count(1)


def test_nothing_moves_under_a_reader_who_has_scrolled_up(tab: Tab, server: RunningServer) -> None:
    project = make_project(server, restores=[])
    for number in range(1010):
        project.page(f"x={number}")
    page = tab.open(server, of(project))
    journal = page.locator(".journal")
    expect(page.get_by_text("x=1009", exact=True)).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="The journal no longer has")).to_be_visible()
    journal.hover()
    page.mouse.wheel(0, -3000)
    expect(page.get_by_role("button", name="Follow")).to_be_visible()
    before = journal.evaluate("box => [box.scrollTop, box.innerText]")
    for number in range(37):
        project.page(f"y={number}")
    expect(page.get_by_role("button", name="37 new")).to_be_visible()
    assert journal.evaluate("box => [box.scrollTop, box.innerText]") == before
    page.get_by_role("button", name="37 new").click()
    expect(page.get_by_text("y=36", exact=True)).to_be_visible()
    journal.hover()
    page.mouse.wheel(0, -3000)
    expect(page.get_by_role("button", name="Follow")).to_be_visible()
    page.mouse.wheel(0, 90_000)
    expect(page.get_by_role("button", name="Follow")).to_have_count(0)


# The clock and the restores


def clock_of(page: Page) -> Any:
    return page.locator(".clock")


def test_the_clock_is_run_frozen_advanced_and_moved_to_the_next_change(
    tab: Tab, server: RunningServer, restoring: SandboxProject
) -> None:
    page = tab.open(server, of(restoring))
    expect(clock_of(page)).to_have_text("12:01:20")
    page.get_by_role("button", name="+10 s").click()
    expect(clock_of(page)).to_have_text("12:01:30")
    page.get_by_role("button", name="to next change (in 10 s)").click()
    expect(clock_of(page)).to_have_text("12:01:40")
    expect(section(page, "Restores")).to_contain_text("1 aborting")
    page.locator("h1").click()  # a button that has the focus takes the space bar
    page.keyboard.press(".")
    expect(clock_of(page)).to_have_text("12:01:50")
    page.keyboard.press("n")
    expect(clock_of(page)).to_have_text("12:02:00")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Freeze")).to_be_visible()
    assert restoring.ok("GET", "/clock")["mode"] == "real"
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Run")).to_be_visible()


def test_the_clock_is_dragged_and_the_rows_change_as_it_passes(
    tab: Tab, server: RunningServer, restoring: SandboxProject
) -> None:
    page = tab.open(server, of(restoring))
    chart, line = page.locator("svg.chart"), page.locator("line.now")
    box, at = chart.bounding_box(), line.bounding_box()
    assert box
    assert at
    y = box["y"] + 40
    page.mouse.move(at["x"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 5, y, steps=5)
    expect(section(page, "Restores")).to_contain_text("1 completed, 1 aborted, 1 failed")
    assert restoring.ok("GET", "/clock")["now"] == "2026-01-01T12:01:20.000Z"
    page.mouse.up()
    expect(page.get_by_text("dragging")).to_have_count(0)
    later = restoring.ok("GET", "/clock")["now"]
    assert later > "2026-01-01T12:05:00.000Z"
    assert restoring.statuses().count("completed") == 1
    page.get_by_label("Clock", exact=True).last.focus()
    page.keyboard.press("Home")
    expect(section(page, "Restores")).not_to_contain_text("1 completed")
    assert restoring.ok("GET", "/clock") == {"mode": "frozen", "now": restoring.ok("GET", "/clock")["now"]}
    assert restoring.ok("GET", "/clock")["now"] < later


def test_restores_are_added_forced_and_deleted(tab: Tab, server: RunningServer) -> None:
    project = make_project(server, scenario="empty", clock={"mode": "frozen", "now": timestamp(NOW)})
    page = tab.open(server, of(project))
    restores = section(page, "Restores")
    expect(restores).to_contain_text("This backup has no restores")
    page.get_by_text("Add a restore").click()
    page.get_by_label("Ends after").fill("PT1M")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(restores).to_contain_text("1 restore at")
    expect(restores).to_contain_text("1 in-progress")
    page.get_by_text("As a table").click()
    page.get_by_label(f"Force {NOW} to").select_option("failed")
    expect(restores).to_contain_text("1 failed")
    assert project.statuses() == ["failed"]
    page.get_by_role("button", name=f"Delete {NOW}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(restores).to_contain_text("This backup has no restores")


def test_ten_thousand_restores_are_a_strip_and_the_rows_around_the_clock(tab: Tab, server: RunningServer) -> None:
    project = make_project(server, scenario="many", restores=10_000)
    page = tab.open(server, of(project))
    expect(section(page, "Restores")).to_contain_text("10,000 restores")
    expect(page.locator("svg.chart")).to_have_count(2)
    assert 100 < page.locator("svg.chart").first.locator("rect.bar").count() <= 7 * 300
    expect(page.locator("svg.chart").last.locator("text.label")).to_have_count(40)


def test_the_browsers_rule_for_a_status_is_the_contracts(tab: Tab, server: RunningServer) -> None:
    page = tab.open(server, "#/")
    vectors = []
    instants = (None, 0, 1, 2, 3, 4)
    outcomes = (None, *Outcome)
    for starts, ends, outcome, aborts, at in product(instants, instants, outcomes, instants, range(-1, 9)):
        timeline = Timeline(0, starts, ends, outcome, aborts)
        plan = {"startsAt": starts, "endsAt": ends, "outcome": outcome and str(outcome), "abortRequestedAt": aborts}
        vectors.append((plan, at, str(status_at(timeline, at)), next_change(timeline, at)))
    different = page.evaluate(
        """async (vectors) => {
            const { statusAt, nextChange } = await import('/_mock/page/words.js');
            return vectors.filter(([plan, at, status, change]) =>
                statusAt(plan, at) !== status || nextChange(plan, at) !== change);
        }""",
        vectors,
    )
    assert len(vectors) > 10_000
    assert different == []


# Faults


def test_faults_are_added_from_a_form_fill_as_they_trigger_and_are_deleted(tab: Tab, server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    page = tab.open(server, of(project))
    faults = section(page, "Faults")
    expect(faults).to_contain_text("No faults")
    faults.get_by_text("Add a fault").click()
    faults.get_by_label("Kind").select_option("status")
    faults.locator('[name="fault.status"]').fill("503")
    faults.locator('[name="rule.times"]').fill("2")
    faults.get_by_role("button", name="Add the fault").click()
    expect(faults.locator("tbody tr")).to_contain_text("○○ 0 of 2")
    project.page()
    expect(faults.locator("tbody tr")).to_contain_text("●○ 1 of 2")
    faults.get_by_role("button", name="Delete fault-1").click()
    expect(faults).to_contain_text("No faults")


# Addresses


def test_links_open_the_thing_itself(tab: Tab, server: RunningServer, walked: SandboxProject) -> None:
    page = tab.open(server, of(walked, "/walks/1"))
    expect(page.locator(".lane.chosen")).to_contain_text("150 of 180 seen")
    entry = walked.requests()[2]
    page = tab.open(server, of(walked, f"/requests/{entry['number']}"))
    expect(page.locator("#detail")).to_contain_text("503, fault status")
    tab.open(server, f"#/r/{entry['requestId']}")
    expect(page.locator("#detail")).to_contain_text(f"Request {entry['number']}")
    page.keyboard.press("]")
    expect(page.locator(".lane.chosen")).to_be_visible()


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("/walks/9", "There is no walk 9: this project has 1 walk"),
        ("/walks/x", "There is no walk x"),
        ("/requests/123456789", "Request 123456789 is not in this project's journal"),
    ],
)
def test_a_link_to_nothing_says_so(
    tab: Tab, server: RunningServer, walked: SandboxProject, view: str, said: str
) -> None:
    page = tab.open(server, of(walked, view))
    expect(page.get_by_role("alert")).to_contain_text(said)


def test_a_request_or_project_that_is_not_there_is_said_to_be_missing(tab: Tab, server: RunningServer) -> None:
    page = tab.open(server, "#/r/request-nope")
    expect(page.get_by_role("alert")).to_contain_text("request-nope")
    page.goto(f"{server.url}/_mock/#/p/nope")
    expect(page.get_by_role("alert")).to_contain_text('no project "nope"')
    page.goto("about:blank")
    tab.complaints.clear()  # the browser logs each 404


# Trouble


def test_a_deleted_project_and_a_server_that_is_gone_leave_the_last_data_readable(make_tab: Callable[..., Tab]) -> None:
    with running_server(scenario="example") as own:
        first, second = make_tab(), make_tab()
        project = make_project(own, scenario="single")
        project.page()
        for each, view in ((first, of(project)), (second, "#/")):
            each.open(own, view)
        expect(first.page.locator(".lane")).to_have_count(1)
        project.ok("DELETE")
        expect(first.page.get_by_role("alert")).to_contain_text("no project")
        expect(first.page.locator(".lane")).to_have_count(1)
        expect(second.page.get_by_role("row")).to_have_count(2)
    expect(second.page.get_by_role("alert")).to_contain_text("No news")
    expect(second.page.get_by_role("row")).to_have_count(2)
    for each in (first, second):
        each.complaints.clear()  # the browser logs what failed


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\u202egnp.exe",
    "\x00\x07\x1b[31m",
    "x" * 8000,
    "%ED%A0%80",
    "'\"`${1}{{1}}",
]


def test_hostile_input_stays_text(tab: Tab, server: RunningServer, tmp_path: Path) -> None:
    project = make_project(server, restores=[])
    for text in HOSTILE:
        agent = text.encode("ascii", "ignore").decode().replace("\x00\x07\x1b", "")[:200]
        project.ask("GET", "/addons/x/backups/y/restores", params={text: text}, headers={"User-Agent": agent or "x"})
    page = tab.open(server, of(project))
    rows = section(page, "Journal").locator("tbody tr")
    expect(rows).to_have_count(len(HOSTILE))
    assert "\u202e" not in section(page, "Journal").inner_text()
    assert page.locator("main img, main script").count() == 0
    for entry in project.requests():
        tab.open(server, of(project, f"/requests/{entry['number']}"))
        expect(page.locator("#detail")).to_contain_text(f"Request {entry['number']}")
    file = tmp_path / "report.html"
    file.write_bytes(project.control("GET", "/report").content)
    page.goto(file.as_uri())
    expect(rows).to_have_count(len(HOSTILE))


# For everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(
    make_tab: Callable[..., Tab],
    server: RunningServer,
    walked: SandboxProject,
    restoring: SandboxProject,
    scheme: str,
) -> None:
    tab = make_tab(color_scheme=scheme, reduced_motion="reduce")
    number = walked.requests()[2]["number"]
    for view in ("#/", of(walked), of(walked, "/walks/1"), of(walked, f"/requests/{number}"), of(restoring)):
        page = tab.open(server, view)
        expect(page.locator(".empty:visible", has_text="Loading")).to_have_count(0)
        for summary in page.locator("summary").all():
            summary.click()
        expect(page.locator(".empty:visible", has_text="Loading")).to_have_count(0)
        assert tab.violations() == [], view
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert tab.violations() == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_forced_colours_hold_for_buttons_and_text_while_bars_keep_the_colours_of_their_statuses(
    make_tab: Callable[..., Tab], server: RunningServer, restoring: SandboxProject
) -> None:
    page = make_tab(forced_colors="active").open(server, of(restoring))

    def style(selector: str, name: str) -> Any:
        return page.locator(selector).first.evaluate("(element, name) => getComputedStyle(element)[name]", name)

    assert style("svg .bar", "forcedColorAdjust") == "none"
    assert style("section .bar button", "forcedColorAdjust") == "auto"
    assert style("svg .state", "fill") == style("svg .label", "fill")
    assert style('[aria-pressed="true"]', "backgroundColor") != style('[aria-pressed="false"]', "backgroundColor")


def test_the_report_opens_from_disk_without_a_network(
    make_tab: Callable[..., Tab], walked: SandboxProject, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(walked.control("GET", "/report").content)
    tab = make_tab(offline=True)
    page = tab.page
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text(walked.id)
    expect(page.locator(".lane")).to_contain_text("abandoned")
    page.get_by_role("link", name="Walk 1").click()
    expect(page.locator(".lane.chosen")).to_contain_text("150 of 180 seen")
    expect(page.get_by_role("button", name="Freeze")).to_have_count(0)
    assert tab.violations() == []
    assert [url for url in tab.requested if not url.startswith(("file:", "data:"))] == []


def test_the_docs_have_a_picture_of_each_view(
    tab: Tab, server: RunningServer, walked: SandboxProject, restoring: SandboxProject, *, update_golden: bool
) -> None:
    views = {"walks": of(walked), "restores": of(restoring)}
    for name, view in views.items():
        page = tab.open(server, view)
        expect(page.locator(".lane")).to_have_count(1)
        image = page.screenshot()
        assert len(image) > 10_000
        if update_golden:
            IMAGES.mkdir(exist_ok=True)
            (IMAGES / f"page-{name}.png").write_bytes(image)
        assert (IMAGES / f"page-{name}.png").is_file()
