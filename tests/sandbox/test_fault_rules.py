"""Which calls a rule strikes, and what several rules make of one call."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mockserver.contract.operations import LISTS, OperationName
from mockserver.faults import KINDS
from mockserver.faults.base import Fault, Mutation, ResponseEffects
from mockserver.sandbox.fault_rules import Rule, Rules

RESTORES = OperationName.LIST_RESTORES
EXAMPLES: dict[str, dict[str, Any]] = {
    "latency": {"ms": 7},
    "malformed": {},
    "mutate": {"insert": 1},
    "rate-limit": {},
    "reset": {},
    "slow": {"bytesPerSecond": 9},
    "status": {"status": 503},
    "truncate": {},
}
UNDECIDED = {"latency", "slow", "mutate"}


def rule(kind: str = "reset", fault: dict[str, Any] | None = None, **when: Any) -> Rule:
    return Rule.model_validate({**when, "fault": {"kind": kind, **(EXAMPLES[kind] if fault is None else fault)}})


def rules_of(*made: Rule, seed: int = 1) -> Rules:
    rules = Rules(seed)
    for number, each in enumerate(made, 1):
        rules.add(number, each)
    return rules


def triggered_rules(rules: Rules, operation: OperationName = RESTORES, page: int | None = 1) -> list[str]:
    triggered = rules.trigger(operation, page)
    return [active.id for active in triggered[1]] if triggered else []


def matches(rules: Rules, pages: Sequence[int]) -> list[bool]:
    return [bool(triggered_rules(rules, page=page)) for page in pages]


def test_every_kind_has_an_example_here() -> None:
    assert list(KINDS) == sorted(EXAMPLES)
    assert {name for name, kind in KINDS.items() if not kind.exclusive} == UNDECIDED


def test_a_fault_of_no_kind_does_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Fault().apply(ResponseEffects())


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_rule_that_was_kept_is_the_same(kind: str) -> None:
    made = rule(kind, page=2, nth=3, times=4, probability=0.5)
    assert Rule.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("operation", sorted(set(OperationName) - {OperationName.HEALTH}))
def test_a_rule_strikes_its_own_operation_alone(operation: OperationName) -> None:
    rules = rules_of(rule(operation=operation))
    assert [each for each in OperationName if triggered_rules(rules, each)] == [operation]
    assert rules.active[0].triggered == 1


def test_without_an_operation_it_is_the_list_of_restores() -> None:
    assert rule().operation is RESTORES


@given(st.lists(st.integers(1, 4)), st.integers(1, 4))
def test_a_rule_with_a_page_strikes_that_page_alone(pages: list[int], page: int) -> None:
    assert matches(rules_of(rule(page=page)), pages) == [each == page for each in pages]


def test_a_call_that_has_no_page_is_not_struck_where_one_is_wanted() -> None:
    assert not triggered_rules(rules_of(rule(page=1)), page=None)


@given(st.lists(st.integers(1, 3)), st.integers(1, 5))
def test_the_nth_is_counted_among_the_calls_that_match(pages: list[int], nth: int) -> None:
    matching = [place for place, page in enumerate(pages) if page == 2]
    wanted = [matching[nth - 1]] if len(matching) >= nth else []
    triggered = matches(rules_of(rule(page=2, nth=nth)), pages)
    assert [place for place, is_struck in enumerate(triggered) if is_struck] == wanted


@given(st.integers(0, 9), st.integers(1, 5))
def test_a_rule_strikes_as_often_as_it_may_and_no_more(calls: int, times: int) -> None:
    assert matches(rules_of(rule(times=times)), [1] * calls) == [place < times for place in range(calls)]


def draws(seed: int, number: int = 1, probability: float = 0.5) -> list[bool]:
    rules = Rules(seed)
    rules.add(number, rule(probability=probability))
    return matches(rules, [1] * 200)


@given(st.integers(), st.integers(1, 100), st.floats(0, 1))
def test_draws_repeat_for_the_same_seed(seed: int, number: int, probability: float) -> None:
    assert draws(seed, number, probability) == draws(seed, number, probability)


def test_draws_differ_from_seed_to_seed_and_from_rule_to_rule() -> None:
    assert len({tuple(draws(seed, number)) for seed in range(3) for number in range(1, 4)}) == 9


@pytest.mark.parametrize(("probability", "least", "most"), [(0, 0, 0), (0.2, 20, 60), (0.5, 75, 125), (1, 200, 200)])
def test_a_rule_strikes_about_as_often_as_it_is_likely_to(probability: float, least: int, most: int) -> None:
    assert least <= sum(draws(1, probability=probability)) <= most


def test_times_count_the_strikes_that_were_drawn() -> None:
    rules = rules_of(rule(probability=0.5, times=3))
    assert sum(matches(rules, [1] * 200)) == 3


def test_the_first_that_decides_is_the_only_one_that_does() -> None:
    rules = rules_of(rule("latency"), rule("status", times=1), rule("malformed"), rule("slow"), rule("mutate"))
    assert triggered_rules(rules) == ["fault-1", "fault-2", "fault-4", "fault-5"]
    assert triggered_rules(rules) == ["fault-1", "fault-3", "fault-4", "fault-5"]
    assert [active.triggered for active in rules.active] == [2, 1, 1, 2, 2]


def test_a_rule_that_was_not_let_decide_has_used_up_none_of_its_times() -> None:
    rules = rules_of(rule("reset", times=1), rule("truncate", times=1))
    assert [triggered_rules(rules) for _ in range(3)] == [["fault-1"], ["fault-2"], []]


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=5), st.lists(st.integers(0, 9).map(lambda n: n + 1)))
def test_delays_and_mutations_add_up(delays: list[int], inserts: list[int]) -> None:
    rules = rules_of(
        *(rule("latency", {"ms": ms}) for ms in delays), *(rule("mutate", {"insert": number}) for number in inserts)
    )
    triggered = rules.trigger(RESTORES, 1)
    assert triggered
    assert triggered[0].wait_ms == sum(delays)
    assert triggered[0].mutations == [Mutation(insert=number) for number in inserts]
    assert not triggered[0].corrupted


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=5))
def test_of_several_that_are_slow_the_slowest_counts(rates: list[int]) -> None:
    triggered = rules_of(*(rule("slow", {"bytesPerSecond": rate}) for rate in rates)).trigger(RESTORES, 1)
    assert triggered
    assert triggered[0].bytes_per_second == min(rates)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_answer_is_spoilt_where_the_client_gets_another_one_or_none(kind: str) -> None:
    triggered = rules_of(rule(kind)).trigger(RESTORES, 1)
    assert triggered
    assert triggered[0].corrupted is (kind not in UNDECIDED)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"status": 404}, "Not Found"),
        ({"status": 499}, "Status 499"),
        ({"status": 503, "message": "gone fishing"}, "gone fishing"),
        ({"status": 503, "message": ""}, "Service Unavailable"),
    ],
)
def test_a_status_has_a_message(fault: dict[str, Any], message: str) -> None:
    triggered = rules_of(rule("status", fault)).trigger(RESTORES, 1)
    assert triggered
    assert triggered[0].error_response
    assert (triggered[0].error_response.status, triggered[0].error_response.message) == (fault["status"], message)


def test_a_rule_is_found_by_its_id_until_it_is_ended() -> None:
    rules = rules_of(rule(), rule())
    found = rules.find("fault-2")
    assert found
    rules.remove(found)
    assert rules.find("fault-2") is None
    assert rules.find("fault-1")


@pytest.mark.parametrize("operation", sorted(set(OperationName) - LISTS - {OperationName.HEALTH}))
def test_an_operation_that_answers_in_no_pages_has_no_page_to_strike(operation: OperationName) -> None:
    with pytest.raises(ValidationError, match="must have no page"):
        rule(operation=operation, page=1)
    assert rule(operation=operation)


@pytest.mark.parametrize("operation", sorted(set(OperationName) - {RESTORES, OperationName.HEALTH}))
def test_only_the_list_of_restores_can_be_mutated_after(operation: OperationName) -> None:
    with pytest.raises(ValidationError, match="must not mutate but after"):
        rule("mutate", operation=operation)


def test_the_health_check_is_of_no_project_and_cannot_be_struck() -> None:
    with pytest.raises(ValidationError, match="is of none"):
        rule(operation=OperationName.HEALTH)
