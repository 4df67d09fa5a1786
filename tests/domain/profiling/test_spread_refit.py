"""The shipped fit, moved towards books of our own: how far, and how sure that is of markets it did not see."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from domain.profiling.spread_fit import FEWEST
from domain.profiling.spread_refit import foreseen, refit
from domain.profiling.spreads import ANY, FITTED, cost_of

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)


def books(category: str, markets: int, cost: float, seed: int = 1, spread: float = 0.4) -> pl.DataFrame:
    """Ten books each of 100 USD at 0.50, whose markets differ by e^`spread`."""
    chance = np.random.default_rng(seed)
    market = np.repeat(np.arange(markets), 10)
    factor = chance.normal(0, spread, markets)[market] + chance.normal(0, 0.1, market.size)
    named = pl.Series("market", [f"{category} {seed} {one}" for one in market])
    rows = pl.DataFrame({"market": named, "price": 0.5, "cost": cost * np.exp(factor), "notional": 100.0, "category": category})
    return rows.with_columns(pl.lit(T0).alias("taken_at"), pl.lit(None, pl.Float64).alias("to_end_s"))


def cost_at_even(spreads: object, category: str) -> float:
    return float(cost_of(np.array([category], object), np.array([0.5]), 100, spreads).mean[0])  # type: ignore[arg-type]


def test_without_books_of_our_own_the_shipped_fit_stands() -> None:
    assert refit(books("sports", 1, 0.1).clear()) == FITTED


@pytest.mark.parametrize(("markets", "moved"), [(FEWEST - 1, False), (FEWEST, True)])
def test_a_category_is_fitted_anew_from_so_many_markets_on(markets: int, moved: bool) -> None:
    assert (refit(books("sports", markets, 0.1))["sports"][100] != FITTED["sports"][100]) == moved
    assert refit(books("sports", markets, 0.1))["sports"][1000] == FITTED["sports"][1000]  # a size without books stays


def test_the_more_markets_we_saw_the_less_the_shipped_fit_counts() -> None:
    """Sports is shipped at 2 cents; ours cost 8."""
    few, many = (cost_at_even(refit(books("sports", markets, 0.08, spread=0.05)), "sports") for markets in (FEWEST, 200))
    assert cost_at_even(FITTED, "sports") < few < many
    assert many == pytest.approx(0.08, rel=0.05)


def test_a_category_that_was_never_recorded_gets_its_own_fit_and_the_unrecorded_ones_keep_theirs() -> None:
    fitted = refit(books("politics", 40, 0.004))
    assert cost_at_even(fitted, "politics") == pytest.approx(0.004, rel=0.3)
    assert fitted[ANY] == FITTED[ANY]
    assert cost_at_even(fitted, "weather") == cost_at_even(FITTED, "weather")


def test_many_categories_of_our_own_say_what_one_unseen_may_cost() -> None:
    """Eight that are alike: the interval of a ninth is narrower than what two that differ gave."""
    rows = pl.concat([books(f"c{seed}", 20, 0.01, seed) for seed in range(8)])
    own, shipped = refit(rows)[ANY][100], FITTED[ANY][100]
    assert own.high / own.low < shipped.high / shipped.low
    assert own.rests_on == 8 + shipped.rests_on


def test_what_our_books_do_not_say_of_endings_stays_as_it_was_shipped() -> None:
    """Ours were all taken at the usual time: the law of the ends is not theirs to change, and their cost is what it says there."""
    usual = FITTED["crypto"][100].ending
    assert usual is not None
    fitted = refit(books("crypto", 300, 0.02, spread=0.05).with_columns(pl.lit(usual.usual_s).alias("to_end_s")))["crypto"][100]
    assert fitted.ending == usual
    assert fitted.even * fitted.mean == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("category", ["sports", "politics"])
@pytest.mark.parametrize("markets", [12, 40])
def test_intervals_hold_for_markets_that_the_refit_did_not_see(category: str, markets: int) -> None:
    """Twenty worlds: markets differ by e^0.4, and each world is as unlike the shipped fit as 3 cents are unlike it."""
    shares = [
        foreseen(books(category, 60, 0.03, seed=100 + seed), refit(books(category, markets, 0.03, seed)))[category].covered
        for seed in range(20)
    ]
    assert 0.85 <= np.mean([share for share in shares if share is not None]) <= 0.97


def test_of_no_books_nothing_was_foreseen() -> None:
    assert foreseen(books("sports", 1, 0.1).clear(), FITTED) == {}
