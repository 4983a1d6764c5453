"""Each check can fail: a mutation of our own application makes its row differ, and no unrelated one."""

from collections.abc import Callable
from functools import cache

import pytest

from mockserver.check.checks import CHECKS
from mockserver.check.judging import Result
from mockserver.contract.fidelity import FIDELITY
from mockserver.contract.versions import Contract
from tests.check.mutations import OF_2024, OF_2026, SHARED, Mutation
from tests.check.support import Mutant, check, rows_with
from tests.support import RunningServer

CASES = [
    *((Contract.V2024, mutation) for mutation in SHARED + OF_2024),
    *((Contract.V2026, mutation) for mutation in OF_2026),
]


@pytest.fixture(scope="module")
def differing_anyway(mutable: tuple[RunningServer, Mutant]) -> Callable[[Contract, str], set[str]]:
    """The rows of an area that differ without a mutation; test_ourselves holds that there are none."""

    @cache
    def differing(contract: Contract, area: str) -> set[str]:
        return rows_with(check(mutable[0].url, make=True, contract=str(contract), rows=area), Result.DIFFERS)

    return differing


@pytest.mark.parametrize(("contract", "mutation"), CASES, ids=[mutation.row for _, mutation in CASES])
def test_a_mutation_makes_its_row_differ_and_no_unrelated_one(
    mutable: tuple[RunningServer, Mutant],
    differing_anyway: Callable[[Contract, str], set[str]],
    contract: Contract,
    mutation: Mutation,
) -> None:
    server, mutant = mutable
    area = mutation.row.partition(".")[0]
    related = {mutation.row, *mutation.also, *differing_anyway(contract, area)}
    mutant.before, mutant.after, mutant.effects = mutation.before, mutation.after, 0
    try:
        outcome = check(server.url, make=True, contract=str(contract), rows=area)
    finally:
        mutant.before = mutant.after = None
    assert mutant.effects, "the mutation never took effect"
    assert outcome.problem is None
    assert rows_with(outcome, Result.CHECK_ERROR) == set()
    differing = rows_with(outcome, Result.DIFFERS)
    assert mutation.row in differing
    assert differing <= related, {row: outcome.findings[row] for row in differing}


def test_each_row_has_a_check_and_a_mutation_or_is_the_emulators_own() -> None:
    decided = {row.id for row in FIDELITY if row.emulator_only is None}
    assert set(CHECKS) == decided
    assert {mutation.row for _, mutation in CASES} == decided
