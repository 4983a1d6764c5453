"""The projects of a server, each a sandbox: its data in the store, its clock, fault rules and journal at work here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf

from sqlmodel import Session

from mockserver.clock import Clock, ClockMode, ClockState, ProjectClock
from mockserver.contract.permissions import Permission
from mockserver.contract.versions import Contract
from mockserver.errors import ApiError
from mockserver.instants import timestamp_moment
from mockserver.sandbox.fault_rules import ActiveRule, Rule, Rules
from mockserver.sandbox.journal import Journal, Journals
from mockserver.seeding.names import slug
from mockserver.seeding.recipe import Recipe
from mockserver.seeding.writer import ProjectWriter, count_restores
from mockserver.store import Store, changes, listings

MAX_RESTORES = 10_000
"""More would hold the event loop: they belong to `mockserver seed`."""


SAVE_CLOCK_SECONDS = 1.0
"""How often a clock that steps is written to the store at most; a kill -9 loses the steps since."""


@dataclass(slots=True)
class Sandbox:
    """One project at work. ``token`` is its own, where it was made while the server ran.

    ``saved_clock`` is where the clock stands according to the store, ``clock_saved_at`` when that was written (seconds
    by the monotonic clock).
    """

    key: int
    id: str
    token: str | None
    recipe: Recipe
    contract: Contract
    clock: ProjectClock
    rules: Rules
    journal: Journal
    saved_clock: ClockState
    clock_saved_at: float = -inf
    rule_numbers: "count[int]" = field(default_factory=lambda: count(1))

    def permits(self, permission: Permission) -> bool:
        """Whether the project's own token has that permission."""
        return permission in self.recipe.permissions


class Sandboxes:
    """All projects of one server; what is not in use is in the store alone."""

    def __init__(self, store: Store, machine: Clock, contract: Contract, journals: Journals) -> None:
        self._store = store
        self._machine = machine
        self._contract = contract
        self.journals = journals
        self._loaded: dict[str, Sandbox] = {}
        ids = listings.project_ids(store.connection)
        self._by_token: dict[str, str] = {token: project_id for project_id, token in ids if token is not None}
        self._started = [self._recipe(project_id) for project_id, token in ids if token is None]
        self._numbers = count(len(ids) + 1)

    def find(self, project_id: str) -> Sandbox | None:
        """The project of that id."""
        sandbox = self._loaded.get(project_id)
        if sandbox is None:
            sandbox = self._load(project_id)
        return sandbox

    def by_token(self, token: str | None) -> Sandbox | None:
        """The project whose own token that is."""
        project_id = None if token is None else self._by_token.get(token)
        return None if project_id is None else self.find(project_id)

    def all(self) -> Iterator[Sandbox]:
        """Every project, in the order of their making."""
        for project_id, _ in listings.project_ids(self._store.connection):
            yield self._require(project_id)

    def make(self, recipe: Recipe, wanted_id: str | None) -> Sandbox:
        """Makes a project with a token of its own; raises ApiError 409 where the id that is wanted is taken."""
        if wanted_id is not None and self.find(wanted_id):
            raise ApiError(409, f'project "{wanted_id}" exists: delete it first, or choose another id')
        recipe = self._with_clock_resolved(recipe)
        _reject_too_large(recipe)
        project_id = wanted_id or self._free_id(recipe.scenario)
        token = f"token-of-{project_id}"
        with self._store.writing() as session:
            ProjectWriter(session, recipe, self._machine.now()).write(project_id, token)
        self._by_token[token] = project_id
        return self._require(project_id)

    def delete(self, sandbox: Sandbox) -> None:
        """Removes a project and all that is known of it."""
        with self._store.writing() as session:
            self._delete(session, sandbox)

    def reset(self, sandbox: Sandbox) -> Sandbox:
        """Takes a project back to its scenario, seed and starting clock: its data, faults, journal and counters."""
        _reject_too_large(sandbox.recipe)
        with self._store.writing() as session:
            self._refill(session, sandbox)
        self._forget(sandbox)
        return self._require(sandbox.id)

    def reset_all(self) -> None:
        """Takes the server back to how it started: its own projects alone, and those reset."""
        for _, recipe in self._started:
            _reject_too_large(recipe)
        with self._store.writing() as session:
            for sandbox in list(self.all()):
                self._delete(session, sandbox)
            for project_id, recipe in self._started:
                ProjectWriter(session, recipe, self._machine.now()).write(project_id, token=None)

    def save_clock(self, sandbox: Sandbox) -> None:
        """Writes down where a project's clock stands."""
        state = sandbox.clock.state
        with self._store.writing() as session:
            changes.set_clock(session, sandbox.key, state.model_dump_json())
        sandbox.saved_clock, sandbox.clock_saved_at = state, self._machine.monotonic()

    def save_ticked_clock(self, sandbox: Sandbox) -> None:
        """Writes down where a stepping clock stands, but not more than once a second: a write makes pages forgotten."""
        if self._machine.monotonic() - sandbox.clock_saved_at >= SAVE_CLOCK_SECONDS:
            self.save_clock(sandbox)

    def save_clocks(self) -> None:
        """Writes down where those clocks stand that have stepped since they were written."""
        for sandbox in self._loaded.values():
            if sandbox.clock.state is not sandbox.saved_clock:
                self.save_clock(sandbox)

    def add_rule(self, sandbox: Sandbox, rule: Rule) -> ActiveRule:
        """Puts a fault rule to work."""
        number = next(sandbox.rule_numbers)
        with self._store.writing() as session:
            changes.add_rule(session, sandbox.key, number, rule.model_dump_json())
        return sandbox.rules.add(number, rule)

    def remove_rules(self, sandbox: Sandbox, ended: Iterable[ActiveRule]) -> None:
        """Ends fault rules."""
        with self._store.writing() as session:
            for active in list(ended):
                changes.delete_rule(session, sandbox.key, active.number)
                sandbox.rules.remove(active)

    def _refill(self, session: Session, sandbox: Sandbox) -> None:
        filling = ProjectWriter(session, sandbox.recipe, self._machine.now())
        changes.empty_project(session, sandbox.key)
        changes.set_clock(session, sandbox.key, filling.clock.state.model_dump_json())
        filling.refill(sandbox.key)

    def _delete(self, session: Session, sandbox: Sandbox) -> None:
        changes.delete_project(session, sandbox.key)
        self._forget(sandbox)
        if sandbox.token is not None:
            self._by_token.pop(sandbox.token, None)

    def _forget(self, sandbox: Sandbox) -> None:
        del self._loaded[sandbox.id]
        sandbox.journal.clear()

    def _require(self, project_id: str) -> Sandbox:
        sandbox = self.find(project_id)
        assert sandbox is not None  # noqa: S101 - the caller has just written or read its row
        return sandbox

    def _load(self, project_id: str) -> Sandbox | None:
        row = listings.stored_project(self._store.connection, project_id)
        if row is None:
            return None
        key, _, token, recipe_json, clock_json = row
        recipe = Recipe.model_validate_json(recipe_json)
        rules = Rules(recipe.seed)
        numbers = [0]
        for number, rule_json in listings.rules(self._store.connection, key):
            rules.add(number, Rule.model_validate_json(rule_json))
            numbers.append(number)
        clock = ClockState.model_validate_json(clock_json)
        sandbox = self._loaded[project_id] = Sandbox(
            key=key,
            id=project_id,
            token=token,
            recipe=recipe,
            contract=recipe.contract or self._contract,
            clock=ProjectClock(self._machine, clock),
            rules=rules,
            journal=Journal(self.journals),
            saved_clock=clock,
            rule_numbers=count(max(numbers) + 1),
        )
        return sandbox

    def _recipe(self, project_id: str) -> tuple[str, Recipe]:
        return project_id, self._require(project_id).recipe

    def _free_id(self, scenario: str) -> str:
        while True:
            project_id = f"{slug(scenario)}-{next(self._numbers)}"
            if not self.find(project_id):
                return project_id

    def _with_clock_resolved(self, recipe: Recipe) -> Recipe:
        """A clock that is to stand still from the present instant on does so again at a reset: the instant is noted."""
        if recipe.clock.mode is ClockMode.REAL or recipe.clock.now is not None:
            return recipe
        now = timestamp_moment(self._machine.now())
        return recipe.model_copy(update={"clock": recipe.clock.model_copy(update={"now": now})})


def _reject_too_large(recipe: Recipe) -> None:
    wanted = count_restores(recipe.part)
    if wanted > MAX_RESTORES:
        raise ApiError(
            409,
            f"the project has {wanted} restores to make, those of its scenario's other backups among them, "
            f"and a running server makes {MAX_RESTORES} at most: "
            "fill a new file with `mockserver seed`, or start the server anew",
        )
