"""Which requests a rule triggers on, and the effects of several rules on one request."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mockserver.contract.broken_pages import PageFacts
from mockserver.contract.operations import LISTS, OperationName
from mockserver.errors import ApiError
from mockserver.faults import KINDS
from mockserver.faults.base import CONDITIONS, Fault, Mutation, ResponseEffects
from mockserver.sandbox.fault_rules import Rule, Rules
from tests.support import NOW

RESTORES = OperationName.LIST_RESTORES
EXAMPLES: dict[str, dict[str, Any]] = {
    "latency": {"ms": 7},
    "malformed": {},
    "mutate": {"insert": 1},
    "paging": {"what": "no-cursor"},
    "rate-limit": {},
    "reset": {},
    "slow": {"bytesPerSecond": 9},
    "status": {"status": 503, "retryAfter": "2024-07-01T12:00:00+02:00", "headers": {"X-Served-By": "cache-7"}},
    "truncate": {},
}
NOT_EXCLUSIVE = {"latency", "slow", "mutate"}


def rule(kind: str = "reset", fault: dict[str, Any] | None = None, for_: Any = None, **when: Any) -> Rule:
    return Rule.model_validate(
        {"for": for_, **when, "fault": {"kind": kind, **(EXAMPLES[kind] if fault is None else fault)}}
    )


def rules_of(*rules: Rule, seed: int = 1) -> Rules:
    active = Rules(seed)
    for number, each in enumerate(rules, 1):
        active.add(number, each)
    return active


def triggered_rules(rules: Rules, operation: OperationName = RESTORES, page: int | None = 1) -> list[str]:
    triggered = rules.trigger(operation, page, NOW, facts)
    return [active.id for active in triggered[1]] if triggered else []


def facts() -> PageFacts:
    """Those of a page that has a next one."""
    return PageFacts(number=1, per_page=50, items=50, has_next=True)


def effects_of(*rules: Rule) -> ResponseEffects:
    """The effects on a request that these rules trigger on."""
    triggered = rules_of(*rules).trigger(RESTORES, 1, NOW, facts)
    assert triggered
    return triggered[0]


def error_response_of(**fault: Any) -> ApiError:
    """The error that a status fault responds with."""
    error = effects_of(rule("status", fault)).error_response
    assert error
    return error


def matches(rules: Rules, pages: Sequence[int]) -> list[bool]:
    return [bool(triggered_rules(rules, page=page)) for page in pages]


def test_every_kind_has_an_example_in_these_tests() -> None:
    assert list(KINDS) == sorted(EXAMPLES)
    assert {name for name, kind in KINDS.items() if not kind.exclusive} == NOT_EXCLUSIVE


def test_the_conditions_are_the_fields_of_a_rule_beside_its_fault() -> None:
    assert {*CONDITIONS, "fault"} == set(Rule.field_names())


def test_the_base_class_of_faults_has_no_effects() -> None:
    with pytest.raises(NotImplementedError):
        Fault().apply(ResponseEffects())


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_stored_rule_is_the_same(kind: str) -> None:
    for_ = None if kind == "rate-limit" else "PT1M"
    original = rule(kind, for_=for_, page=2, nth=3, times=4, probability=0.5)
    assert Rule.model_validate_json(original.model_dump_json(by_alias=True)) == original


@pytest.mark.parametrize("operation", sorted(set(OperationName) - {OperationName.HEALTH}))
def test_a_rule_triggers_only_on_its_operation(operation: OperationName) -> None:
    rules = rules_of(rule(operation=operation))
    assert [each for each in OperationName if triggered_rules(rules, each)] == [operation]
    assert rules.active[0].triggered == 1


def test_the_default_operation_is_the_list_of_restores() -> None:
    assert rule().operation is RESTORES


@given(st.lists(st.integers(1, 4)), st.integers(1, 4))
def test_a_rule_with_a_page_triggers_only_on_that_page(pages: list[int], page: int) -> None:
    assert matches(rules_of(rule(page=page)), pages) == [each == page for each in pages]


def test_a_rule_with_a_page_does_not_trigger_on_a_request_without_one() -> None:
    assert not triggered_rules(rules_of(rule(page=1)), page=None)


@given(st.lists(st.integers(1, 3)), st.integers(1, 5))
def test_nth_counts_the_matching_requests(pages: list[int], nth: int) -> None:
    matching = [index for index, page in enumerate(pages) if page == 2]
    expected = [matching[nth - 1]] if len(matching) >= nth else []
    triggered = matches(rules_of(rule(page=2, nth=nth)), pages)
    assert [index for index, is_triggered in enumerate(triggered) if is_triggered] == expected


@given(st.integers(0, 9), st.integers(1, 5))
def test_a_rule_triggers_at_most_times_times(requests: int, times: int) -> None:
    assert matches(rules_of(rule(times=times)), [1] * requests) == [index < times for index in range(requests)]


def draws(seed: int, number: int = 1, probability: float = 0.5) -> list[bool]:
    rules = Rules(seed)
    rules.add(number, rule(probability=probability))
    return matches(rules, [1] * 200)


@given(st.integers(), st.integers(1, 100), st.floats(0, 1))
def test_draws_repeat_for_the_same_seed(seed: int, number: int, probability: float) -> None:
    assert draws(seed, number, probability) == draws(seed, number, probability)


def test_draws_depend_on_the_seed_and_on_the_rule() -> None:
    assert len({tuple(draws(seed, number)) for seed in range(3) for number in range(1, 4)}) == 9


@pytest.mark.parametrize(("probability", "low", "high"), [(0, 0, 0), (0.2, 20, 60), (0.5, 75, 125), (1, 200, 200)])
def test_a_rule_triggers_about_as_often_as_its_probability(probability: float, low: int, high: int) -> None:
    assert low <= sum(draws(1, probability=probability)) <= high


def test_times_counts_only_requests_that_the_rule_triggers_on() -> None:
    rules = rules_of(rule(probability=0.5, times=3))
    assert sum(matches(rules, [1] * 200)) == 3


def affected(rules: Rules, *times: int, page: int | None = 1) -> list[bool]:
    """Whether the rules affect requests at these times, in milliseconds after ``NOW``."""
    return [rules.trigger(RESTORES, page, NOW + time) is not None for time in times]


@pytest.mark.parametrize("when", [{"times": 1}, {"nth": 1}, {"page": 1, "times": 1}])
def test_a_rule_that_holds_affects_every_matching_request_until_its_time_is_over(when: dict[str, Any]) -> None:
    rules = rules_of(rule("reset", **when, for_="PT2S"))
    assert affected(rules, 0, 1, 1999, 2000, 9000) == [True, True, True, False, False]
    assert rules.active[0].triggered == 1
    assert affected(rules_of(rule("reset", **when, for_=0)), 0, 0, 1) == [True, False, False]


def test_a_rule_holds_for_its_operation_and_its_page_only() -> None:
    rules = rules_of(rule("reset", page=2, for_="PT2S"))
    assert affected(rules, 0, page=2) == [True]
    assert affected(rules, 1, page=1) == [False]
    assert not rules.trigger(OperationName.LOGIN, None, NOW + 1)
    assert affected(rules, 1, page=2) == [True]


def test_times_counts_how_often_a_rule_that_holds_starts_to_hold() -> None:
    rules = rules_of(rule("rate-limit", {"reset": 1}, times=2))
    assert affected(rules, 0, 500, 1000, 1500, 2000) == [True, True, True, True, False]
    assert rules.active[0].triggered == 2


def test_a_clock_that_is_set_back_ends_what_holds() -> None:
    rules = rules_of(rule("rate-limit", {"reset": 1}, times=1))
    assert affected(rules, 0, -1, 1) == [True, False, True]


def test_an_exclusive_fault_that_holds_leaves_the_next_one_untouched() -> None:
    rules = rules_of(rule("rate-limit", {"reset": 1}, times=1), rule("reset", times=1))
    assert affected(rules, 0, 1, 1000, 1001) == [True, True, True, False]
    assert [active.triggered for active in rules.active] == [1, 1]


@given(st.integers(0, 3600), st.integers(0, 3_600_000))
def test_a_rate_limit_counts_down_to_its_reset(reset: int, later: int) -> None:
    rules = rules_of(rule("rate-limit", {"reset": reset}, times=1))
    first = rules.trigger(RESTORES, 1, NOW)
    second = rules.trigger(RESTORES, 1, NOW + later)
    assert first
    assert first[0].limit_reset == reset
    assert (second is not None) is (later < 1000 * reset)
    if second:
        remaining = second[0].limit_reset
        assert remaining is not None
        assert 1000 * (remaining - 1) < 1000 * reset - later <= 1000 * remaining


def test_a_fault_with_a_time_of_its_own_takes_no_other() -> None:
    with pytest.raises(ValidationError, match='must not have "for" if the fault is "rate-limit"'):
        rule("rate-limit", for_=5)


@pytest.mark.parametrize(
    ("retry_after", "header"),
    [
        (0, "0"),
        (30, "30"),
        ("2024-07-01T12:00:30Z", "Mon, 01 Jul 2024 12:00:30 GMT"),
        ("2024-07-01T12:00:30.999+02:00", "Mon, 01 Jul 2024 10:00:30 GMT"),
    ],
)
def test_a_status_says_when_to_retry_in_seconds_or_as_an_http_date(retry_after: int | str, header: str) -> None:
    assert error_response_of(status=429, retryAfter=retry_after).headers == {"Retry-After": header}


def test_only_the_first_exclusive_fault_triggers() -> None:
    rules = rules_of(rule("latency"), rule("status", times=1), rule("malformed"), rule("slow"), rule("mutate"))
    assert triggered_rules(rules) == ["fault-1", "fault-2", "fault-4", "fault-5"]
    assert triggered_rules(rules) == ["fault-1", "fault-3", "fault-4", "fault-5"]
    assert [active.triggered for active in rules.active] == [2, 1, 1, 2, 2]


def test_a_rule_that_is_excluded_uses_up_none_of_its_times() -> None:
    rules = rules_of(rule("reset", times=1), rule("truncate", times=1))
    assert [triggered_rules(rules) for _ in range(3)] == [["fault-1"], ["fault-2"], []]


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=5), st.lists(st.integers(0, 9).map(lambda n: n + 1)))
def test_delays_and_mutations_add_up(delays: list[int], inserts: list[int]) -> None:
    effects = effects_of(
        *(rule("latency", {"ms": ms}) for ms in delays), *(rule("mutate", {"insert": number}) for number in inserts)
    )
    assert effects.wait_ms == sum(delays)
    assert effects.mutations == [Mutation(insert=number) for number in inserts]
    assert not effects.corrupted


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=5))
def test_of_several_slow_faults_the_slowest_applies(rates: list[int]) -> None:
    assert effects_of(*(rule("slow", {"bytesPerSecond": rate}) for rate in rates)).bytes_per_second == min(rates)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_response_is_corrupted_if_the_client_does_not_get_it(kind: str) -> None:
    assert effects_of(rule(kind)).corrupted is (kind not in {*NOT_EXCLUSIVE, "paging"})


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
    error = error_response_of(**fault)
    assert (error.status, error.message) == (fault["status"], message)


def test_a_rule_can_be_looked_up_until_it_is_removed() -> None:
    rules = rules_of(rule(), rule())
    second = rules.find("fault-2")
    assert second
    rules.remove(second)
    assert rules.find("fault-2") is None
    assert rules.find("fault-1")


@pytest.mark.parametrize("operation", sorted(set(OperationName) - LISTS - {OperationName.HEALTH}))
def test_a_rule_for_an_operation_without_pages_has_no_page(operation: OperationName) -> None:
    with pytest.raises(ValidationError, match="must not have a page"):
        rule(operation=operation, page=1)
    assert rule(operation=operation)


@pytest.mark.parametrize("operation", sorted(set(OperationName) - {RESTORES, OperationName.HEALTH}))
def test_a_mutation_requires_the_list_of_restores(operation: OperationName) -> None:
    with pytest.raises(ValidationError, match='must have the operation "list-restores"'):
        rule("mutate", operation=operation)


def test_the_health_check_belongs_to_no_project_and_has_no_rules() -> None:
    with pytest.raises(ValidationError, match="must be list-restores, "):
        rule(operation=OperationName.HEALTH)
