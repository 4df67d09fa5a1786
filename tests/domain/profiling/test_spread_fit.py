"""What a fit of recorded books says of markets that it did not see, and what it must not say."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from domain.profiling.spread_fit import DAYS, FEWEST, PRIOR, fit_spread, fit_spreads
from domain.profiling.spreads import ANY, EVEN_HOURS, Spread

T0 = datetime(2026, 11, 3, tzinfo=UTC)


def costs(markets: int, books: int, seed: int = 1, between: float = 0.5, within: float = 0.2, **columns: Any) -> pl.DataFrame:
    """Books at 0.50 that cost a cent, times what is the market's own and the book's own. Of each market one a day, without an end."""
    chance = np.random.default_rng(seed)
    market = np.repeat(np.arange(markets), books)
    factor = chance.normal(0, between, markets)[market] + chance.normal(0, within, market.size)
    rows = {"market": market.astype(str), "price": 0.5, "cost": 0.01 * np.exp(factor), "to_end_s": None, "taken_at": T0, **columns}
    return pl.DataFrame(rows).with_columns(pl.col("to_end_s").cast(pl.Float64))


def test_the_interval_is_of_markets_not_of_books() -> None:
    """Markets differ by e^0.5: 90 % within a factor of e^(1.645 x 0.54) = 2.4 each way, though the books of one differ by e^0.2."""
    spread = fit_spread(costs(200, 20))
    assert spread.even == pytest.approx(0.01, rel=0.1)
    assert (1 / spread.low, spread.high) == pytest.approx((2.4, 2.4), rel=0.15)
    assert spread.mean == pytest.approx(np.exp((0.5**2 + 0.2**2) / 2), rel=0.1)
    assert spread.rests_on == 200


def test_a_market_with_many_books_counts_no_more_than_one_with_few() -> None:
    few, many = costs(20, 5, seed=2, between=0), costs(1, 5_000, seed=3, between=0)
    dear = many.with_columns(pl.lit("dear").alias("market"), pl.col("cost") * 4)
    assert fit_spread(pl.concat([few, dear])).even == pytest.approx(0.01 * 4 ** (1 / 21), rel=0.05)


@pytest.mark.parametrize("markets", [6, 12, 200])
def test_a_category_is_drawn_to_all_together_the_more_the_fewer_its_markets(markets: int) -> None:
    """A wider fit of 4 cents counts as four markets: of n markets at a cent, 4^(4 / (n + 4)) cents."""
    wider = Spread(0.04, 0.0, 1.0, 1.0, 1.0)
    found = fit_spread(costs(markets, 5, between=0.01, within=0.01), wider)
    assert found.even == pytest.approx(0.01 * 4 ** (PRIOR / (markets + PRIOR)), rel=0.02)


def test_few_markets_make_the_interval_wider() -> None:
    """The same errors, ten times as many markets: one part in n, on the logarithm."""
    once = costs(6, 50, between=0.3)
    often = pl.concat([once.with_columns(pl.format("{} {}", "market", pl.lit(copy)).alias("market")) for copy in range(10)])
    few, many = fit_spread(once), fit_spread(often)
    assert few.high > many.high
    assert few.low < many.low


def timed(power: float, markets: int = 20, seed: int = 5) -> pl.DataFrame:
    """Ends between a minute and a day away, whose nearness makes books dearer by a power."""
    to_end_s = np.exp(np.random.default_rng(seed).uniform(np.log(60), np.log(86_400), markets * 20))
    rows = costs(markets, 20, seed, to_end_s=to_end_s)
    return rows.with_columns(pl.col("cost") * (pl.col("to_end_s") / 3_600) ** -power)


def test_that_books_get_thinner_towards_the_end_is_found_where_it_is_so() -> None:
    spread = fit_spread(timed(0.3))
    assert spread.ending is not None
    assert spread.ending.power == pytest.approx(0.3 * 20 / 24, rel=0.15)  # 20 markets, drawn to nothing by four
    soon, later = spread.at(np.full(2, 0.5), np.array([60.0, 86_400.0]), np.full(2, np.nan))
    assert soon > 3 * later


@pytest.mark.parametrize(("rows", "why"), [(timed(0.0), "nothing to find"), (timed(0.3, FEWEST - 1), "too few markets")])
def test_an_end_that_does_not_help_or_of_too_few_markets_is_left_out(rows: pl.DataFrame, why: str) -> None:
    assert fit_spread(rows).ending is None, why


def test_beyond_the_recorded_ends_the_nearest_recorded_one_stands_and_an_unknown_one_is_usual() -> None:
    spread = fit_spread(timed(0.3))
    assert spread.ending is not None
    ends = np.array([1e9, spread.ending.farthest_s, 0.0, spread.ending.nearest_s, np.nan, spread.ending.usual_s])
    far, farthest, past, nearest, unknown, usual = spread.at(np.full(6, 0.5), ends, np.full(6, np.nan))
    assert (far, past, unknown) == (farthest, nearest, usual)


def by_hour(days: int, night: float, markets: int = 24) -> pl.DataFrame:
    """Every market at 3:00 and at 15:00, on one of so many days; the night costs so many times as much."""
    rows = costs(markets, 20)
    place, book = pl.col("market").cast(pl.Int64), pl.int_range(pl.len()) % 2
    taken_at = pl.lit(T0) + pl.duration(days=place % days, hours=3 + 12 * book)
    return rows.with_columns(taken_at.alias("taken_at"), pl.when(book == 0).then(pl.col("cost") * night).otherwise("cost").alias("cost"))


def test_the_hour_counts_where_enough_days_show_it() -> None:
    spread = fit_spread(by_hour(DAYS, 3.0))
    assert spread.hours[0] > 2 * spread.hours[2]
    assert spread.hours[1] == spread.hours[3] == 1  # of hours nobody recorded, nothing is said


@pytest.mark.parametrize("rows", [by_hour(DAYS - 1, 3.0), by_hour(DAYS, 1.0)], ids=["days that are no hours", "hours that cost the same"])
def test_the_hour_does_not_count_where_days_are_few_or_it_does_not_help(rows: pl.DataFrame) -> None:
    assert fit_spread(rows).hours == EVEN_HOURS


def test_of_a_category_that_was_not_recorded_the_interval_is_that_of_a_category_left_out() -> None:
    """Two categories, a cent and nine: each foresees the other wrong by nine times, though markets of one are alike."""
    cheap, dear = costs(10, 5, between=0.01), costs(10, 5, seed=2, between=0.01)
    rows = [
        cheap.with_columns(pl.lit("a").alias("category")),
        dear.with_columns(pl.lit("b").alias("category"), pl.format("d{}", "market").alias("market"), pl.col("cost") * 9),
    ]
    spreads = fit_spreads(pl.concat(rows).with_columns(pl.lit(100.0).alias("notional")))
    assert spreads[ANY][100.0].even == pytest.approx(0.03, rel=0.05)
    assert spreads[ANY][100.0].high > 9
    assert spreads["a"][100.0].high < 2


def test_a_category_of_too_few_markets_has_no_fit_of_its_own() -> None:
    rows = pl.concat([costs(FEWEST, 5).with_columns(category=pl.lit("a")), costs(FEWEST - 1, 5).with_columns(category=pl.lit("b"))])
    assert set(fit_spreads(rows.with_columns(notional=100.0))) == {ANY, "a"}
