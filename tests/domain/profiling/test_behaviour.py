"""How wallets trade: the roles against the sandbox's truth, and each share by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters.feeds.polymarket.data_records import trades_of
from data_contracts import Side, Trade, WalletProfile
from data_contracts.frames import frame_of, rows_of
from domain.polymarket.markets import SCHEMA
from domain.profiling.behaviour import observed
from domain.profiling.wallet_profiling import closed_positions, profiles
from sandbox.data_rows import trade_row
from sandbox.world import World

A, B, C = ("0x" + letter * 40 for letter in "abc")
NO_CATEGORIES = pl.DataFrame(schema={"token_id": pl.String, "category": pl.String})
Build = Callable[..., Any]


@pytest.fixture(scope="session")
def traded(a_trade: Build) -> Build:
    """Trade rows of (wallet, side, shares, changes), numbered."""

    def build(*rows: tuple[Any, ...]) -> pl.DataFrame:
        made = [
            a_trade(f"t{n}", wallet=w, side=side, shares=Decimal(shares), **changes) for n, (w, side, shares, changes) in enumerate(rows)
        ]
        return frame_of(made, Trade)

    return build


@pytest.fixture(scope="session")
def profile_of(as_of: datetime) -> Build:
    def profile(trades: pl.DataFrame, markets: pl.DataFrame | None = None) -> WalletProfile:
        known = SCHEMA.to_frame() if markets is None else markets
        found = profiles(trades, known, closed_positions(trades, known, as_of), as_of)
        return next(row for row in rows_of(found, WalletProfile) if (row.wallet, row.category, row.window_days) == (A, "all", 0))

    return profile


def makers(trades: pl.DataFrame) -> list[bool | None]:
    return observed(trades, NO_CATEGORIES)["is_maker"].to_list()


def test_the_taker_of_three_is_who_traded_with_both_others(traded: Build) -> None:
    assert makers(traded((A, Side.SELL, 60, {}), (B, Side.BUY, 100, {}), (C, Side.SELL, 40, {}))) == [True, False, True]


def test_the_taker_of_two_is_who_has_fewer_rows(traded: Build) -> None:
    assert makers(traded((A, Side.SELL, 60, {}), (B, Side.BUY, 100, {}), (A, Side.SELL, 40, {}))) == [True, False, True]


def test_of_two_with_a_row_each_nobody_can_tell(traded: Build) -> None:
    assert makers(traded((A, Side.SELL, 60, {}), (B, Side.BUY, 60, {}))) == [None, None]


def test_three_wallets_of_which_none_traded_half_are_no_single_match(traded: Build) -> None:
    assert makers(traded((A, Side.SELL, 60, {}), (B, Side.BUY, 60, {}), (C, Side.SELL, 60, {}))) == [None, None, None]


def test_trades_without_a_transaction_have_no_role(traded: Build) -> None:
    assert makers(traded(*((wallet, Side.BUY, 10, {"tx_hash": ""}) for wallet in (A, B, C)))) == [None, None, None]


@pytest.fixture(scope="module")
def world() -> tuple[pl.DataFrame, pl.Series]:
    """A sandbox world's trades as the feed tells them, and who truly was the maker."""
    world = World(7, datetime(2026, 11, 21, 12, tzinfo=UTC), wallets=80, history_days=6)
    true = [trade for _, trade in world.at(world.origin.timestamp()).trades()]
    told = trades_of([trade_row(trade) for trade in true], "sandbox")
    return told, pl.Series("truth", [not trade.is_taker for trade in reversed(true)])


def test_every_role_told_is_the_truth_and_makers_are_told_from_takers(world: tuple[pl.DataFrame, pl.Series]) -> None:
    """A wallet's maker share, over the trades whose role can be told, is off by less than 0.06 on average."""
    trades, truth = world
    both = trades.with_columns(truth).sort("traded_at", maintain_order=True)
    found = both.select("wallet", "truth").with_columns(observed(trades, NO_CATEGORIES)["is_maker"])
    told = found.drop_nulls("is_maker")
    assert (told["is_maker"] == told["truth"]).all()
    assert 0.2 < told.height / found.height < 0.6
    shares = (
        found.group_by("wallet").agg(pl.col("is_maker", "truth").mean(), pl.col("is_maker").count().alias("n")).filter(pl.col("n") > 30)
    )
    assert shares.height > 20
    error = (shares["is_maker"] - shares["truth"]).abs().mean()
    assert isinstance(error, float)
    assert error < 0.06


@pytest.mark.parametrize(
    ("gaps_s", "regularity"),
    [
        ([60] * 10, 1.0),
        ([60] * 9, None),  # ten intervals are the fewest that say anything
        ([30, 90] * 5, 1 - 31.6228 / 60),  # mean 60, ten deviations of 30: sqrt(9000 / 9) = 31.62
        ([1] * 10 + [10_000], 0.0),  # a burst and a pause: the deviation is above the mean
    ],
)
def test_a_clock_is_regular_and_a_burst_is_not(
    traded: Build, profile_of: Build, as_of: datetime, gaps_s: list[int], regularity: Any
) -> None:
    at = [as_of - timedelta(days=1) + timedelta(seconds=sum(gaps_s[:n])) for n in range(len(gaps_s) + 1)]
    found = profile_of(traded(*((A, Side.BUY, 10, {"traded_at": instant}) for instant in at)))
    assert found.interval_regularity == (None if regularity is None else pytest.approx(regularity, abs=1e-4))


@pytest.mark.parametrize(("hours", "covered"), [(range(24), 1.0), (range(8, 20), 0.5)])
def test_who_sleeps_leaves_hours_without_trades(traded: Build, profile_of: Build, as_of: datetime, hours: range, covered: float) -> None:
    """24 trades or more; an even share of 48 is two an hour, a quarter of that half a trade."""
    days = [as_of.replace(hour=0) - timedelta(days=day) for day in range(1, 5)]
    at = [day + timedelta(hours=hour) for day in days for hour in hours]
    assert profile_of(traded(*((A, Side.BUY, 10, {"traded_at": instant}) for instant in at))).hours_covered == covered


def test_both_ways_within_an_hour_of_a_market_are_both_sides(traded: Build, profile_of: Build, as_of: datetime) -> None:
    """Four cells: bought both outcomes; bought and sold; bought one and sold the other, which is one way; bought only: 2 of 4."""
    at = [{"traded_at": as_of - timedelta(hours=hours), "market_id": f"market {hours}"} for hours in (2, 4, 6, 8)]
    yes, no = {"token_id": "a yes"}, {"token_id": "no"}
    found = profile_of(
        traded(
            (A, Side.BUY, 10, at[0] | yes), (A, Side.BUY, 10, at[0] | no),
            (A, Side.BUY, 10, at[1] | yes), (A, Side.SELL, 10, at[1] | yes),
            (A, Side.BUY, 10, at[2] | yes), (A, Side.SELL, 10, at[2] | no),
            (A, Side.BUY, 10, at[3] | yes),
        )
    )  # fmt: skip
    assert found.both_sides == 0.5
    assert found.bot_likeness == 0.5  # the only one of the three that is known


def test_sizes_are_quantiles_of_usd(traded: Build, profile_of: Build) -> None:
    """0, 10, … 100 USD: 10 % of the way is 10, 90 % is 90, 99 % is 99."""
    found = profile_of(traded(*((A, Side.BUY, 10, {"notional": Decimal(10 * n)}) for n in range(11))))
    assert (found.notional_p10, found.median_notional, found.notional_p90, found.notional_p99) == (10, 50, 90, pytest.approx(99))
