"""A record from positions that somebody reported: what may be said without the trades, and what may not."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import ReportedPosition, ReportedProfile, Venue, WalletProfile
from data_contracts.frames import frame_of, rows_of
from domain.profiling.reported_positions import reported_profiles

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
A = "0x" + "a" * 40
NONE_OVER = pl.DataFrame(schema={"token_id": pl.String, "payout": pl.Decimal(38, 6)})


def position(
    token_id: str = "t",  # noqa: S107 (an outcome token, not a secret)
    shares: float = 0,
    avg_price: float = 0.4,
    **changes: Any,
) -> ReportedPosition:
    given = {"source": "list", "wallet": A, "bought_shares": None, "realized_pnl": None, "payout": None, "as_of": NOW} | changes
    exact = {name: None if given[name] is None else Decimal(str(given[name])) for name in ("bought_shares", "realized_pnl", "payout")}
    return ReportedPosition(
        **(given | exact),
        venue=Venue.POLYMARKET,
        market_id=None,
        token_id=token_id,
        shares=Decimal(str(shares)),
        avg_price=Decimal(str(avg_price)),
        loaded_at=NOW,
    )


def profile(*positions: ReportedPosition, over: pl.DataFrame = NONE_OVER) -> ReportedProfile:
    (row,) = rows_of(reported_profiles(frame_of(positions, ReportedPosition), over, NOW), ReportedProfile)
    return row


def paid(**payouts: str) -> pl.DataFrame:
    return pl.DataFrame({"token_id": list(payouts), "payout": [Decimal(value) for value in payouts.values()]})


def test_what_was_sold_and_what_is_left_at_the_end_add_up() -> None:
    """Of 100 bought at 0.40 it sold some with a gain of 5 and kept 60, which paid 1: 5 + 60 x 0.6 = 41 on 40 invested."""
    row = profile(position(shares=60, bought_shares=100, realized_pnl=5), over=paid(t="1"))
    assert (row.closed_positions, row.wins, row.realized_pnl, row.invested, row.roi) == (1, 1, 41.0, 40.0, pytest.approx(1.025))
    assert (row.priced_positions, row.expected_wins, row.excess_wins) == (1, 0.4, pytest.approx(0.6))


def test_a_gain_and_a_loss_make_an_omega() -> None:
    """Gained 60 x 0.6 = 36, lost 90 x 0.4 = 36."""
    row = profile(position("t", 60), position("u", 90), over=paid(t="1", u="0"))
    assert (row.gains, row.losses, row.omega, row.win_rate) == (pytest.approx(36), pytest.approx(36), pytest.approx(1), 0.5)


def test_our_own_word_on_how_a_market_ended_comes_before_the_sources() -> None:
    assert profile(position("t", 10, payout=1), over=paid(t="0")).realized_pnl == pytest.approx(-4)
    assert profile(position("t", 10, payout=1)).realized_pnl == pytest.approx(6)


def test_what_is_held_in_an_open_market_is_open_and_no_win() -> None:
    row = profile(position(shares=10, realized_pnl=3, bought_shares=20))
    assert (row.positions, row.open_positions, row.closed_positions, row.realized_pnl, row.win_rate) == (1, 1, 0, 0.0, None)


def test_a_result_that_nobody_said_is_unknown_not_nothing() -> None:
    """All sold, and the source does not say for how much."""
    row = profile(position(shares=0, bought_shares=50))
    assert (row.closed_positions, row.unknown_positions, row.invested) == (0, 1, 0.0)


def test_of_two_reports_of_one_position_the_newest_counts_and_none_of_later_than_now() -> None:
    rows = [position(shares=10, as_of=NOW - timedelta(days=1)), position(shares=20), position(shares=99, as_of=NOW + timedelta(days=1))]
    assert profile(*rows, over=paid(t="1")).realized_pnl == pytest.approx(12)


def test_two_sources_are_two_records() -> None:
    found = reported_profiles(frame_of([position(), position(source="other")], ReportedPosition), NONE_OVER, NOW)
    assert found["source"].to_list() == ["list", "other"]


def test_a_list_without_losers_says_so() -> None:
    """Forty positions bought at 0.40, all of which won: 24 should have lost. Nobody redeems what pays nothing."""
    won = [position(f"t{number}", 10, payout=1) for number in range(40)]
    assert profile(*won).censoring == "losers missing"
    lost = [position(f"u{number}", 10, payout=0) for number in range(60)]
    assert profile(*won, *lost).censoring == ""


def test_nothing_that_needs_an_order_in_time_or_claims_significance_is_in_such_a_record() -> None:
    """Average prices are no fair null, and whoever chooses leaders reads another table."""
    names = {item.name for item in fields(ReportedProfile)}
    forbidden = {"max_drawdown", "window_days", "median_hold_s", "excess_wins_z", "excess_wins_se", "bot_likeness", "last_trade_at"}
    assert forbidden <= {item.name for item in fields(WalletProfile)}
    assert not names & forbidden
