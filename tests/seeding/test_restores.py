"""Generated and listed restores: their number, statuses, ids and instants."""

import itertools
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NoReturn

import pytest
from faker.generator import Generator
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import Status, Timeline, status_at
from mockserver.instants import INSTANT_MAX, unix_milliseconds
from mockserver.seeding.restores import RestoreProvider, apportion
from mockserver.seeding.scenario import GeneratedRestores, RestoreRow
from tests.support import NOW

Restores = list[tuple[int, Timeline]]

LATER = INSTANT_MAX + 10**9
"""After the end of every generated restore."""

OUTCOMES = st.dictionaries(st.sampled_from(Status), st.integers(1, 1000), min_size=1)


class OneMethod(Random):
    """A source of random numbers with only ``random``, because the other methods change from release to release."""

    def _rejected(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("used another method than random.random()")

    getrandbits = randbytes = randrange = randint = choice = choices = sample = shuffle = uniform = _rejected
    triangular = betavariate = expovariate = gammavariate = gauss = normalvariate = lognormvariate = _rejected
    vonmisesvariate = paretovariate = weibullvariate = binomialvariate = _rejected


def provider(seed: int | str = 1) -> RestoreProvider:
    generator = Generator()
    generator.random = OneMethod(seed)
    return RestoreProvider(generator)


def generated(requested: GeneratedRestores, seed: int | str = 1) -> Restores:
    return list(provider(seed).generated_restores(requested))


def rows(*listed: RestoreRow) -> Restores:
    return provider().restore_rows(listed, NOW)


def statuses(restores: Restores) -> list[Status]:
    return [status_at(timeline, LATER) for _, timeline in restores]


@given(st.integers(0, 300), OUTCOMES, st.integers(0, 10**9), st.integers(0, 10**6), st.integers())
def test_any_number_is_generated_with_statuses_in_proportion_and_ascending_ids(
    count: int, outcomes: dict[Status, int], begin: int, spare: int, seed: int
) -> None:
    since = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(milliseconds=begin)
    until = since + timedelta(milliseconds=count + spare)
    restores = generated(GeneratedRestores(count=count, outcomes=outcomes, since=since, until=until), seed)
    ids = [restore_id for restore_id, _ in restores]
    assert len(ids) == count
    assert all(before < after for before, after in itertools.pairwise(ids))
    assert all(unix_milliseconds(since) <= restore_id < unix_milliseconds(until) for restore_id in ids)
    assert ids == [timeline.initiated for _, timeline in restores]
    shares = apportion(count, outcomes)
    assert {status: statuses(restores).count(status) for status in outcomes} == shares


@given(st.integers(0, 10**6), OUTCOMES)
def test_shares_add_up_and_are_within_one_of_the_exact_proportion(count: int, weights: dict[Status, int]) -> None:
    shares = apportion(count, weights)
    total = sum(weights.values())
    assert list(shares) == list(weights)
    assert sum(shares.values()) == count
    assert all(abs(shares[status] * total - count * weights[status]) < total for status in weights)


@pytest.mark.parametrize(
    ("count", "weights", "shares"),
    [
        (120, (90, 12, 18), (90, 12, 18)),
        (0, (1, 2), (0, 0)),
        (1, (1, 1), (1, 0)),
        (2, (8, 1, 1), (2, 0, 0)),
        (10, (1, 1, 1), (4, 3, 3)),
        (3, (2, 3), (1, 2)),
    ],
)
def test_the_rest_goes_to_the_largest_remainders(count: int, weights: tuple[int, ...], shares: tuple[int, ...]) -> None:
    proportions = dict(zip(Status, weights, strict=False))
    assert tuple(apportion(count, proportions).values()) == shares


def test_restores_that_have_not_ended_are_the_newest() -> None:
    generated_statuses = statuses(generated(GeneratedRestores(count=70, outcomes=dict.fromkeys(Status, 1))))
    not_ended = {Status.SCHEDULED, Status.IN_PROGRESS, Status.ABORTING}
    assert set(generated_statuses[-30:]) == not_ended
    assert not_ended.isdisjoint(generated_statuses[:-30])


@given(st.sampled_from(Status), st.integers())
def test_the_instants_of_a_generated_timeline_are_in_order(status: Status, seed: int) -> None:
    ((_, timeline),) = generated(GeneratedRestores(count=1, outcomes={status: 1}), seed)
    moments = (timeline.initiated, timeline.starts_at, timeline.abort_requested_at, timeline.ends_at)
    instants = [instant for instant in moments if instant is not None]
    assert instants == sorted(instants)


def test_the_same_seed_gives_the_same_restores_and_another_seed_different_ones() -> None:
    requested = GeneratedRestores(count=50)
    assert generated(requested, 1) == generated(requested, 1)
    assert generated(requested, 1) != generated(requested, 2)


def test_a_seed_gives_the_same_restores_in_every_release() -> None:
    requested = GeneratedRestores(count=3, outcomes={Status.FAILED: 2, Status.ABORTED: 1})
    assert [
        (restore_id, timeline.outcome, timeline.ends_at) for restore_id, timeline in generated(requested, "1/0.0.0")
    ] == [
        (1707571456910, "failed", 1707572375522),
        (1710970704581, "failed", 1710971323432),
        (1718518333935, "aborted", 1718519093794),
    ]


@pytest.mark.parametrize("status", Status)
def test_a_row_keeps_its_status(status: Status) -> None:
    assert statuses(rows(RestoreRow(status=status))) == [status]


def test_the_first_row_of_a_file_is_the_newest() -> None:
    restores = rows(
        RestoreRow(status=Status.FAILED), RestoreRow(status=Status.COMPLETED), RestoreRow(status=Status.ABORTED)
    )
    assert statuses(restores) == [Status.ABORTED, Status.COMPLETED, Status.FAILED]
    assert [timeline.initiated for _, timeline in restores] == [restore_id for restore_id, _ in restores]


def test_a_row_keeps_its_id_and_its_instants() -> None:
    moment = datetime(2021, 1, 20, 11, 19, 54, 494_000, tzinfo=UTC)
    ((restore_id, timeline),) = rows(
        RestoreRow(id=1693287033325, restoreTimestamp=moment, status=Status.COMPLETED, completedAt=moment)
    )
    assert restore_id == 1693287033325
    assert timeline.initiated == timeline.starts_at == timeline.ends_at == unix_milliseconds(moment)


def test_a_row_with_only_an_id_is_initiated_at_that_instant() -> None:
    ((restore_id, timeline),) = rows(RestoreRow(id=1693287033325, status=Status.FAILED))
    assert restore_id == timeline.initiated == 1693287033325


def test_a_row_with_only_an_instant_has_it_as_its_id() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    ((restore_id, timeline),) = rows(RestoreRow(restoreTimestamp=moment, status=Status.FAILED))
    assert restore_id == timeline.initiated == unix_milliseconds(moment)


def test_an_id_in_use_moves_on_to_the_next_free_one() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    instant = unix_milliseconds(moment)
    restores = rows(
        RestoreRow(id=instant + 1, status=Status.FAILED),
        RestoreRow(restoreTimestamp=moment, status=Status.FAILED),
        RestoreRow(restoreTimestamp=moment, status=Status.FAILED),
    )
    assert [restore_id for restore_id, _ in restores] == [instant, instant + 1, instant + 2]
    assert [timeline.initiated for _, timeline in restores] == [instant, instant + 1, instant]


def test_a_row_without_instants_moves_both_on_if_its_id_is_in_use() -> None:
    ((used_id, _),) = rows(RestoreRow(status=Status.FAILED))
    restores = rows(RestoreRow(id=used_id, status=Status.FAILED), RestoreRow(status=Status.FAILED))
    assert [restore_id for restore_id, _ in restores] == [used_id, used_id + 1]
    assert restores[1][1].initiated == used_id + 1


def test_a_row_may_be_completed_before_it_is_initiated() -> None:
    row = RestoreRow(
        restoreTimestamp=datetime(2024, 5, 2, tzinfo=UTC),
        status=Status.COMPLETED,
        completedAt=datetime(2024, 5, 1, tzinfo=UTC),
    )
    ((_, timeline),) = rows(row)
    assert timeline.ends_at == unix_milliseconds(datetime(2024, 5, 1, tzinfo=UTC))
    assert status_at(timeline, LATER) is Status.COMPLETED
