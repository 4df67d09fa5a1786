"""What a reliability table, a Brier score and their intervals are, on numbers worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statistics.calibration import FEWEST, reliability, resampled_ratio, scores_of, wilson


def test_a_brier_score_and_a_log_loss_by_hand() -> None:
    """Said 0.8 and it came, said 0.4 and it did not: (0.04 + 0.16) / 2; -(ln 0.8 + ln 0.6) / 2."""
    found = scores_of(np.array([0.8, 0.4]), np.array([1.0, 0.0]), np.arange(2))
    assert (found.brier, found.log_loss) == (pytest.approx(0.10), pytest.approx(0.36698, abs=1e-5))
    assert found.gap == pytest.approx(-0.1)  # one of two came, 1.2 of 2 were said


def test_a_forecast_of_nothing_that_came_true_costs_much_and_not_without_end() -> None:
    assert 10 < scores_of(np.zeros(1), np.ones(1), np.arange(1)).log_loss < 20


@pytest.mark.parametrize(("count", "has_figure"), [(FEWEST - 1, False), (FEWEST, True)])
def test_of_too_few_forecasts_no_share_is_told(count: int, has_figure: bool) -> None:
    (found,) = reliability(np.full(count, 0.5), np.ones(count))
    assert found.count == count
    assert (found.came is not None) is has_figure


def test_each_forecast_is_in_one_bin_and_a_boundary_belongs_to_the_upper() -> None:
    found = reliability(np.array([0.0, 0.2, 0.199, 1.0]), np.ones(4))
    assert [(bin_.from_, bin_.count) for bin_ in found] == [(0.0, 2), (0.2, 1), (0.8, 1)]


@pytest.mark.parametrize(("hits", "of", "low", "high"), [(8, 10, 0.541, 0.931), (0, 10, 0.0, 0.213), (0, 0, 0.0, 1.0)])
def test_wilsons_interval(hits: float, of: int, low: float, high: float) -> None:
    """At 90 %, by the formula of 1927: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with z = 1.645."""
    assert wilson(hits, of) == (pytest.approx(low, abs=2e-3), pytest.approx(high, abs=2e-3))


@given(st.integers(0, 200), st.integers(1, 200))
def test_a_share_lies_within_its_own_interval(hits: int, of: int) -> None:
    hits = min(hits, of)
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1


def test_what_stands_or_falls_together_is_one_observation() -> None:
    """Forty forecasts of four units: as wide as four observations, not as forty. The mean of each unit's ten is all there is."""
    values = np.repeat([0.0, 1.0, 0.0, 1.0], 10)
    together = resampled_ratio(values, np.ones(40), np.repeat(np.arange(4), 10))
    alone = resampled_ratio(values, np.ones(40), np.arange(40))
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])
