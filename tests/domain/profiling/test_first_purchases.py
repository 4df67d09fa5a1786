"""What came of the first purchase of a coin."""

from datetime import timedelta

import polars as pl
import pytest

from domain.profiling.first_purchases import FollowingPolicy, followed
from tests.domain.profiling.coins import Line, after, trades

DAY = 86_400.0


def came(*lines: Line, at_s: float = 1_000.0, wallet: str = "name:a") -> tuple[float, float]:
    """`got` and `held_s` of the wallet's first purchase."""
    rows = followed(trades(*lines), after(at_s)).filter(pl.col("wallet") == wallet)
    assert rows.height == 1
    return rows["got"][0], rows["held_s"][0]


def test_what_was_sold_is_followed_first_in_first_out() -> None:
    """100 coins for 1 SOL; 50 more for 2. Sold are 100 for 3, all of the first lot: 3 SOL for 1 after 60 s. The rest is not its."""
    lines: list[Line] = [(0, "name:a", "BUY", "100", "1"), (10, "name:a", "BUY", "50", "2"), (60, "name:a", "SELL", "100", "3")]
    assert came(*lines) == pytest.approx((3.0, 60.0))


def test_a_sale_of_more_than_the_first_lot_counts_for_its_part() -> None:
    """150 sold for 3 SOL: 100 of them are the first lot's, 2 SOL."""
    lines: list[Line] = [(0, "name:a", "BUY", "100", "1"), (10, "name:a", "BUY", "50", "2"), (60, "name:a", "SELL", "150", "3")]
    assert came(*lines) == pytest.approx((2.0, 60.0))


def test_what_is_left_counts_what_the_coin_was_last_traded_at() -> None:
    """A quarter sold for 0.5; 75 coins left at 0.02 by somebody else's trade: 1.5. Held 1/4 for 100 s and 3/4 for 1,000."""
    lines: list[Line] = [(0, "name:a", "BUY", "100", "1"), (100, "name:a", "SELL", "25", "0.5"), (200, "name:b", "BUY", "10", "0.2")]
    assert came(*lines) == pytest.approx((2.0, 0.25 * 100 + 0.75 * 1000))


@pytest.mark.parametrize(("quiet_s", "got"), [(DAY, 1.0), (DAY + 1, 0.0)])
def test_what_nobody_traded_for_a_day_is_worth_nothing(quiet_s: float, got: float) -> None:
    """Who never sells what died has lost it."""
    assert came((0, "name:a", "BUY", "100", "1"), at_s=quiet_s)[0] == got


def test_what_is_sold_after_a_week_is_marked_at_the_week() -> None:
    week = 7 * DAY
    lines: list[Line] = [
        (0, "name:a", "BUY", "100", "1"),
        (week - 60, "name:b", "BUY", "10", "0.3"),
        (week + 60, "name:a", "SELL", "100", "50"),
    ]
    assert came(*lines, at_s=9 * DAY) == pytest.approx((3.0, week))


def test_what_is_known_later_changes_nothing_of_what_was_known_then() -> None:
    lines: list[Line] = [(0, "name:a", "BUY", "100", "1"), (100, "name:b", "BUY", "10", "0.2"), (500, "name:a", "SELL", "100", "9")]
    assert came(*lines, at_s=200) == came(*lines[:2], at_s=200)


def test_what_was_sent_away_counts_as_held() -> None:
    """No sale is on record: it is marked, at half of what was paid. To send losers away is no gain."""
    assert came((0, "name:a", "BUY", "100", "1"), (50, "name:b", "BUY", "10", "0.05"))[0] == pytest.approx(0.5)


def test_a_sale_of_what_came_by_transfer_before_is_none_of_it() -> None:
    lines: list[Line] = [(0, "name:a", "SELL", "100", "5"), (10, "name:a", "BUY", "100", "1"), (20, "name:a", "SELL", "100", "2")]
    assert came(*lines) == pytest.approx((2.0, 10.0))


@pytest.mark.parametrize(("sol", "rows"), [("0.01", 1), ("0.009", 0)])
def test_less_than_a_hundredth_of_a_sol_buys_nothing_that_means_something(sol: str, rows: int) -> None:
    assert followed(trades((0, "name:a", "BUY", "100", sol)), after(60)).height == rows


def test_of_two_trades_of_one_second_the_chain_s_order_counts() -> None:
    """Bought and sold in one second, in that order."""
    assert came((0, "name:a", "BUY", "100", "1"), (0, "name:a", "SELL", "100", "2"))[0] == pytest.approx(2.0)


def test_a_shorter_horizon_marks_sooner() -> None:
    rows = followed(
        trades((0, "name:a", "BUY", "100", "1"), (50, "name:b", "BUY", "1", "0.02"), (500, "name:a", "SELL", "100", "9")),
        after(1_000),
        FollowingPolicy(horizon=timedelta(seconds=100)),
    )
    assert rows.filter(pl.col("wallet") == "name:a")["got"].to_list() == pytest.approx([2.0])
