"""One project, bent in any order: what it lists and counts is what a plain model says, and no 500 ever shows."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mockserver.contract.pagination import parse_page_request
from mockserver.contract.versions import Contract
from mockserver.instants import timestamp
from mockserver.sandbox.pages import render_page
from tests.support import NOW, MadeProject, RunningServer, make_project

SECOND = 1_000
ALWAYS = -1
BEGINNING = ("scheduled", "in-progress")
OVER = ("completed", "failed", "aborted", "not-supported")
STATUSES = ("scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported")
AT_FIRST = {30: "in-progress", 20: "failed", 10: "scheduled"}
MOST = 60
"""With more restores than this, none are added."""

seconds = st.integers(0, 30)
spans = st.none() | seconds
pages = st.none() | st.integers(1, 3)
DECIDING = {"status": {"status": 503}, "rate-limit": {"reset": 1}, "malformed": {}, "truncate": {}, "reset": {}}


@dataclass
class Life:
    """One restore as the model has it: statuses and since when; the last of them that has come is the restore's."""

    initiated: int
    steps: list[tuple[int, str]]

    def at(self, now: int) -> tuple[int, str]:
        return [step for step in self.steps if step[0] <= now][-1]

    def status(self, now: int) -> str:
        return self.at(now)[1]

    def apply(self, *steps: tuple[int, str]) -> None:
        """Goes on with these from wherever it is."""
        self.steps = [step for step in self.steps if step[1] in BEGINNING] + list(steps)

    def shown(self, number: int, now: int) -> dict[str, Any]:
        since, status = self.at(now)
        completed = {"completedAt": timestamp(since)} if status == "completed" else {}
        return {"id": number, "restoreTimestamp": timestamp(self.initiated), "status": status} | completed


@dataclass
class Fault:
    """One rule as the model has it."""

    kind: str
    page: int | None
    nth: int | None
    times: int
    mutation: dict[str, int]
    matched: int = 0
    triggered: int = 0


@dataclass
class Model:
    """All that a project is."""

    now: int = NOW
    step: int = 0
    restores: dict[int, Life] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)

    def newest_first(self) -> list[int]:
        return sorted(self.restores, reverse=True)

    def add(self, *steps: tuple[int, str]) -> int:
        number = next(number for number in count(self.now) if number not in self.restores)
        self.restores[number] = Life(number, list(steps))
        return number

    def counts(self) -> dict[str, int]:
        now = [life.status(self.now) for life in self.restores.values()]
        return {status: now.count(status) for status in STATUSES}

    def trigger(self, page: int) -> tuple[str | None, list[dict[str, int]]]:
        """What decides the answer to a call for that page, if anything, and the changes that follow it."""
        decided, mutations = None, []
        for fault in self.faults.values():
            if fault.page not in (None, page):
                continue
            fault.matched += 1
            if fault.nth not in (None, fault.matched) or fault.triggered >= fault.times:
                continue
            if fault.kind in DECIDING and decided:
                continue
            fault.triggered += 1
            if fault.kind in DECIDING:
                decided = fault.kind
            elif fault.kind == "mutate":
                mutations.append(fault.mutation)
        return decided, mutations

    def mutate(self, insert: int, delete: int, finish: int) -> None:
        newest = self.newest_first()
        for number in newest[:delete]:
            del self.restores[number]
        unfinished = [number for number in newest[delete:] if self.restores[number].status(self.now) not in OVER]
        for number in unfinished[:finish]:
            self.restores[number].apply((self.now, "completed"))
        first = max([self.now, *(number + 1 for number in newest[:1])])
        for number in range(first, first + insert):
            self.restores[number] = Life(number, [(ALWAYS, "scheduled"), (self.now, "in-progress")])


def at_first() -> Model:
    return Model(restores={number: Life(number, [(ALWAYS, status)]) for number, status in AT_FIRST.items()})


class OneProject(RuleBasedStateMachine):
    """Does to the project and to the model what a person and their client may do."""

    def __init__(self, server: RunningServer) -> None:
        super().__init__()
        self.model = at_first()
        self.server = server
        self.walkers = count()
        self.project = self.make()
        self.elsewhere = make_project(server, scenario="empty", contract="2026")

    def make(self, **ids: str) -> MadeProject:
        rows = [{"status": status, "id": number} for number, status in AT_FIRST.items()]
        clock = {"mode": "frozen", "now": timestamp(NOW)}
        return make_project(self.server, scenario="empty", restores=rows, clock=clock, **ids)

    def teardown(self) -> None:
        self.project.ok("DELETE")
        self.elsewhere.ok("DELETE")

    # Restores, by hand and by a client

    def few(self) -> bool:
        return len(self.model.restores) < MOST

    def some(self) -> bool:
        return bool(self.model.restores)

    def picked(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(self.model.newest_first()))

    @precondition(few)
    @rule(starts=spans, lasts=spans, outcome=st.sampled_from([None, "completed", "failed", "aborted", "not-supported"]))
    def add(self, starts: int | None, lasts: int | None, outcome: str | None) -> None:
        now = self.model.now
        ends = None if lasts is None else (starts or 0) + lasts
        plan = {"startsAfter": starts, "endsAfter": ends, "outcome": outcome}
        if ends is None and outcome not in (None, "not-supported"):
            assert self.project.on_backup("POST", json=plan).status_code == 400
            return
        steps = [(ALWAYS, "scheduled")]
        if starts is not None or ends is not None:
            steps.append((now + (starts or 0) * SECOND, "in-progress"))
        if ends is not None and outcome == "aborted":
            steps.append((now + max(starts or 0, ends - 10) * SECOND, "aborting"))
        if ends is not None:
            steps.append((now + ends * SECOND, outcome or "completed"))
        if outcome == "not-supported":
            steps = [(ALWAYS, outcome)]
        number = self.model.add(*steps)
        assert self.project.add(**plan) == self.model.restores[number].shown(number, now)

    @precondition(few)
    @rule()
    def restore(self) -> None:
        now = self.model.now
        started, over = now + 5 * SECOND, now + 65 * SECOND
        number = self.model.add((ALWAYS, "scheduled"), (started, "in-progress"), (over, "completed"))
        assert self.project.restore() == str(number)

    @precondition(some)
    @rule(data=st.data())
    def abort(self, data: st.DataObject) -> None:
        number, now = self.picked(data), self.model.now
        life = self.model.restores[number]
        status = life.status(now)
        answer = self.project.abort(str(number))
        assert answer.status_code == (409 if status in OVER else 200)
        if status in BEGINNING:
            life.apply((now, "aborting"), (now + 10 * SECOND, "aborted"))

    @precondition(some)
    @rule(data=st.data(), status=st.sampled_from(STATUSES))
    def force(self, data: st.DataObject, status: str) -> None:
        number, now = self.picked(data), self.model.now
        initiated = self.model.restores[number].initiated
        always = status in {"scheduled", "not-supported"}
        steps = [(ALWAYS, status)] if always else [(ALWAYS, "scheduled"), (now, status)]
        life = self.model.restores[number] = Life(initiated, steps)
        answer = self.project.on_backup("PATCH", f"/{number}", json={"status": status})
        assert answer.json() == life.shown(number, now)

    @precondition(some)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        number = self.picked(data)
        del self.model.restores[number]
        assert [self.project.on_backup("DELETE", f"/{number}").status_code for _ in range(2)] == [204, 404]
        assert self.project.abort(str(number)).status_code == 404

    # The clock

    @rule(by=seconds)
    def advance(self, by: int) -> None:
        self.model.now += by * SECOND
        self.project.advance(by)

    @rule(later=st.integers(-60, 60))
    def freeze(self, later: int) -> None:
        self.model.now, self.model.step = NOW + later * SECOND, 0
        self.project.freeze(self.model.now)

    @rule(step=st.integers(1, 20))
    def step(self, step: int) -> None:
        self.model.step = step * SECOND
        self.project.ok("PUT", "/clock", json={"mode": "stepping", "step": step})

    # Faults

    def add_fault(self, kind: str, when: dict[str, Any], settings: dict[str, Any]) -> None:
        fault_id = self.project.fault(kind, when, **settings)
        mutation = settings if kind == "mutate" else {}
        self.model.faults[fault_id] = Fault(kind, when.get("page"), when.get("nth"), when["times"], mutation)

    @rule(kind=st.sampled_from(sorted(DECIDING)), page=pages, nth=pages, times=st.integers(1, 2))
    def fault(self, kind: str, page: int | None, nth: int | None, times: int) -> None:
        self.add_fault(kind, {"page": page, "nth": nth, "times": times}, DECIDING[kind])

    @rule(page=pages)
    def delay(self, page: int | None) -> None:
        self.add_fault("latency", {"page": page, "times": 1}, {"ms": 1})
        self.add_fault("slow", {"page": page, "times": 1}, {"bytesPerSecond": 10_000_000})

    @precondition(few)
    @rule(page=pages, insert=st.integers(0, 3), delete=st.integers(0, 3), finish=st.integers(1, 3))
    def mutate(self, page: int | None, insert: int, delete: int, finish: int) -> None:
        self.add_fault("mutate", {"page": page, "times": 1}, {"insert": insert, "delete": delete, "finish": finish})

    @rule()
    def delete_faults(self) -> None:
        self.model.faults.clear()
        self.project.ok("DELETE", "/faults")

    @rule()
    def reset(self) -> None:
        self.model = at_first()
        self.project.ok("POST", "/reset")
        assert self.project.requests() == []

    @rule()
    def delete_project_and_make_it_again(self) -> None:
        self.model = at_first()
        self.project.ok("DELETE")
        self.project = self.make(projectId=self.project.id)

    # What a client sees

    def ask(self, token: str, per_page: int, page: int, cursor: str | None, below: int | None) -> dict[str, Any] | None:
        """One call for a page, as the model foretells it: the body, or None where a fault spoilt it."""
        model = self.model
        numbers = [number for number in model.newest_first() if below is None or number < below]
        expected = [model.restores[number].shown(number, model.now) for number in numbers[:per_page]]
        decided, mutations = model.trigger(page)
        try:
            query = f"per_page={per_page}" + (f"&cursor={cursor}" if cursor else "")
            answer = self.project.page(query, headers={"Authorization": f"Bearer {token}"})
        except httpx2.TransportError:
            answer = None
        body = None
        if decided is None:
            assert answer is not None
            body = answer.json()
            assert body["data"]["restores"] == expected
            assert body["pagination"]["hasNextPage"] is (len(numbers) > per_page)
            self.clock_steps()
        elif decided in {"truncate", "reset"}:
            assert answer is None
        else:
            assert answer is not None
            assert answer.status_code == {"status": 503, "rate-limit": 429, "malformed": 200}[decided]
        for mutation in mutations:
            model.mutate(**mutation)
        return body

    def clock_steps(self) -> None:
        self.model.now += self.model.step

    @rule(per_page=st.integers(8, 60))
    def walk(self, per_page: int) -> None:
        token = f"walker-{next(self.walkers)}"
        seen: list[int] = []
        cursor: str | None = None
        page, retries = 1, 0
        while True:
            body = self.ask(token, per_page, page, cursor, seen[-1] if seen else None)
            if body is None:
                retries += 1
                continue
            seen += [restore["id"] for restore in body["data"]["restores"]]
            if not body["pagination"]["hasNextPage"]:
                break
            cursor, page = body["pagination"]["cursor"], page + 1
        assert seen == sorted(set(seen), reverse=True)
        walk = self.project.walks()[-1]
        assert (walk["verdict"], walk["pages"], walk["retries"], walk["restoresSeen"]) == (
            "complete",
            page,
            retries,
            len(seen),
        )

    @rule()
    def list_through_another_project(self) -> None:
        """By the contract of 2026, for a token that sees both; the answer is as the backup's own project has it."""
        source = f"sourceProjectId={self.project.id}&sourceAddonId=example-addon&per_page=100"
        answer = self.elsewhere.page(source, headers={"Authorization": "Bearer sees-both"})
        assert answer.json()["data"]["restores"] == [
            self.model.restores[number].shown(number, self.model.now) for number in self.model.newest_first()
        ]
        self.clock_steps()

    # What holds after each step

    @invariant()
    def the_project_is_as_the_model_has_it(self) -> None:
        model = self.model
        project = self.project.ok("GET")
        assert project["statuses"] == model.counts()
        assert project["restores"] == len(model.restores)
        assert project["clock"]["now"] == timestamp(model.now)
        assert {fault["id"]: fault["triggered"] for fault in project["faults"]} == {
            fault_id: fault.triggered for fault_id, fault in model.faults.items()
        }

    @invariant()
    def the_list_is_as_the_model_has_it(self) -> None:
        """Asked of the addon: no rule here strikes that, but a clock steps."""
        model = self.model
        answer = self.project.ask("GET", "/addons/example-addon/restores?per_page=100")
        assert answer.json()["data"]["restores"] == [
            model.restores[number].shown(number, model.now) | {"backupId": "example-backup"}
            for number in model.newest_first()
        ]
        self.clock_steps()

    @invariant()
    def a_remembered_page_is_what_would_be_rendered(self) -> None:
        emulator, path = self.server.emulator, self.project.backup
        sandbox = emulator.sandboxes.find(self.project.id)
        assert sandbox
        now = sandbox.clock.now()
        list_name = ("restores", path.project_id, path.addon_id, path.backup_id)
        for contract in Contract:
            for per_page, page in ((100, 1), (2, 1), (2, 2)):
                request = parse_page_request(list_name, per_page, page, None)
                remembered = emulator.pages.restores(contract, path, request, now)
                assert remembered.body == render_page(emulator.store.connection, contract, path, request, now).body

    @invariant()
    def no_bug_shows(self) -> None:
        assert "500" not in json.dumps([entry.get("status") for entry in self.project.requests()])


def test_a_project_bent_in_any_order_is_what_a_plain_model_says(server: RunningServer) -> None:
    class OnServer(OneProject):
        def __init__(self) -> None:
            super().__init__(server)

    run_state_machine_as_test(
        OnServer,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
