"""The projects of a server. Each is a sandbox: its data are in the store; its clock, fault rules and journal are here.

What is here changes only after the store has committed the same change (``Store.writing``): a rejected write leaves
both as they were.
"""

from collections.abc import Iterable, Iterator, Mapping
from secrets import token_hex

from pydantic import ValidationError

from mockserver.clock import Clock, ClockSetting, ClockState, ProjectClock
from mockserver.contract.versions import Contract
from mockserver.errors import ApiError
from mockserver.messages import quoted
from mockserver.rate_limit import RateLimit
from mockserver.sandbox.fault_rules import ActiveRule, Rule, Rules
from mockserver.sandbox.journal import Journal, Journals
from mockserver.sandbox.plans import ProjectPlan
from mockserver.sandbox.sandbox import Sandbox
from mockserver.seeding.names import slug
from mockserver.seeding.recipe import Recipe
from mockserver.seeding.writer import ProjectWriter, count_restores
from mockserver.store import Store, changes, listings

MAX_RESTORES = 10_000
"""How many restores a project that is created or reset may have; more would hold up the event loop."""

SAVE_CLOCK_SECONDS = 1.0
"""How long the steps of a stepping clock are kept only in memory; a kill -9 loses them."""


class Sandboxes:
    """All projects of one server. A project is loaded from the store when it is first used."""

    def __init__(
        self, store: Store, machine: Clock, contract: Contract, rate_limit: RateLimit, journals: Journals
    ) -> None:
        self._store = store
        self._machine = machine
        self._contract = contract
        self._rate_limit = rate_limit
        self.journals = journals
        self._loaded: dict[str, Sandbox] = {}
        self._epoch = token_hex(4)
        self._changes = 0
        ids = listings.project_ids(store.connection)
        self._by_token: dict[str, str] = {token: project_id for project_id, token in ids if token is not None}
        self._started = [(id_, self.require(id_).recipe) for id_, token in ids if token is None]
        self._next_number = len(ids) + 1

    @property
    def version(self) -> str:
        """Differs after each change of a project, or of which projects there are."""
        return f"{self._epoch}-{self._changes}-{self.journals.added}"

    def wake_watchers(self) -> None:
        """Wakes all that wait for a change of the server or of a project."""
        self.journals.watchers.notify()
        for sandbox in self._loaded.values():
            sandbox.journal.notify()

    def find(self, project_id: str) -> Sandbox | None:
        """The project with that id."""
        sandbox = self._loaded.get(project_id)
        if sandbox is None:
            sandbox = self._load(project_id)
        return sandbox

    def by_token(self, token: str | None) -> Sandbox | None:
        """The project with that token of its own."""
        project_id = None if token is None else self._by_token.get(token)
        return None if project_id is None else self.find(project_id)

    def all(self) -> Iterator[Sandbox]:
        """Every project, in the order of creation."""
        for project_id, _ in listings.project_ids(self._store.connection):
            yield self.require(project_id)

    def make(self, recipe: Recipe, requested_id: str | None) -> Sandbox:
        """Creates a project with a token of its own; raises ApiError 409 if its id is in use, or if it is too large."""
        if requested_id is not None and self.find(requested_id):
            raise ApiError(409, f"project {quoted(requested_id)} exists: delete it first, or choose another id")
        recipe = recipe.with_clock_resolved(self._machine.now())
        _reject_too_large(recipe)
        project_id, next_number = (requested_id, self._next_number) if requested_id else self._free_id(recipe.scenario)
        token = f"token-of-{project_id}"

        def add() -> None:
            self._by_token[token] = project_id
            self._next_number = next_number
            self._changed(None)

        with self._store.writing(add) as session:
            ProjectWriter(session, recipe, self._machine.now()).write(project_id, token)
        return self.require(project_id)

    def delete(self, sandbox: Sandbox) -> None:
        """Removes a project, with its journal and its token."""

        def remove() -> None:
            self._unload(sandbox)
            if sandbox.token is not None:
                del self._by_token[sandbox.token]

        with self._store.writing(remove) as session:
            changes.delete_project(session, sandbox.key)

    def reset(self, sandbox: Sandbox) -> Sandbox:
        """Takes a project back to its scenario, seed and starting clock; its fault rules and its journal are gone."""
        _reject_too_large(sandbox.recipe)
        with self._store.writing(lambda: self._unload(sandbox)) as session:
            writer = ProjectWriter(session, sandbox.recipe, self._machine.now())
            changes.empty_project(session, sandbox.key)
            changes.set_clock(session, sandbox.key, writer.clock.state.model_dump_json())
            changes.set_plan(session, sandbox.key, None)
            writer.refill(sandbox.key)
        return self.require(sandbox.id)

    def reset_all(self) -> None:
        """Takes the server back to how it started: with the projects of its scenario only, each of them reset."""
        for _, recipe in self._started:
            _reject_too_large(recipe)
        with self._store.writing(self._unload_all) as session:
            changes.delete_all_projects(session)
            for project_id, recipe in self._started:
                ProjectWriter(session, recipe, self._machine.now()).write(project_id, token=None)

    def set_clock(self, sandbox: Sandbox, setting: ClockSetting) -> None:
        moved = ProjectClock(self._machine, sandbox.clock.state)
        moved.set(setting)
        self._save_clocks({sandbox.id: moved.state})

    def advance_clock(self, sandbox: Sandbox, by: int) -> None:
        """Moves a project's clock ahead by ``by`` milliseconds; raises ValueError beyond the end of time."""
        moved = ProjectClock(self._machine, sandbox.clock.state)
        moved.advance(by)
        self._save_clocks({sandbox.id: moved.state})

    def tick_clock(self, sandbox: Sandbox) -> None:
        """Moves a stepping clock by its step, after a request that lists restores succeeds.

        Not every step is written to the store, as each write outdates all remembered pages.
        """
        if not sandbox.clock.state.step:
            return
        moved = ProjectClock(self._machine, sandbox.clock.state)
        if not moved.tick():
            return
        if self._machine.monotonic() - sandbox.clock_saved_at >= SAVE_CLOCK_SECONDS:
            self._save_clocks({sandbox.id: moved.state})
        else:
            sandbox.clock.state = moved.state

    def save_clocks(self) -> None:
        """Writes the steps of stepping clocks that are not in the store yet."""
        clocks = {
            sandbox.id: sandbox.clock.state
            for sandbox in self._loaded.values()
            if sandbox.clock.state is not sandbox.saved_clock
        }
        if clocks:
            self._save_clocks(clocks)

    def add_rule(self, sandbox: Sandbox, rule: Rule) -> ActiveRule:
        number = sandbox.last_rule + 1

        def add() -> None:
            sandbox.last_rule = number
            sandbox.rules.add(number, rule)
            self._changed(sandbox)

        with self._store.writing(add) as session:
            changes.add_rule(session, sandbox.key, number, rule.model_dump_json(by_alias=True))
        return sandbox.rules.active[-1]

    def remove_rules(self, sandbox: Sandbox, rules: Iterable[ActiveRule]) -> None:
        removed = list(rules)

        def remove() -> None:
            for active in removed:
                sandbox.rules.remove(active)
            self._changed(sandbox)

        with self._store.writing(remove) as session:
            for active in removed:
                changes.delete_rule(session, sandbox.key, active.number)

    def set_plan(self, sandbox: Sandbox, plan: ProjectPlan | None) -> None:
        """Sets what restores do that clients start in a project; None for what the settings say."""

        def apply() -> None:
            sandbox.plan = plan
            sandbox.restores_changed()

        with self._store.writing(apply) as session:
            changes.set_plan(session, sandbox.key, None if plan is None else plan.model_dump_json())

    def _save_clocks(self, clocks: Mapping[str, ClockState]) -> None:
        """Sets the clocks of loaded projects, by their ids, in the store and here."""

        def apply() -> None:
            for project_id, state in clocks.items():
                sandbox = self._loaded[project_id]
                sandbox.clock.state = sandbox.saved_clock = state
                sandbox.clock_saved_at = self._machine.monotonic()
                self._changed(sandbox)

        with self._store.writing(apply) as session:
            for project_id, state in clocks.items():
                changes.set_clock(session, self._loaded[project_id].key, state.model_dump_json())

    def _unload(self, sandbox: Sandbox) -> None:
        del self._loaded[sandbox.id]
        sandbox.journal.clear()
        self._changed(sandbox)

    def _changed(self, sandbox: Sandbox | None) -> None:
        """Counts a change, of one project or of which projects there are, and wakes those who wait for it."""
        self._changes += 1
        if sandbox is None:
            self.journals.watchers.notify()
        else:
            sandbox.journal.notify()

    def _unload_all(self) -> None:
        for sandbox in list(self._loaded.values()):
            self._unload(sandbox)
        self._by_token.clear()

    def require(self, project_id: str) -> Sandbox:
        """The project with that id, which must exist."""
        sandbox = self.find(project_id)
        assert sandbox is not None  # noqa: S101 - the caller has just written or read its row
        return sandbox

    def _load(self, project_id: str) -> Sandbox | None:
        row = listings.stored_project(self._store.connection, project_id)
        if row is None:
            return None
        key, _, token, recipe_json, clock_json, plan_json = row
        try:
            recipe = Recipe.model_validate_json(recipe_json)
            clock = ClockState.model_validate_json(clock_json)
            plan = None if plan_json is None else ProjectPlan.model_validate_json(plan_json)
            stored_rules = [
                (number, Rule.model_validate_json(rule_json))
                for number, rule_json in listings.rules(self._store.connection, key)
            ]
        except ValidationError:
            raise self._store.damaged(f"project {quoted(project_id)} cannot be read") from None
        rules = Rules(recipe.seed)
        for number, rule in stored_rules:
            rules.add(number, rule)
        sandbox = self._loaded[project_id] = Sandbox(
            key=key,
            id=project_id,
            token=token,
            recipe=recipe,
            contract=recipe.contract or self._contract,
            rate_limit=self._rate_limit.for_project(recipe.rate_limit),
            clock=ProjectClock(self._machine, clock),
            rules=rules,
            journal=Journal(self.journals),
            plan=plan,
            saved_clock=clock,
            last_rule=stored_rules[-1][0] if stored_rules else 0,
        )
        return sandbox

    def _free_id(self, scenario: str) -> tuple[str, int]:
        """An id that is not in use, and the number to try for the next one."""
        number = self._next_number
        while self.find(f"{slug(scenario)}-{number}"):
            number += 1
        return f"{slug(scenario)}-{number}", number + 1


def _reject_too_large(recipe: Recipe) -> None:
    restores = count_restores(recipe.part)
    if restores > MAX_RESTORES:
        raise ApiError(
            409,
            f"the project would have {restores} restores, those of its scenario's other backups included, and a "
            f"running server creates at most {MAX_RESTORES}: choose fewer, fill a new file with `mockserver seed`, or "
            "restart the server to reset it",
        )
