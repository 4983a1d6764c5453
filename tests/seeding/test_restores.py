"""Restores that are made: as many as wanted, of the statuses wanted, from the seed alone."""

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
from mockserver.seeding.restores import RestoreProvider, apportioned
from mockserver.seeding.scenario import GeneratedRestores, RestoreRow
from tests.support import NOW

Made = list[tuple[int, Timeline]]

LATER = INSTANT_MAX + 10**9
"""After every end that is drawn."""

OUTCOMES = st.dictionaries(st.sampled_from(Status), st.integers(1, 1000), min_size=1)


class OneMethod(Random):
    """A source that has nothing to draw from but ``random``; everything else would change with Python's releases."""

    def _refused(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("drawn by another method than random.random()")

    getrandbits = randbytes = randrange = randint = choice = choices = sample = shuffle = uniform = _refused
    triangular = betavariate = expovariate = gammavariate = gauss = normalvariate = lognormvariate = _refused
    vonmisesvariate = paretovariate = weibullvariate = binomialvariate = _refused


def provider(seed: int | str = 1) -> RestoreProvider:
    generator = Generator()
    generator.random = OneMethod(seed)
    return RestoreProvider(generator)


def generated(wanted: GeneratedRestores, seed: int | str = 1) -> Made:
    return list(provider(seed).generated_restores(wanted))


def rows(*wanted: RestoreRow) -> Made:
    return provider().restore_rows(wanted, NOW)


def statuses(made: Made) -> list[Status]:
    return [status_at(timeline, LATER) for _, timeline in made]


@given(st.integers(0, 300), OUTCOMES, st.integers(0, 10**9), st.integers(0, 10**6), st.integers())
def test_any_wanted_number_is_made_with_its_statuses_in_proportion_and_ids_that_rise(
    count: int, outcomes: dict[Status, int], begin: int, spare: int, seed: int
) -> None:
    since = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(milliseconds=begin)
    until = since + timedelta(milliseconds=count + spare)
    made = generated(GeneratedRestores(count=count, outcomes=outcomes, since=since, until=until), seed)
    ids = [restore_id for restore_id, _ in made]
    assert len(ids) == count
    assert all(before < after for before, after in itertools.pairwise(ids))
    assert all(unix_milliseconds(since) <= restore_id < unix_milliseconds(until) for restore_id in ids)
    assert ids == [timeline.initiated for _, timeline in made]
    shares = apportioned(count, outcomes)
    assert {status: statuses(made).count(status) for status in outcomes} == shares


@given(st.integers(0, 10**6), OUTCOMES)
def test_shares_add_up_and_are_less_than_one_from_the_exact_proportion(count: int, weights: dict[Status, int]) -> None:
    shares = apportioned(count, weights)
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
def test_what_is_left_over_goes_to_the_largest_remainders(
    count: int, weights: tuple[int, ...], shares: tuple[int, ...]
) -> None:
    proportions = dict(zip(Status, weights, strict=False))
    assert tuple(apportioned(count, proportions).values()) == shares


def test_restores_that_have_not_ended_are_the_newest() -> None:
    made = statuses(generated(GeneratedRestores(count=70, outcomes=dict.fromkeys(Status, 1))))
    not_ended = {Status.SCHEDULED, Status.IN_PROGRESS, Status.ABORTING}
    assert set(made[-30:]) == not_ended
    assert not_ended.isdisjoint(made[:-30])


@given(st.sampled_from(Status), st.integers())
def test_a_life_that_was_drawn_goes_in_order(status: Status, seed: int) -> None:
    ((_, life),) = generated(GeneratedRestores(count=1, outcomes={status: 1}), seed)
    moments = (life.initiated, life.starts_at, life.abort_requested_at, life.ends_at)
    instants = [instant for instant in moments if instant is not None]
    assert instants == sorted(instants)


def test_the_same_seed_makes_the_same_and_another_seed_others() -> None:
    wanted = GeneratedRestores(count=50)
    assert generated(wanted, 1) == generated(wanted, 1)
    assert generated(wanted, 1) != generated(wanted, 2)


def test_what_a_seed_makes_stays_what_it_is() -> None:
    wanted = GeneratedRestores(count=3, outcomes={Status.FAILED: 2, Status.ABORTED: 1})
    assert [(restore_id, life.outcome, life.ends_at) for restore_id, life in generated(wanted, "1/0.0.0")] == [
        (1707571456910, "failed", 1707572375522),
        (1710970704581, "failed", 1710971323432),
        (1718518333935, "aborted", 1718519093794),
    ]


@pytest.mark.parametrize("status", Status)
def test_a_row_is_held_in_its_status(status: Status) -> None:
    made = rows(RestoreRow(status=status))
    assert statuses(made) == [status]


def test_the_first_row_of_a_file_is_the_newest() -> None:
    made = rows(
        RestoreRow(status=Status.FAILED), RestoreRow(status=Status.COMPLETED), RestoreRow(status=Status.ABORTED)
    )
    assert statuses(made) == [Status.ABORTED, Status.COMPLETED, Status.FAILED]
    assert [timeline.initiated for _, timeline in made] == [restore_id for restore_id, _ in made]


def test_a_row_keeps_the_id_and_the_instants_that_it_was_given() -> None:
    moment = datetime(2021, 1, 20, 11, 19, 54, 494_000, tzinfo=UTC)
    ((restore_id, timeline),) = rows(
        RestoreRow(id=1693287033325, restoreTimestamp=moment, status=Status.COMPLETED, completedAt=moment)
    )
    assert restore_id == 1693287033325
    assert timeline.initiated == timeline.starts_at == timeline.ends_at == unix_milliseconds(moment)


def test_a_row_with_an_id_alone_is_initiated_at_that_instant() -> None:
    ((restore_id, timeline),) = rows(RestoreRow(id=1693287033325, status=Status.FAILED))
    assert restore_id == timeline.initiated == 1693287033325


def test_a_row_with_an_instant_alone_has_it_as_its_id() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    ((restore_id, timeline),) = rows(RestoreRow(restoreTimestamp=moment, status=Status.FAILED))
    assert restore_id == timeline.initiated == unix_milliseconds(moment)


def test_an_id_that_is_taken_moves_on_to_the_next_that_is_free() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    instant = unix_milliseconds(moment)
    made = rows(
        RestoreRow(id=instant + 1, status=Status.FAILED),
        RestoreRow(restoreTimestamp=moment, status=Status.FAILED),
        RestoreRow(restoreTimestamp=moment, status=Status.FAILED),
    )
    assert [restore_id for restore_id, _ in made] == [instant, instant + 1, instant + 2]
    assert [timeline.initiated for _, timeline in made] == [instant, instant + 1, instant]


def test_a_row_without_instants_moves_both_on_where_its_id_is_taken() -> None:
    ((taken, _),) = rows(RestoreRow(status=Status.FAILED))
    made = rows(RestoreRow(id=taken, status=Status.FAILED), RestoreRow(status=Status.FAILED))
    assert [restore_id for restore_id, _ in made] == [taken, taken + 1]
    assert made[1][1].initiated == taken + 1


def test_a_row_that_was_completed_before_it_was_initiated_is_completed_all_the_same() -> None:
    row = RestoreRow(
        restoreTimestamp=datetime(2024, 5, 2, tzinfo=UTC),
        status=Status.COMPLETED,
        completedAt=datetime(2024, 5, 1, tzinfo=UTC),
    )
    ((_, timeline),) = rows(row)
    assert timeline.ends_at == unix_milliseconds(datetime(2024, 5, 1, tzinfo=UTC))
    assert status_at(timeline, LATER) is Status.COMPLETED
