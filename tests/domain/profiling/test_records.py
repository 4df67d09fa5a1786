"""What closed positions come to: against the price paid, by return, by size. By hand, and against wallets without skill."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any

import numpy as np
import polars as pl
import pytest

from data_contracts import ClosedPosition
from data_contracts.frames import frame_of
from domain.profiling.records import record, usable_numbers
from domain.profiling.wallet_profiling import EVER

WALLET = "0x" + "a" * 40
Build = Callable[..., Any]


@pytest.fixture(scope="session")
def record_of(as_of: datetime) -> Build:
    """The record of positions of 100 shares, each (price paid, payout, proceeds, changes)."""

    def build(*rows: tuple[Any, ...]) -> dict[str, Any]:
        made = []
        for number, (paid, payout, proceeds, *changes) in enumerate(rows):
            cost = Decimal(str(paid)) * 100
            worth = Decimal(str(proceeds)) if proceeds else Decimal(str(payout)) * 100
            fields: dict[str, Any] = {
                "wallet": WALLET,
                "market_id": f"market {number}",
                "token_id": f"token {number:03}",
                "outcome": "Yes",
                "category": "politics",
                "bought_shares": Decimal(100),
                "sold_shares": Decimal(100 if proceeds else 0),
                "cost": cost,
                "proceeds": Decimal(str(proceeds)),
                "payout": None if payout is None else Decimal(str(payout)),
                "realized_pnl": worth - cost,
                "trades": 1,
                "opened_at": as_of - timedelta(days=2),
                "closed_at": as_of - timedelta(days=1),
                "hold_s": 86_400.0,
                "oversold": False,
                "as_of": as_of,
            }
            made.append(ClosedPosition(**(fields | (changes[0] if changes else {}))))
        numbers = usable_numbers(frame_of(made, ClosedPosition)).with_columns(pl.lit(0).cast(pl.Int64).alias("group"))
        return record(numbers, {0: EVER}).row(0, named=True)

    return build


def test_wins_count_against_what_the_prices_promised(record_of: Build) -> None:
    """Bought at 0.9, 0.5 and 0.2: 1.6 wins expected. Two came: 0.4 on top. Variance 0.09 + 0.25 + 0.16 = 0.50."""
    found = record_of((0.9, 1, 0), (0.5, 1, 0), (0.2, 0, 0))
    assert (found["priced_positions"], found["expected_wins"]) == (3, pytest.approx(1.6))
    assert found["excess_wins"] == pytest.approx(0.4)
    assert found["excess_wins_se"] == pytest.approx(sqrt(0.5))
    assert found["excess_wins_z"] == pytest.approx(0.4 / sqrt(0.5))


def test_who_buys_favourites_wins_often_and_shows_no_skill(record_of: Build) -> None:
    """Nine of ten at 0.90: a win rate of 90 % that the prices promised."""
    found = record_of(*[(0.9, 1, 0)] * 9, (0.9, 0, 0))
    assert (found["win_rate"], found["excess_wins"]) == (0.9, pytest.approx(0))


def test_a_sale_before_the_end_is_judged_by_what_the_token_came_to(record_of: Build) -> None:
    """Sold at 0.30 what had cost 0.40, and it won: a loss, and still 0.60 above its price. An open market tells nothing yet."""
    found = record_of((0.4, 1, 30), (0.4, None, 30))
    assert (found["wins"], found["priced_positions"], found["excess_wins"]) == (0, 1, pytest.approx(0.6))


def test_a_certain_price_has_no_error_and_no_ratio(record_of: Build) -> None:
    found = record_of((1.0, 1, 0))
    assert (found["excess_wins"], found["excess_wins_se"], found["excess_wins_z"]) == (0, None, None)


def test_what_is_oversold_is_in_no_statistic(record_of: Build) -> None:
    found = record_of((0.5, 1, 0), (0.5, 1, 0, {"oversold": True}))
    assert (found["closed_positions"], found["oversold_positions"], found["priced_positions"]) == (1, 1, 1)


def test_without_skill_the_ratio_is_a_standard_normal(record_of: Build) -> None:
    """400 wallets of 40 positions at random prices, won by their prices: mean 0 within 4 x 1/20, deviation 1 within 4 x 1/sqrt(800)."""
    rng = np.random.default_rng(11)
    prices, dice = rng.uniform(0.05, 0.95, 16_000).round(2), rng.random(16_000)
    frame = pl.DataFrame(
        {
            "group": np.repeat(np.arange(400), 40),
            "closed_at": datetime(2026, 1, 1, tzinfo=UTC),
            "hold_s": 1.0,
            "usable": True,
            "pnl": 0.0,
            "cost": 1.0,
            "payout": (dice < prices).astype(float),
            "paid": prices,
        }
    )
    z = record(frame, {0: EVER})["excess_wins_z"].to_numpy()
    assert abs(z.mean()) < 0.2
    assert abs(z.std() - 1) < 0.15


def test_the_return_ratio_is_mean_by_deviation_of_the_returns(record_of: Build) -> None:
    """Returns 1 (0.50 → 1), -1 and 0.25 (0.80 → 1): mean 1/12, deviation sqrt(2.0625 - 3/144) / sqrt(2)."""
    found = record_of((0.5, 1, 0), (0.5, 0, 0), (0.8, 1, 0))
    assert found["return_ratio"] == pytest.approx((1 / 12) / sqrt((2.0625 - 3 / 144) / 2))


@pytest.mark.parametrize("rows", [[(0.5, 1, 0)], [(0.5, 1, 0)] * 2])
def test_one_return_or_equal_ones_have_no_ratio(record_of: Build, rows: list[Any]) -> None:
    assert record_of(*rows)["return_ratio"] is None


def test_concentration_is_what_the_largest_hold_of_all_that_was_invested(record_of: Build) -> None:
    """101 positions: 100 of 10 USD and one of 90. The top hundredth are two: 90 + 10 of 1,090."""
    found = record_of(*[(0.1, 0, 0)] * 100, (0.9, 0, 0))
    assert (found["largest_position_share"], found["top_percent_share"]) == (pytest.approx(90 / 1090), pytest.approx(100 / 1090))
