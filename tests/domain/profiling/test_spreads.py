"""What buying at once costs, by recorded books."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.profiling.book_costs import THIN, average_price, cost_or_thin
from domain.profiling.spread_fit import fit_spreads
from domain.profiling.spreads import ANY, FITTED, SIZES, Spread, cost_of
from evaluation.spreads import HIGH, LOW, left_out
from evaluation.worlds.order_books import NAME, book_costs


@pytest.fixture(scope="module")
def recorded() -> pl.DataFrame:
    place = Path(os.environ.get("WALLETFLOW_RECORDINGS", "")) / NAME
    if not place.is_dir():
        pytest.skip(f"WALLETFLOW_RECORDINGS names no directory with {NAME}")
    return book_costs(place)


@given(st.sampled_from([*FITTED, "weather"]), st.floats(0, 1), st.floats(1, 100_000), st.floats(-1e6, 1e9), st.integers(0, 23))
def test_every_copy_costs_something_and_the_interval_holds_its_middle(
    category: str, price: float, notional: float, to_end_s: float, hour: int
) -> None:
    found = cost_of(np.array([category], object), np.array([price]), notional, FITTED, np.array([to_end_s]), np.array([float(hour)]))
    assert 0 < found.low[0] < found.mean[0] < found.high[0]


@pytest.mark.parametrize("category", ["crypto", "sports", ANY])
def test_more_money_costs_more_a_share(category: str) -> None:
    means = [cost_of(np.array([category], object), np.array([0.5]), notional).mean[0] for notional in (10, 30, 100, 300, 1000)]
    assert means == sorted(means)


def test_between_two_fitted_sizes_cost_goes_with_the_logarithm() -> None:
    """316 USD lies halfway between 100 and 1,000: the root of 0.01 x 0.04."""
    sizes = {100.0: Spread(0.01, 0, 1, 1, 1), 1000.0: Spread(0.04, 0, 1, 1, 1)}
    assert cost_of(np.array(["x"], object), np.array([0.5]), 10**2.5, {"x": sizes, ANY: sizes}).mean[0] == pytest.approx(0.02)


def test_the_same_usd_are_more_shares_where_the_price_is_low() -> None:
    """At 0.10 ten times the shares of 1.00, five times those of 0.50: dearer by 5 ^ tilt than by the middle's law."""
    sizes = {100.0: Spread(0.01, 0, 1, 1, 1, tilt=0.3)}
    low = cost_of(np.array(["x"], object), np.array([0.1]), 100, {"x": sizes, ANY: sizes}).mean[0]
    assert low == pytest.approx(0.01 * 5**0.3)


def test_a_category_is_known_by_its_first_word() -> None:
    """sports/mlb was charged as a category that nobody had recorded."""
    found = [cost_of(np.array([name], object), np.array([0.5]), 100).mean[0] for name in ("sports/mlb", "Sports", "sports", "weather/mlb")]
    assert found[0] == found[1] == found[2] != found[3]


def test_a_book_is_walked_level_by_level_and_a_thin_one_cannot_be_had() -> None:
    """10 USD at 0.50 are 20 shares, 10 more at 0.625 are 16: 20 USD for 36 shares."""
    asks = [(0.50, 20.0), (0.625, 100.0)]
    assert average_price(asks, 20) == pytest.approx(20 / 36)
    assert average_price(asks, 500) is None
    assert cost_or_thin(asks, 500, 0.49) == pytest.approx(0.01 + THIN)


def test_a_thin_book_costs_no_more_than_a_share_can_be_worth() -> None:
    """At 0.98 half a USD above the best was 1.48 a share: a few such books made 100 USD of crypto a sixth dearer in the mean."""
    assert cost_or_thin([(0.98, 1.0)], 500, 0.975) == pytest.approx(0.025)


@pytest.mark.parametrize("category", ["crypto", "sports"])
def test_what_a_wallet_pays_over_many_markets_lies_where_its_rating_says(recorded: pl.DataFrame, category: str) -> None:
    """Of thin books no quantile tells, and by the quantiles 0.69 of crypto's wallets did with 1,000 USD; the deviation does tell."""
    assert np.mean([left_out(recorded, category, seed).averaged for seed in range(20)]) >= LOW


def test_every_recorded_game_is_read_whatever_way_its_sides_are_written(recorded: pl.DataFrame) -> None:
    """From July 2025 on the recorder wrote BUY and SELL: two of fourteen games were left out without a word, and the docs said fourteen."""
    assert dict(recorded.group_by("category").agg(pl.col("market").n_unique()).iter_rows()) == {"crypto": 18, "sports": 14}


def test_what_is_shipped_is_what_the_recordings_give(recorded: pl.DataFrame) -> None:
    found = fit_spreads(recorded)
    for category, sizes in FITTED.items():
        for size in SIZES:
            names = ("even", "bend", "tilt", "mean", "low", "high", "unsure")
            ours, theirs = ([getattr(one, name) for name in names] for one in (sizes[size], found[category][size]))
            assert ours == pytest.approx(theirs, rel=2e-3)
            assert (sizes[size].rests_on, sizes[size].hours) == (found[category][size].rests_on, found[category][size].hours)
            assert (sizes[size].ending is None) == (found[category][size].ending is None)


@pytest.mark.parametrize("category", ["crypto", "sports"])
def test_books_that_the_fit_did_not_see_cost_what_it_says(recorded: pl.DataFrame, category: str) -> None:
    """The mean over twenty halves of the recorded markets, as `walletflow evaluate spreads` prints it."""
    assert LOW <= np.mean([left_out(recorded, category, seed).inside for seed in range(20)]) <= HIGH
