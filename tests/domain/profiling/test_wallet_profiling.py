"""What came of a wallet's trades, by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import ClosedPosition, Side, Trade, WalletProfile
from data_contracts.frames import empty, frame_of, rows_of, schema_of
from domain.polymarket.markets import SCHEMA
from domain.profiling.wallet_profiling import closed_positions, profiles
from tests.markets import market_frame

WALLET = "0x" + "a" * 40
Trades = list[tuple[Any, ...]]


@pytest.fixture(scope="session")
def traded(a_trade: Any, as_of: datetime) -> Callable[..., pl.DataFrame]:
    """Trade rows of (side, shares, price) or (side, shares, price, days ago), a minute apart."""

    def build(moves: Trades, **changes: Any) -> pl.DataFrame:
        rows = []
        for number, (side, shares, price, *days) in enumerate(moves):
            at = as_of - timedelta(days=days[0] if days else 1) + timedelta(minutes=number)
            amount, worth = Decimal(str(shares)), (Decimal(str(shares)) * Decimal(str(price))).quantize(Decimal("0.000001"))
            fields = {"side": side, "shares": amount, "price": Decimal(str(price)), "notional": worth, "traded_at": at}
            rows.append(a_trade(f"{number} {changes}", **(fields | {"wallet": WALLET} | changes)))
        return frame_of(rows, Trade)

    return build


@pytest.fixture(scope="session")
def markets(as_of: datetime) -> Callable[..., pl.DataFrame]:
    """One market for each payout, "yes" first; None is still open. Resolved an hour ago."""

    def build(payout: Any = None, **changes: Any) -> pl.DataFrame:
        over = {} if payout is None else {"payout": Decimal(str(payout)), "ended_at": as_of - timedelta(hours=1)}
        return market_frame(over | changes)

    return build


def closed(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime) -> list[ClosedPosition]:
    return rows_of(closed_positions(trades, markets, as_of), ClosedPosition)


@pytest.mark.parametrize(
    ("moves", "payout", "pnl"),
    [
        ([(Side.BUY, 100, "0.40"), (Side.SELL, 100, "0.55")], None, "15"),  # 55 - 40
        ([(Side.BUY, 100, "0.40")], 1, "60"),  # 100 - 40
        ([(Side.BUY, 100, "0.40")], 0, "-40"),  # a loser nobody redeems still counts
        ([(Side.BUY, 100, "0.40"), (Side.SELL, 50, "0.60")], 0, "-10"),  # 30 - 40
        ([(Side.BUY, 100, "0.40"), (Side.SELL, 50, "0.60")], "0.5", "15"),  # 30 - 40 + 25
        ([(Side.BUY, 100, "0.40"), (Side.SELL, 100, "0.55")], 1, "15"),  # nothing was left to be paid
    ],
)
def test_a_position_is_proceeds_minus_cost_plus_the_payout_of_the_rest(
    traded: Any, markets: Any, as_of: datetime, moves: Trades, payout: Any, pnl: str
) -> None:
    (position,) = closed(traded(moves), markets(payout), as_of)
    assert position.realized_pnl == Decimal(pnl)
    assert (position.trades, position.oversold, position.category) == (len(moves), False, "politics")


def test_what_is_still_held_in_an_open_market_is_not_over(traded: Any, markets: Any, as_of: datetime) -> None:
    assert closed(traded([(Side.BUY, 100, "0.40"), (Side.SELL, "99.999999", "0.55")]), markets(), as_of) == []


@pytest.mark.parametrize(("after", "count"), [(timedelta(0), 1), (timedelta(microseconds=1), 0)])
def test_a_market_is_over_from_the_instant_it_resolved(traded: Any, markets: Any, as_of: datetime, after: timedelta, count: int) -> None:
    """A cycle of the past must not know what happened later."""
    known = markets(payout=Decimal(1), ended_at=as_of + after)
    assert len(closed(traded([(Side.BUY, 100, "0.40")]), known, as_of)) == count


@pytest.mark.parametrize(
    ("bought", "sold", "oversold"),
    [
        (None, "0.000001", True),  # a sale of what nobody saw it get counted as a win: cost 0, omega 5, win rate 1
        (None, "1", True),
        ("0.01", "0.9", True),  # and so did ninety times what it bought
        ("5", "5.5", False),
        ("5", "5.500001", True),
    ],
)
def test_of_little_or_nothing_bought_a_tenth_may_be_rounding_and_no_more(
    traded: Any, markets: Any, as_of: datetime, bought: str | None, sold: str, oversold: bool
) -> None:
    buys = [(Side.BUY, bought, "0.40")] if bought else []
    (position,) = closed(traded([*buys, (Side.SELL, sold, "0.50")]), markets(0), as_of)
    assert position.oversold is oversold


@pytest.mark.parametrize(("sold", "oversold"), [("101", False), ("101.000001", True)])
def test_more_sold_than_seen_bought_is_flagged_past_a_share_of_rounding(
    traded: Any, markets: Any, as_of: datetime, sold: str, oversold: bool
) -> None:
    (position,) = closed(traded([(Side.BUY, 100, "0.40"), (Side.SELL, sold, "0.50")]), markets(1), as_of)
    assert position.oversold is oversold
    assert position.payout == 1


@pytest.mark.parametrize("shares", ["0.0001", "0.5", "1", "50"])
def test_what_was_sold_before_anything_was_bought_is_no_win(traded: Any, markets: Any, as_of: datetime, shares: str) -> None:
    """Sold 50 at 0.90 that nobody saw it get, bought 50 at 0.10 later: as many sold as bought, and 40 USD were called a gain of 800 %."""
    sold, bought = (Side.SELL, shares, "0.90"), (Side.BUY, shares, "0.10")
    assert [row.oversold for row in closed(traded([sold, bought]), markets(0), as_of)] == [True]
    assert [row.oversold for row in closed(traded([bought, sold]), markets(0), as_of)] == [False]


def test_in_one_instant_the_feed_may_name_the_sale_first(traded: Any, markets: Any, as_of: datetime) -> None:
    both = traded([(Side.SELL, 50, "0.90"), (Side.BUY, 50, "0.10")]).with_columns(traded_at=pl.lit(as_of - timedelta(days=1)))
    assert [row.oversold for row in closed(both, markets(0), as_of)] == [False]


@pytest.mark.parametrize(("price", "oversold"), [("0.001", False), ("0.0001", True)])  # 0.0001 x 0.001 USD and a tenth of that
def test_what_cost_nothing_is_no_win(traded: Any, markets: Any, as_of: datetime, price: str, oversold: bool) -> None:
    """Bought for less than the smallest unit on record: cost 0, and selling it was a win without a stake."""
    dust = traded([(Side.BUY, "0.001", price), (Side.SELL, "0.001", "0.90")])
    assert [row.oversold for row in closed(dust, markets(0), as_of)] == [oversold]


@given(moves=st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 300), st.integers(1, 99)), min_size=1, max_size=6))
def test_a_win_has_a_stake_and_comes_after_it(traded: Any, markets: Any, as_of: datetime, moves: Any) -> None:
    """Whatever is bought and sold, in hundredths of a share: usable are positions that began with a purchase, and sold about as much."""
    rows = closed(traded([(side, Decimal(shares) / 100, Decimal(cents) / 100) for side, shares, cents in moves]), markets(0), as_of)
    bought, sold = (sum((shares for side, shares, _ in moves if side is which), 0) for which in Side)
    usable = moves[0][0] is Side.BUY and sold - bought <= min(100, bought / 10)
    assert [not row.oversold for row in rows] == [usable]


def test_it_closes_when_the_last_share_went_or_when_the_market_resolved(traded: Any, markets: Any, as_of: datetime) -> None:
    sold, held = [(Side.BUY, 100, "0.40", 3), (Side.SELL, 100, "0.55", 2)], [(Side.BUY, 100, "0.40", 3)]
    (by_sale,), (by_market,) = closed(traded(sold), markets(1), as_of), closed(traded(held), markets(1), as_of)
    assert by_sale.closed_at == as_of - timedelta(days=2) + timedelta(minutes=1)
    assert by_market.closed_at == as_of - timedelta(hours=1)
    assert by_sale.hold_s == 24 * 3600 + 60


def test_a_market_we_know_nothing_of_has_no_category_and_is_over_when_sold(traded: Any, as_of: datetime) -> None:
    (position,) = closed(traded([(Side.BUY, 100, "0.40"), (Side.SELL, 100, "0.55")]), SCHEMA.to_frame(), as_of)
    assert (position.category, position.payout, position.realized_pnl) == ("", None, 15)


def test_two_wallets_and_two_tokens_are_four_positions(traded: Any, markets: Any, as_of: datetime) -> None:
    moves = [(Side.BUY, 100, "0.40"), (Side.SELL, 100, "0.55")]
    frames = [traded(moves, wallet=wallet, token_id=token) for wallet in (WALLET, "0x" + "b" * 40) for token in ("yes", "no")]
    found = closed(pl.concat(frames), markets(), as_of)
    assert [(position.wallet[2], position.token_id) for position in found] == [("a", "no"), ("a", "yes"), ("b", "no"), ("b", "yes")]


def test_a_whale_is_counted_to_the_cent(traded: Any, markets: Any, as_of: datetime) -> None:
    """50 million shares at 0.123456, won."""
    (position,) = closed(traded([(Side.BUY, 50_000_000, "0.123456")]), markets(1), as_of)
    assert position.realized_pnl == Decimal("43827200")


@given(
    bought=st.lists(st.tuples(st.decimals("0.01", 10_000, places=2), st.integers(1, 99)), min_size=1, max_size=6),
    part=st.integers(0, 100),
    sold_at=st.integers(1, 99),
    payout=st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
)
@settings(max_examples=40)
def test_pnl_is_the_cash_that_moved_whatever_was_traded(
    traded: Any, markets: Any, as_of: datetime, bought: Any, part: int, sold_at: int, payout: Decimal
) -> None:
    moves: Trades = [(Side.BUY, shares, Decimal(cents) / 100) for shares, cents in bought]
    held = sum((shares for shares, _ in bought), Decimal(0))
    sold = (held * part / 100).quantize(Decimal("0.01"))
    moves += [(Side.SELL, sold, Decimal(sold_at) / 100)] if sold else []
    cash = sum((shares * price * (1 if side is Side.SELL else -1) for side, shares, price in moves), Decimal(0))
    (position,) = closed(traded(moves), markets(payout), as_of)
    assert position.realized_pnl == cash + (held - sold) * payout
    assert (position.bought_shares, position.sold_shares, position.oversold) == (held, sold, False)


# Profiles.


def a_closed(as_of: datetime, **changes: Any) -> ClosedPosition:
    """A position in politics that cost 100 and made 20, closed a day ago."""
    fields: dict[str, Any] = {
        "wallet": WALLET,
        "market_id": "market",
        "token_id": "yes",
        "outcome": "Yes",
        "category": "politics",
        "bought_shares": Decimal(250),
        "sold_shares": Decimal(250),
        "cost": Decimal(100),
        "proceeds": Decimal(120),
        "payout": None,
        "realized_pnl": Decimal(20),
        "trades": 2,
        "opened_at": as_of - timedelta(days=2),
        "closed_at": as_of - timedelta(days=1),
        "hold_s": 86_400.0,
        "oversold": False,
        "as_of": as_of,
    }
    return ClosedPosition(**(fields | changes))


@pytest.fixture
def profile(traded: Any, markets: Any, as_of: datetime) -> Callable[..., WalletProfile]:
    """The lifetime profile in politics of closed positions with these changes, in the order they closed."""

    def build(*changes: dict[str, Any], window: int = 0, category: str = "politics") -> WalletProfile:
        rows = []
        for number, change in enumerate(changes):
            at = as_of - timedelta(days=1) + timedelta(minutes=number)
            rows.append(a_closed(as_of, **({"token_id": f"token {number}", "closed_at": at} | change)))
        frame = profiles(traded([(Side.BUY, 1, "0.5")]), markets(), frame_of(rows, ClosedPosition), as_of)
        (row,) = rows_of(frame.filter((pl.col("category") == category) & (pl.col("window_days") == window)), WalletProfile)
        return row

    return build


def pnl(*figures: int) -> list[dict[str, Any]]:
    return [{"realized_pnl": Decimal(figure)} for figure in figures]


def test_a_record_by_hand(profile: Any) -> None:
    """+20, -10, +40, 0 on a stake of 100 each: gains 60, losses 10, 50 on 400."""
    found = profile(*pnl(20, -10, 40, 0))
    assert (found.closed_positions, found.wins, found.win_rate) == (4, 2, 0.5)
    assert (found.gains, found.losses, found.omega) == (60, 10, 5.0)  # 6, clamped
    assert (found.realized_pnl, found.invested, found.roi) == (50, 400, 0.125)
    assert (found.median_hold_s, found.trades, found.median_notional) == (86_400, 1, 0.5)


@pytest.mark.parametrize(
    ("figures", "omega"),
    [((30, -10), 3.0), ((10,), 5.0), ((-10,), 0.1), ((1, -100), 0.1), ((0,), None), ((), None)],
)
def test_omega_is_gains_per_loss_within_its_bounds(profile: Any, figures: tuple[int, ...], omega: float | None) -> None:
    assert profile(*pnl(*figures)).omega == omega


@pytest.mark.parametrize(
    ("figures", "drawdown"),
    [
        ((20, -60, 40), 60 / 120),  # from a peak of 20, on top of a stake of 100
        ((-50,), 50 / 100),
        ((-100, -100), 1.0),  # 200 / 100 is clamped
        ((20, 30), 0.0),
    ],
)
def test_the_deepest_fall_is_a_part_of_the_peak_and_the_stake(profile: Any, figures: tuple[int, ...], drawdown: float) -> None:
    assert profile(*pnl(*figures)).max_drawdown == pytest.approx(drawdown)


def test_the_deepest_fall_depends_on_when_it_came_and_not_on_the_order_of_rows(profile: Any, as_of: datetime) -> None:
    early, late = ({"closed_at": as_of - timedelta(hours=hours)} for hours in (9, 1))
    gain, loss = {"realized_pnl": Decimal(50)}, {"realized_pnl": Decimal(-60)}
    assert profile(gain | early, loss | late).max_drawdown == profile(loss | late, gain | early).max_drawdown == pytest.approx(60 / 150)
    assert profile(gain | late, loss | early).max_drawdown == pytest.approx(60 / 100)


def test_what_was_oversold_is_counted_and_otherwise_left_out(profile: Any) -> None:
    found = profile(*pnl(20), {"oversold": True, "realized_pnl": Decimal(1_000_000), "cost": Decimal(1)})
    assert (found.closed_positions, found.oversold_positions, found.wins) == (1, 1, 1)
    assert (found.gains, found.invested, found.omega, found.win_rate) == (20, 100, 5.0, 1.0)


def test_a_wallet_whose_every_position_is_oversold_has_no_record(profile: Any) -> None:
    found = profile({"oversold": True})
    assert (found.closed_positions, found.omega, found.win_rate, found.roi, found.max_drawdown) == (0, None, None, None, None)


@pytest.mark.parametrize("days", [30, 90, 180])
def test_a_window_ends_to_the_microsecond(profile: Any, as_of: datetime, days: int) -> None:
    edge, inside = as_of - timedelta(days=days), as_of - timedelta(days=days) + timedelta(microseconds=1)
    opened = {"opened_at": as_of - timedelta(days=999)}
    assert profile({"closed_at": edge} | opened, window=days).closed_positions == 0
    assert profile({"closed_at": inside} | opened, window=days).closed_positions == 1
    assert profile({"closed_at": edge} | opened, window=0).closed_positions == 1


@pytest.mark.parametrize(("inside", "trades"), [(timedelta(0), []), (timedelta(microseconds=1), [1])])
def test_a_trade_at_the_edge_of_a_window_is_before_it(
    traded: Any, markets: Any, as_of: datetime, inside: timedelta, trades: list[int]
) -> None:
    trade = traded([(Side.BUY, 1, "0.5")], traded_at=as_of - timedelta(days=30) + inside)
    found = profiles(trade, markets(), empty(ClosedPosition), as_of)
    assert found.filter((pl.col("window_days") == 30) & (pl.col("category") == "all"))["trades"].to_list() == trades


def test_a_record_is_kept_by_category_and_all_together(profile: Any) -> None:
    rows = [*pnl(20), {"category": "sports", "realized_pnl": Decimal(-5)}]
    assert profile(*rows).realized_pnl == 20
    assert profile(*rows, category="sports").realized_pnl == -5
    assert profile(*rows, category="all").realized_pnl == 15


def test_a_wallet_that_closed_nothing_still_has_a_profile(profile: Any) -> None:
    found = profile()
    assert (found.trades, found.closed_positions, found.gains, found.omega, found.roi) == (1, 0, 0, None, None)


def test_nobody_traded_is_nobody_profiled(as_of: datetime) -> None:
    nothing = profiles(empty(Trade), SCHEMA.to_frame(), empty(ClosedPosition), as_of)
    assert (nothing.height, nothing.schema) == (0, schema_of(WalletProfile))
    assert closed_positions(empty(Trade), SCHEMA.to_frame(), as_of).schema == schema_of(ClosedPosition)
