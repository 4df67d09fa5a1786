"""What buying at once costs, by recorded books."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.profiling.spreads import ANY, FITTED, Spread, cost_of, fitted
from evaluation.spreads import HIGH, LOW, covered
from evaluation.worlds.order_books import NAME, THIN, book_costs, cost


def costs(markets: int, books: int, seed: int = 1, between: float = 0.5, within: float = 0.2) -> pl.DataFrame:
    """Books at 0.50 that cost a cent, times what is the market's own and the book's own."""
    chance = np.random.default_rng(seed)
    market = np.repeat(np.arange(markets), books)
    factor = chance.normal(0, between, markets)[market] + chance.normal(0, within, market.size)
    return pl.DataFrame({"market": market.astype(str), "price": 0.5, "cost": 0.01 * np.exp(factor)})


def test_the_interval_is_of_markets_not_of_books() -> None:
    """Markets differ by e^0.5: 90 % within a factor of e^(1.645 x 0.54) = 2.4 each way, though the books of one differ by e^0.2."""
    spread = fitted(costs(200, 20))
    assert spread.even == pytest.approx(0.01, rel=0.1)
    assert (1 / spread.low, spread.high) == pytest.approx((2.4, 2.4), rel=0.15)
    assert spread.mean == pytest.approx(np.exp((0.5**2 + 0.2**2) / 2), rel=0.1)


def test_a_market_with_many_books_counts_no_more_than_one_with_few() -> None:
    few, many = costs(20, 5, seed=2, between=0), costs(1, 5_000, seed=3, between=0)
    dear = many.with_columns(pl.lit("dear").alias("market"), pl.col("cost") * 4)
    assert fitted(pl.concat([few, dear])).even == pytest.approx(0.01 * 4 ** (1 / 21), rel=0.05)


@given(st.sampled_from([*FITTED, "weather"]), st.floats(0, 1), st.floats(1, 100_000))
def test_every_copy_costs_something_and_the_interval_holds_its_middle(category: str, price: float, notional: float) -> None:
    found = cost_of(np.array([category], object), np.array([price]), notional)
    assert 0 < found.low[0] < found.mean[0] < found.high[0]


@pytest.mark.parametrize("category", ["crypto", "sports", ANY])
def test_more_money_costs_more_a_share(category: str) -> None:
    means = [cost_of(np.array([category], object), np.array([0.5]), notional).mean[0] for notional in (10, 30, 100, 300, 1000)]
    assert means == sorted(means)


def test_between_two_fitted_sizes_cost_goes_with_the_logarithm() -> None:
    """316 USD lies halfway between 100 and 1,000: the root of 0.01 x 0.04."""
    sizes = {100.0: Spread(0.01, 0, 1, 1, 1), 1000.0: Spread(0.04, 0, 1, 1, 1)}
    assert cost_of(np.array(["x"], object), np.array([0.5]), 10**2.5, {"x": sizes, ANY: sizes}).mean[0] == pytest.approx(0.02)


def test_a_book_is_walked_level_by_level_and_a_thin_one_cannot_be_had() -> None:
    """10 USD at 0.50 are 20 shares, 10 more at 0.625 are 16: 20 USD for 36 shares."""
    asks = [(0.50, 20.0), (0.625, 100.0)]
    assert cost(asks, 20) == pytest.approx(20 / 36)
    assert cost(asks, 500) == 0.50 + THIN


def test_books_that_the_fit_did_not_see_cost_what_it_says() -> None:
    """The mean over eight halves of the recorded markets, by category (`walletflow evaluate spreads` takes twenty)."""
    place = Path(os.environ.get("WALLETFLOW_RECORDINGS", "")) / NAME
    if not place.is_dir():
        pytest.skip(f"WALLETFLOW_RECORDINGS names no directory with {NAME}")
    found = book_costs(place)
    for category in ("crypto", "sports"):
        own = found.filter(pl.col("category") == category)
        assert LOW <= np.mean([covered(own, seed) for seed in range(8)]) <= HIGH
