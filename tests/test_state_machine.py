"""A project agrees with a simple model of it after any sequence of operations, and never responds with a 500."""

from dataclasses import dataclass, field
from itertools import count, groupby, pairwise
from typing import Any, NamedTuple

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mockserver.contract.pagination import parse_page_request
from mockserver.contract.versions import Contract
from mockserver.instants import timestamp
from mockserver.sandbox.pages import render_page
from tests.support import FROZEN, NOW, RunningServer, SandboxProject, make_project

SECOND = 1_000
ALWAYS = -1
BEGINNING = ("scheduled", "in-progress")
OVER = ("completed", "failed", "aborted", "not-supported")
STATUSES = ("scheduled", "in-progress", "completed", "aborting", "aborted", "failed", "not-supported")
INITIAL = {30: "in-progress", 20: "failed", 10: "scheduled"}
MAX_RESTORES = 60
"""No rule adds restores to a project with this many."""

seconds = st.integers(0, 30)
spans = st.none() | seconds
pages = st.none() | st.integers(1, 3)
outcomes = st.sampled_from([None, "completed", "failed", "aborted", "not-supported"])
EXCLUSIVE: dict[str, dict[str, int]] = {
    "status": {"status": 503},
    "rate-limit": {},
    "malformed": {},
    "truncate": {},
    "reset": {},
}


@dataclass
class Life:
    """A restore of the model: its statuses, each with the time it begins."""

    initiated: int
    steps: list[tuple[int, str]]

    def at(self, now: int) -> tuple[int, str]:
        return [step for step in self.steps if step[0] <= now][-1]

    def status(self, now: int) -> str:
        return self.at(now)[1]

    def apply(self, *steps: tuple[int, str]) -> None:
        """Replaces what follows the statuses of the beginning."""
        self.steps = [step for step in self.steps if step[1] in BEGINNING] + list(steps)

    def listed(self, number: int, now: int) -> dict[str, Any]:
        since, status = self.at(now)
        completed = {"completedAt": timestamp(since)} if status == "completed" else {}
        return {"id": number, "restoreTimestamp": timestamp(self.initiated), "status": status} | completed


@dataclass
class Fault:
    """A fault rule of the model."""

    kind: str
    page: int | None
    nth: int | None
    times: int
    mutation: dict[str, int]
    holds_for: int = 0
    matched: int = 0
    triggered: int = 0
    since: int | None = None

    def holds(self, now: int) -> bool:
        return self.since is not None and self.since <= now < self.since + self.holds_for

    def seconds_left(self, now: int) -> int:
        assert self.since is not None
        return -((now - self.since - self.holds_for) // SECOND)


class StatusSent(NamedTuple):
    """A restore in a response to a client."""

    token: str
    at: int
    status: str


@dataclass
class Plan:
    """The plan of a project: what the next ``times`` restores do that a client starts."""

    starts: int | None
    ends: int | None
    outcome: str | None
    times: int

    def body(self) -> dict[str, Any]:
        return {"startsAfter": self.starts, "endsAfter": self.ends, "outcome": self.outcome, "times": self.times}


DEFAULT_PLAN = Plan(5, 65, None, 0)


def steps_of(plan: Plan, now: int) -> list[tuple[int, str]]:
    """The statuses of a restore with that plan."""
    if plan.outcome == "not-supported":
        return [(ALWAYS, plan.outcome)]
    steps = [(ALWAYS, "scheduled")]
    if plan.starts is not None or plan.ends is not None:
        steps.append((now + (plan.starts or 0) * SECOND, "in-progress"))
    if plan.ends is not None:
        if plan.outcome == "aborted":
            steps.append((now + max(plan.starts or 0, plan.ends - 10) * SECOND, "aborting"))
        steps.append((now + plan.ends * SECOND, plan.outcome or "completed"))
    return steps


@dataclass
class Model:
    """The state of a project."""

    now: int = NOW
    step: int = 0
    restores: dict[int, Life] = field(default_factory=dict)
    statuses_sent: dict[int, list[StatusSent]] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    plan: Plan | None = None

    def newest_first(self) -> list[int]:
        return sorted(self.restores, reverse=True)

    def add(self, *steps: tuple[int, str]) -> int:
        number = next(number for number in count(self.now) if number not in self.restores)
        self.restores[number] = Life(number, list(steps))
        return number

    def counts(self) -> dict[str, int]:
        now = [life.status(self.now) for life in self.restores.values()]
        return {status: now.count(status) for status in STATUSES}

    def trigger(self, page: int) -> tuple[Fault | None, list[dict[str, int]]]:
        """Triggers rules by a request for that page; returns the exclusive fault, if any, and the mutations."""
        exclusive: Fault | None = None
        mutations = []
        for fault in self.faults.values():
            if fault.page not in (None, page):
                continue
            fault.matched += 1
            holds = fault.holds(self.now)
            if not holds and (fault.nth not in (None, fault.matched) or fault.triggered >= fault.times):
                continue
            if fault.kind in EXCLUSIVE and exclusive:
                continue
            if not holds:
                fault.triggered += 1
                fault.since = self.now
            if fault.kind in EXCLUSIVE:
                exclusive = fault
            elif fault.kind == "mutate":
                mutations.append(fault.mutation)
        return exclusive, mutations

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


def initial_model() -> Model:
    return Model(restores={number: Life(number, [(ALWAYS, status)]) for number, status in INITIAL.items()})


class OneProject(RuleBasedStateMachine):
    """Applies the same operations to a project and to the model."""

    def __init__(self, server: RunningServer) -> None:
        super().__init__()
        self.model = initial_model()
        self.server = server
        self.walkers = count()
        self.project = self.create_project()
        self.elsewhere = make_project(server, scenario="empty", contract="2026")

    def create_project(self, **ids: str) -> SandboxProject:
        rows = [{"status": status, "id": number} for number, status in INITIAL.items()]
        clock = FROZEN
        return make_project(self.server, scenario="empty", restores=rows, clock=clock, **ids)

    def teardown(self) -> None:
        self.project.ok("DELETE")
        self.elsewhere.ok("DELETE")

    # Restores, changed through the control plane and through the API

    def has_few(self) -> bool:
        return len(self.model.restores) < MAX_RESTORES

    def has_some(self) -> bool:
        return bool(self.model.restores)

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(self.model.newest_first()))

    @precondition(has_few)
    @rule(starts=spans, lasts=spans, outcome=outcomes)
    def add(self, starts: int | None, lasts: int | None, outcome: str | None) -> None:
        now = self.model.now
        ends = None if lasts is None else (starts or 0) + lasts
        plan = {"startsAfter": starts, "endsAfter": ends, "outcome": outcome}
        if ends is None and outcome not in (None, "not-supported"):
            assert self.project.on_backup("POST", json=plan).status_code == 400
            return
        number = self.model.add(*steps_of(Plan(starts, ends, outcome, 0), now))
        assert self.project.add(**plan) == self.model.restores[number].listed(number, now)

    @precondition(has_few)
    @rule(status=st.sampled_from(STATUSES))
    def add_in_a_status(self, status: str) -> None:
        now = self.model.now
        always = status in {"scheduled", "not-supported"}
        number = self.model.add(*([(ALWAYS, status)] if always else [(ALWAYS, "scheduled"), (now, status)]))
        assert self.project.add(status=status) == self.model.restores[number].listed(number, now)

    @precondition(has_few)
    @rule()
    def restore(self) -> None:
        plan = self.model.plan
        number = self.model.add(*steps_of(plan or DEFAULT_PLAN, self.model.now))
        if plan is not None:
            plan.times -= 1
            self.model.plan = plan if plan.times else None
        assert self.project.restore() == str(number)

    @rule(starts=spans, lasts=spans, outcome=outcomes, times=st.integers(1, 2))
    def plan(self, starts: int | None, lasts: int | None, outcome: str | None, times: int) -> None:
        plan = Plan(starts, None if lasts is None else (starts or 0) + lasts, outcome, times)
        is_valid = lasts is not None or outcome in (None, "not-supported")
        response = self.project.control("PUT", "/plan", json=plan.body())
        assert response.status_code == (200 if is_valid else 400)
        if is_valid:
            self.model.plan = plan

    @rule()
    def delete_plan(self) -> None:
        self.model.plan = None
        self.project.ok("DELETE", "/plan")

    @precondition(has_some)
    @rule(data=st.data())
    def abort(self, data: st.DataObject) -> None:
        number, now = self.pick(data), self.model.now
        life = self.model.restores[number]
        status = life.status(now)
        response = self.project.abort(str(number))
        assert response.status_code == (409 if status in OVER else 200)
        if status in BEGINNING:
            life.apply((now, "aborting"), (now + 10 * SECOND, "aborted"))

    @precondition(has_some)
    @rule(data=st.data(), status=st.sampled_from(STATUSES))
    def force(self, data: st.DataObject, status: str) -> None:
        number, now = self.pick(data), self.model.now
        initiated = self.model.restores[number].initiated
        always = status in {"scheduled", "not-supported"}
        steps = [(ALWAYS, status)] if always else [(ALWAYS, "scheduled"), (now, status)]
        life = self.model.restores[number] = Life(initiated, steps)
        response = self.project.on_backup("PATCH", f"/{number}", json={"status": status})
        assert response.json() == life.listed(number, now)

    @precondition(has_some)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        number = self.pick(data)
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
        holds_for = settings["reset"] if kind == "rate-limit" else when.get("for", 0)
        self.model.faults[fault_id] = Fault(
            kind, when.get("page"), when.get("nth"), when["times"], mutation, holds_for * SECOND
        )

    @rule(
        kind=st.sampled_from(sorted(EXCLUSIVE)),
        page=pages,
        nth=pages,
        times=st.integers(1, 2),
        holds_for=st.just(0) | seconds,
    )
    def fault(self, kind: str, page: int | None, nth: int | None, times: int, holds_for: int) -> None:
        when, settings = {"page": page, "nth": nth, "times": times}, EXCLUSIVE[kind]
        if kind == "rate-limit":
            settings = {"reset": holds_for}
        elif holds_for:
            when |= {"for": holds_for}
        self.add_fault(kind, when, settings)

    @rule(page=pages)
    def delay(self, page: int | None) -> None:
        self.add_fault("latency", {"page": page, "times": 1}, {"ms": 1})
        self.add_fault("slow", {"page": page, "times": 1}, {"bytesPerSecond": 10_000_000})

    @precondition(has_few)
    @rule(page=pages, insert=st.integers(0, 3), delete=st.integers(0, 3), finish=st.integers(1, 3))
    def mutate(self, page: int | None, insert: int, delete: int, finish: int) -> None:
        self.add_fault("mutate", {"page": page, "times": 1}, {"insert": insert, "delete": delete, "finish": finish})

    @rule()
    def delete_faults(self) -> None:
        self.model.faults.clear()
        self.project.ok("DELETE", "/faults")

    @rule()
    def reset(self) -> None:
        self.model = initial_model()
        self.project.ok("POST", "/reset")
        assert self.project.requests() == []

    @rule()
    def delete_and_recreate_project(self) -> None:
        self.model = initial_model()
        self.project.ok("DELETE")
        self.project = self.create_project(projectId=self.project.id)

    # Lists

    def ask(self, token: str, per_page: int, page: int, cursor: str | None, below: int | None) -> dict[str, Any] | None:
        """Requests a page, by number if there is no cursor, and compares it with the model.

        Returns its body, or None if a fault replaced it; ``self.wait`` is then for how long to wait, in milliseconds.
        """
        model = self.model
        numbers = [number for number in model.newest_first() if below is None or number < below]
        if cursor is None:
            numbers = numbers[per_page * (page - 1) :]
        expected = [model.restores[number].listed(number, model.now) for number in numbers[:per_page]]
        exclusive, mutations = model.trigger(page)
        try:
            query = f"per_page={per_page}&" + (f"cursor={cursor}" if cursor else f"page={page}")
            response = self.project.page(query, headers={"Authorization": f"Bearer {token}"})
        except httpx2.TransportError:
            response = None
        body = None
        self.wait = 0
        if exclusive is None:
            for number in numbers[:per_page]:
                status = model.restores[number].status(model.now)
                model.statuses_sent.setdefault(number, []).append(StatusSent(token, model.now, status))
            assert response is not None
            body = response.json()
            assert body["data"]["restores"] == expected
            assert body["pagination"]["hasNextPage"] is (len(numbers) > per_page)
            self.clock_steps()
        elif exclusive.kind in {"truncate", "reset"}:
            assert response is None
        else:
            assert response is not None
            assert response.status_code == {"status": 503, "rate-limit": 429, "malformed": 200}[exclusive.kind]
            if exclusive.kind == "rate-limit":
                assert int(response.headers["retry-after"]) == exclusive.seconds_left(model.now)
                self.wait = exclusive.seconds_left(model.now) * SECOND
        for mutation in mutations:
            model.mutate(**mutation)
        return body

    def clock_steps(self) -> None:
        self.model.now += self.model.step

    def advance_if_a_fault_holds(self, seconds: int) -> None:
        if any(fault.holds(self.model.now) for fault in self.model.faults.values()):
            self.advance(seconds)

    @rule(per_page=st.integers(8, 60), pause=st.sampled_from([1, 30]))
    def walk(self, per_page: int, pause: int) -> None:
        token = f"walker-{next(self.walkers)}"
        seen: list[int] = []
        cursor: str | None = None
        page, retries, early = 1, 0, 0
        while True:
            body = self.ask(token, per_page, page, cursor, seen[-1] if seen else None)
            if body is None:
                retries += 1
                failed_at = self.model.now
                self.advance_if_a_fault_holds(pause)
                early += self.model.now - failed_at < self.wait
                continue
            seen += [restore["id"] for restore in body["data"]["restores"]]
            if not body["pagination"]["hasNextPage"]:
                break
            cursor, page = body["pagination"]["cursor"], page + 1
        assert seen == sorted(set(seen), reverse=True)
        walk = self.project.walks()[-1]
        assert (walk["verdict"], walk["pages"], walk["retries"]) == ("complete", page, retries)
        assert (walk["restoresSeen"], walk["restoresSent"], walk["restoresRepeated"]) == (len(seen), len(seen), 0)
        assert 0 <= walk["retriesTooEarly"] <= early  # on a slow machine, its own clock may have moved far enough

    @rule(per_page=st.integers(8, 60))
    def count_pages(self, per_page: int) -> None:
        token = f"counter-{next(self.walkers)}"
        sent: list[int] = []
        page = 1
        while True:
            body = self.ask(token, per_page, page, None, None)
            if body is None:
                self.advance_if_a_fault_holds(30)
                continue
            sent += [restore["id"] for restore in body["data"]["restores"]]
            if not body["pagination"]["hasNextPage"]:
                break
            page += 1
        repeated = {number for number in sent if sent.count(number) > 1}
        missed = {number for number in self.model.restores if sent and number <= max(sent)}.difference(sent)
        expected = "skipped" if missed and page > 1 else "repeated" if repeated else "complete"
        walk = self.project.walks()[-1]
        assert (walk["verdict"], walk["pages"]) == (expected, page)
        assert (walk["restoresSent"], walk["restoresRepeated"]) == (len(sent), len(repeated))

    @rule(data=st.data())
    def ask_how_clients_waited(self, data: st.DataObject) -> None:
        known = sorted({*self.model.restores, *self.model.statuses_sent})
        if not known:
            return
        number = data.draw(st.sampled_from(known))
        statuses_sent = self.model.statuses_sent.get(number, [])
        times: dict[str, list[int]] = {}
        for one in statuses_sent:
            times.setdefault(one.token, []).append(one.at)
        gaps = [later - earlier for each in times.values() for earlier, later in pairwise(sorted(each))]
        polls = self.project.ok("GET", f"/polls?restore={number}")
        assert polls["responses"] == len(statuses_sent)
        assert polls["statusesSeen"] == [status for status, _ in groupby(one.status for one in statuses_sent)]
        assert polls["shortestProjectIntervalMs"] == min(gaps, default=None)

    # After each operation

    @invariant()
    def the_project_agrees_with_the_model(self) -> None:
        model = self.model
        project = self.project.ok("GET")
        assert project["statuses"] == model.counts()
        assert project["restores"] == len(model.restores)
        assert project["clock"]["now"] == timestamp(model.now)
        assert self.project.ok("GET", "/plan").get("times", 0) == (model.plan or DEFAULT_PLAN).times
        assert {fault["id"]: fault["triggered"] for fault in project["faults"]} == {
            fault_id: fault.triggered for fault_id, fault in model.faults.items()
        }

    @invariant()
    def the_list_of_the_addon_agrees_with_the_model(self) -> None:
        """No rule of this test matches this list, but the clock steps."""
        model = self.model
        response = self.project.ask("GET", "/addons/example-addon/restores?per_page=100")
        assert response.json()["data"]["restores"] == [
            model.restores[number].listed(number, model.now) | {"backupId": "example-backup"}
            for number in model.newest_first()
        ]
        self.clock_steps()

    @invariant()
    def the_list_through_another_project_agrees_with_the_model(self) -> None:
        """A token that may read both projects lists this one through the other, by the contract of 2026."""
        numbers = self.model.newest_first()
        for per_page, page in ((100, 1), (2, 2)):
            query = f"sourceProjectId={self.project.id}&sourceAddonId=example-addon&per_page={per_page}&page={page}"
            body = self.elsewhere.page(query, headers={"Authorization": "Bearer sees-both"}).json()
            part = numbers[per_page * (page - 1) : per_page * page]
            assert body["data"]["restores"] == [
                self.model.restores[number].listed(number, self.model.now) for number in part
            ]
            assert body["pagination"]["hasNextPage"] is (len(numbers) > per_page * page)
            self.clock_steps()

    @invariant()
    def every_remembered_page_equals_one_rendered_now(self) -> None:
        emulator, path = self.server.emulator, self.project.backup
        sandbox = emulator.sandboxes.find(self.project.id)
        assert sandbox
        now = sandbox.clock.now()
        list_name = ("restores", path.project_id, path.addon_id, path.backup_id)
        for version in Contract:
            for per_page, page in ((100, 1), (2, 1), (2, 2)):
                request = parse_page_request(list_name, per_page, page, None)
                remembered = emulator.pages.restores(version, path, request, now)
                assert remembered.body == render_page(emulator.store.connection, version, path, request, now).body

    @invariant()
    def no_response_is_a_500(self) -> None:
        failed = self.project.ok("GET", "/requests?failed=true")["requests"]
        assert 500 not in [entry.get("status") for entry in failed]


def test_a_project_agrees_with_a_simple_model_after_any_sequence_of_operations(server: RunningServer) -> None:
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
