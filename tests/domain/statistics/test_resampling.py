"""Intervals that resample whole events, and p-values that allow for having tried many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statistics.resampling import difference, interval, numbered, stepdown

GAINS = np.array([0.1, -1.0, 0.4, 0.2, -0.3, 0.5, 0.9, -1.0, 0.3, 0.0])[:, None]
ALONE = np.arange(10)


def test_the_same_numbers_give_the_same_interval() -> None:
    one, again = interval(GAINS, ALONE, seed=3), interval(GAINS, ALONE, seed=3)
    assert (one.low, one.high) == (again.low, again.high)
    assert one.mean[0] == pytest.approx(0.01)  # 0.1 / 10
    assert one.low[0] < 0.01 < one.high[0]


def test_ten_copies_of_one_trade_in_its_event_make_us_no_surer() -> None:
    """An event is one draw however often we traded in it; taken as independent trades the interval would be three times too narrow."""
    once, often = interval(GAINS, ALONE), interval(np.repeat(GAINS, 10, axis=0), np.repeat(ALONE, 10))
    assert (often.low[0], often.high[0]) == pytest.approx((once.low[0], once.high[0]))
    assert interval(np.repeat(GAINS, 10, axis=0), np.arange(100)).low[0] > once.low[0]


@pytest.mark.parametrize(("events", "known"), [(4, False), (5, True)])
def test_of_fewer_than_five_events_there_is_no_interval(events: int, known: bool) -> None:
    found = interval(GAINS, ALONE % events)
    assert np.isfinite(found.low[0]) == known
    assert found.mean[0] == pytest.approx(0.01)


def test_of_nothing_nothing_is_known() -> None:
    found = interval(np.empty((0, 2)), np.empty(0, np.int64))
    assert np.isnan(found.mean).all()


@given(st.floats(-5, 5))
def test_what_is_added_to_all_is_added_to_the_bounds(shift: float) -> None:
    before, after = interval(GAINS, ALONE, draws=50), interval(GAINS + shift, ALONE, draws=50)
    assert after.low[0] == pytest.approx(before.low[0] + shift, abs=1e-6)
    assert after.high[0] == pytest.approx(before.high[0] + shift, abs=1e-6)


def test_the_interval_of_skewed_gains_covers_about_as_often_as_it_says() -> None:
    """Shares bought at 0.20 that win 1 in 5: +400 % or -100 %, mean 0. 60 of them a time, 150 times; 90 % give or take three errors."""
    chance = np.random.default_rng(1)
    draws = np.where(chance.random((150, 60)) < 0.2, 4.0, -1.0)
    found = [interval(one[:, None], np.arange(60), draws=300, seed=seed) for seed, one in enumerate(draws)]
    covered = np.mean([one.low[0] <= 0 <= one.high[0] for one in found])
    assert 0.90 - 3 * 0.0245 <= covered <= 0.90 + 3 * 0.0245  # (0.9 x 0.1 / 150) ** 0.5


def test_the_best_of_many_useless_variants_is_no_find() -> None:
    """Twenty variants without an edge, sixty times: alone one of them looks good (p below 5 %) most of the time, corrected hardly ever."""
    chance = np.random.default_rng(2)
    tables = [chance.normal(0, 1, (40, 20)) for _ in range(60)]
    best = [stepdown(table, np.arange(40), draws=100).min() for table in tables]
    alone = [min(stepdown(table[:, [column]], np.arange(40), draws=100)[0] for column in range(20)) for table in tables[:10]]
    assert np.mean(np.array(best) <= 0.05) <= 0.05 + 3 * 0.028  # (0.05 x 0.95 / 60) ** 0.5
    assert np.mean(np.array(alone) <= 0.05) >= 0.4


def test_a_variant_that_gains_is_found_among_useless_ones() -> None:
    table = np.random.default_rng(5).normal(0, 1, (60, 10))
    table[:, 4] += 1
    corrected = stepdown(table, np.arange(60))
    assert corrected[4] < 0.01
    assert np.delete(corrected, 4).min() > 0.05


def test_a_corrected_p_is_never_below_that_of_a_single_trial() -> None:
    table = np.random.default_rng(4).normal(0.1, 1, (30, 6))
    corrected = stepdown(table, np.arange(30))
    alone = [stepdown(table[:, [column]], np.arange(30))[0] for column in range(6)]
    assert (corrected >= np.array(alone) - 1e-12).all()


@pytest.mark.parametrize("events", [1, 2, 3, 4, 5])
def test_of_a_handful_of_events_chance_is_not_called_sure(events: int) -> None:
    """Two markets that both won by about as much had p = 0.001: without any edge half of all short recordings looked sure."""
    chance = np.random.default_rng(6)
    found = [stepdown(chance.normal(0, 1, (events, 1)), np.arange(events), draws=200, seed=seed)[0] for seed in range(200)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 3 * 0.0154  # (0.05 x 0.95 / 200) ** 0.5


def test_what_both_share_is_no_difference() -> None:
    """The same copies on both sides: whatever is drawn, the difference is none."""
    same = (GAINS[:, 0], ALONE)
    found = difference(same, same)
    assert (found.mean[0], found.low[0], found.high[0]) == (0, 0, 0)


def test_names_become_numbers() -> None:
    assert numbered(["b", "a", "b"]).tolist() == [1, 0, 1]
