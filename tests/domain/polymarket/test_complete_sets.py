"""Complete sets, redemptions and conversions: what a position came to when trades are not all that moved it. By hand, and recorded bots."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.feeds.polymarket.trade_rows import trade_frame
from data_contracts import Activity, ClosedPosition, Side, Trade, Venue
from data_contracts.frames import empty, frame_of, rows_of, schema_of
from domain.ids import row_id
from domain.polymarket.markets import SCHEMA
from domain.profiling.wallet_profiling import closed_positions
from tests.markets import market_frame

WALLET = "0x" + "a" * 40
Build = Callable[..., Any]
Closed = dict[str, ClosedPosition]


@pytest.fixture(scope="session")
def did(as_of: datetime) -> Build:
    """Activity rows of (type, usd), a day ago; a condition id may be given."""

    def build(*rows: tuple[str, Any], market_id: str = "market") -> pl.DataFrame:
        made = [
            Activity(
                venue=Venue.POLYMARKET,
                activity_id=row_id("activity", number),
                source="test",
                wallet=WALLET,
                type=kind,
                market_id=market_id,
                token_id="",
                outcome="",
                outcome_index=None,
                side="",
                price=None,
                shares=Decimal(str(usd)),
                usd=Decimal(str(usd)),
                happened_at=as_of - timedelta(days=1),
                tx_hash="0xset",
                ordinal=number,
            )
            for number, (kind, usd) in enumerate(rows)
        ]
        return frame_of(made, Activity)

    return build


@pytest.fixture(scope="session")
def traded(a_trade: Build, as_of: datetime) -> Build:
    """Trades of (token, side, shares, price), two days ago."""

    def build(*rows: tuple[str, Side, Any, str], **changes: Any) -> pl.DataFrame:
        made = [
            a_trade(
                f"{number} {changes}",
                wallet=WALLET,
                token_id=token,
                outcome=token,
                side=side,
                shares=Decimal(str(shares)),
                price=Decimal(price),
                notional=Decimal(str(shares)) * Decimal(price),
                traded_at=as_of - timedelta(days=2),
                **changes,
            )
            for number, (token, side, shares, price) in enumerate(rows)
        ]
        return frame_of(made, Trade)

    return build


@pytest.fixture(scope="session")
def pair(as_of: datetime) -> Build:
    """Both tokens of a market, resolved an hour ago for "yes", or still open."""

    def build(resolved: bool = False, **changes: Any) -> pl.DataFrame:
        end = {"ended_at": as_of - timedelta(hours=1)} if resolved else {}
        tokens = [("yes", 1), ("no", 0)]
        rows = [{"token_id": t, "outcome": t} | end | ({"payout": Decimal(p)} if resolved else {}) | changes for t, p in tokens]
        return market_frame(*rows)

    return build


def closed(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime, activities: pl.DataFrame) -> Closed:
    return {row.token_id: row for row in rows_of(closed_positions(trades, markets, as_of, activities), ClosedPosition)}


def test_a_set_made_and_its_loser_sold_was_bought_at_half_a_dollar_each(traded: Build, pair: Build, did: Build, as_of: datetime) -> None:
    """100 USD make 100 of both. 100 NO sold at 0.30: -50 + 30 = -20. 100 YES pay 100 - 50 = 50. Together 30 = 100 + 30 - 100."""
    found = closed(traded(("no", Side.SELL, 100, "0.30")), pair(resolved=True), as_of, did(("SPLIT", 100)))
    assert {token: row.realized_pnl for token, row in found.items()} == {"no": -20, "yes": 50}
    assert [row.oversold for row in found.values()] == [False, False]
    assert (found["no"].trades, found["yes"].trades) == (1, 0)


def test_without_its_set_the_same_sale_is_oversold(traded: Build, pair: Build, as_of: datetime) -> None:
    found = closed(traded(("no", Side.SELL, 100, "0.30")), pair(resolved=True), as_of, empty(Activity))
    assert found["no"].oversold


def test_a_pair_that_is_merged_is_over_and_came_to_a_dollar(traded: Build, pair: Build, did: Build, as_of: datetime) -> None:
    """100 YES at 0.40 and 100 NO at 0.55 cost 95 and merge into 100: 10 of it in YES (50 - 40), -5 in NO (50 - 55)."""
    bought = traded(("yes", Side.BUY, 100, "0.40"), ("no", Side.BUY, 100, "0.55"))
    found = closed(bought, pair(), as_of, did(("MERGE", 100)))
    assert {token: row.realized_pnl for token, row in found.items()} == {"yes": 10, "no": -5}
    assert found["yes"].closed_at == as_of - timedelta(days=1)


@pytest.mark.parametrize(("no", "oversold"), [(10, False), ("9.1", False), (9, True), (0, True)])  # a tenth of it is rounding
def test_a_pair_of_which_one_half_was_never_bought_is_no_win_of_the_other(
    traded: Build, pair: Build, did: Build, as_of: datetime, no: Any, oversold: bool
) -> None:
    """10 YES bought at 0.30, merged with NO that came from elsewhere: YES brought 5 USD by convention, a win of 2 of which nobody knows."""
    bought = [("yes", Side.BUY, 10, "0.30"), *([("no", Side.BUY, no, "0.60")] if no else [])]
    found = closed(traded(*bought), pair(resolved=True), as_of, did(("MERGE", 10)))
    assert {token: row.oversold for token, row in found.items()} == {"yes": oversold, "no": oversold}


def test_of_a_set_one_half_may_be_sold_before_we_learn_of_it(traded: Build, pair: Build, did: Build, as_of: datetime) -> None:
    """The set is on record a day after the sale. A second sale of more than the set is oversold all the same."""
    for shares, oversold in ((100, False), (102, True)):
        found = closed(traded(("no", Side.SELL, shares, "0.30")), pair(resolved=True), as_of, did(("SPLIT", 100)))
        assert found["no"].oversold is oversold


def test_what_a_merge_leaves_in_an_open_market_is_not_over(traded: Build, pair: Build, did: Build, as_of: datetime) -> None:
    bought = traded(("yes", Side.BUY, 100, "0.40"), ("no", Side.BUY, 60, "0.55"))
    assert closed(bought, pair(), as_of, did(("MERGE", 60))).keys() == {"no"}


def test_a_redemption_of_a_market_we_know_the_end_of_changes_nothing(traded: Build, pair: Build, did: Build, as_of: datetime) -> None:
    bought = traded(("yes", Side.BUY, 100, "0.40"))
    with_it, without = (closed(bought, pair(resolved=True), as_of, told) for told in (did(("REDEEM", 100)), empty(Activity)))
    assert with_it == without
    assert with_it["yes"].realized_pnl == 60


def test_a_redemption_tells_the_end_of_a_market_nobody_told_us(traded: Build, did: Build, as_of: datetime) -> None:
    """100 YES at 0.40 and 30 NO at 0.50, paid 100: YES won."""
    bought = traded(("yes", Side.BUY, 100, "0.40"), ("no", Side.BUY, 30, "0.50"))
    found = closed(bought, SCHEMA.to_frame(), as_of, did(("REDEEM", 100)))
    assert {token: (row.payout, row.realized_pnl) for token, row in found.items()} == {"yes": (1, 60), "no": (0, -15)}
    assert found["yes"].closed_at == as_of - timedelta(days=1)


def test_a_redemption_of_nothing_is_a_loser_somebody_swept_up(traded: Build, did: Build, as_of: datetime) -> None:
    found = closed(traded(("no", Side.BUY, 30, "0.50")), SCHEMA.to_frame(), as_of, did(("REDEEM", 0)))
    assert (found["no"].payout, found["no"].realized_pnl) == (0, -15)


def test_after_a_conversion_the_markets_of_that_event_are_in_no_statistic(traded: Build, pair: Build, did: Build, as_of: datetime) -> None:
    """It turned NO into YES of the event's other outcomes: which, nobody tells. Another event is as it was."""
    sibling = pair(resolved=True, market_id="sibling").with_columns(pl.col("token_id") + " 2")
    elsewhere = pair(resolved=True, market_id="elsewhere", event="other").with_columns(pl.col("token_id") + " 3")
    trades = [
        traded(("yes", Side.BUY, 10, "0.40")),
        traded(("yes 2", Side.BUY, 10, "0.40"), market_id="sibling"),
        traded(("yes 3", Side.BUY, 10, "0.40"), market_id="elsewhere"),
    ]
    markets = pl.concat([pair(resolved=True), sibling, elsewhere])
    found = closed(pl.concat(trades), markets, as_of, did(("CONVERSION", 10)))
    assert {row.market_id: row.oversold for row in found.values()} == {"market": True, "sibling": True, "elsewhere": False}


@pytest.mark.parametrize("kind", ["REWARD", "MAKER_REBATE", "DEPOSIT", "SOMETHING_NEW"])
def test_rebates_and_words_we_do_not_know_move_no_position(traded: Build, pair: Build, did: Build, as_of: datetime, kind: str) -> None:
    bought = traded(("yes", Side.BUY, 100, "0.40"))
    assert closed(bought, pair(True), as_of, did((kind, 100))) == closed(bought, pair(True), as_of, empty(Activity))


@pytest.mark.parametrize(
    ("bought", "paid", "gains"),
    [
        ((("yes", 100, "0.40"), ("no", 60, "0.50")), 80, {"yes": 10, "no": 0}),  # 160 shares at 0.50: 50 - 40 and 30 - 30
        ((("yes", 100, "0.40"),), 50, {"yes": 10}),
        ((("yes", 100, "0.40"), ("no", 100, "0.50")), 100, {"yes": 10, "no": 0}),  # as many of both: nobody can say which won
        ((("yes", 100, "0.40"), ("no", 60, "0.50")), 100, {"yes": 60, "no": -30}),
        ((("yes", 100, "0.40"), ("no", 60, "0.50")), 99, {"yes": 59, "no": -30}),  # a fee was taken in shares
        ((("yes", 100, "0.40"), ("no", 60, "0.50")), 60, {"yes": -40, "no": 30}),
        ((("yes", 100, "0.40"), ("no", 60, "0.50")), 0, {"yes": -40, "no": -30}),
    ],
)
def test_a_paid_sum_that_fits_no_outcome_is_a_void_and_is_split_by_shares(
    traded: Build, pair: Build, did: Build, as_of: datetime, bought: Any, paid: int, gains: dict[str, int]
) -> None:
    """100 YES at 0.40 and 60 NO at 0.50, redeemed for 80: NO was nearest to 80 and "won", YES lost its 40. It came to -10 for +10."""
    trades = traded(*[(token, Side.BUY, shares, price) for token, shares, price in bought])
    found = closed(trades, pair(), as_of, did(("REDEEM", paid)))
    assert {token: row.realized_pnl for token, row in found.items()} == gains


@given(made=st.integers(1, 1000), merged=st.integers(0, 1000), sold=st.integers(0, 1000), price=st.integers(1, 99))
def test_what_a_market_came_to_is_the_cash_that_moved(
    traded: Build, pair: Build, did: Build, as_of: datetime, made: int, merged: int, sold: int, price: int
) -> None:
    """However the dollar of a set is divided among its outcomes: - made + merged + sales + what YES was left pays."""
    merged, sold = min(merged, made), min(sold, made - min(merged, made))
    sales = [("yes", Side.SELL, sold, f"{price / 100}")] if sold else [("yes", Side.BUY, 1, "0.5"), ("yes", Side.SELL, 1, "0.5")]
    acts = did(*[(kind, usd) for kind, usd in (("SPLIT", made), ("MERGE", merged)) if usd])
    found = closed(traded(*sales), pair(resolved=True), as_of, acts)
    cash = -made + merged + Decimal(sold * price) / 100 + (made - merged - sold)
    assert sum((row.realized_pnl for row in found.values()), Decimal(0)) == cash


@pytest.fixture(scope="session")
def recorded() -> pl.DataFrame:
    place = Path(os.environ.get("WALLETFLOW_RECORDINGS", "")) / "pm_activity_samples" / "activity.parquet"
    if not place.is_file():
        pytest.skip("WALLETFLOW_RECORDINGS names no directory with pm_activity_samples")
    return pl.read_parquet(place).filter(pl.col("src").str.starts_with("star_"))


def test_recorded_bots_that_redeemed_came_to_what_they_were_paid(recorded: pl.DataFrame) -> None:
    """Three wallets of five-minute markets; nobody tells us an end, their redemptions do. Market by market: sales + redeemed - bought."""
    told = recorded.with_columns(pl.col("wallet").str.to_lowercase(), pl.col("usd").round(6))
    raw = told.filter(pl.col("type") == "TRADE").rename({"asset_id": "token_id", "size": "shares"})
    trades = trade_frame(raw.rename({"usd": "notional", "ts": "traded_at"}).with_columns(pl.col("price").clip(0, 1)), "recorded")
    activities = as_activities(told)
    end = recorded["ts"].max() + timedelta(days=1)  # type: ignore[operator]
    found = closed_positions(trades, SCHEMA.to_frame(), end, activities)
    paid = told.filter(pl.col("type") == "REDEEM").group_by("wallet", "market_id").agg(pl.col("usd").sum().alias("paid"))
    signed = pl.when(pl.col("side") == "BUY").then(-pl.col("notional")).otherwise(pl.col("notional")).cast(pl.Float64)
    held = pl.when(pl.col("side") == "BUY").then(pl.col("shares")).otherwise(-pl.col("shares")).cast(pl.Float64)
    cash = trades.group_by("wallet", "market_id").agg(signed.sum().alias("cash"), held.sum().alias("held"))
    whole = cash.join(paid, on=["wallet", "market_id"]).filter(pl.col("paid") <= pl.col("held") + 0.01)  # all it redeemed was seen bought
    sums = found.group_by("wallet", "market_id").agg(pl.col("realized_pnl").cast(pl.Float64).sum())
    compared = whole.join(sums, on=["wallet", "market_id"], how="left")
    assert compared.height > 100
    assert (compared["realized_pnl"] - (compared["cash"] + compared["paid"])).abs().max() < 0.02  # type: ignore[operator]
    assert {wallet[:6] for wallet in found["wallet"].unique()} >= {"0x4f34", "0x8151", "0xe1df"}


def as_activities(told: pl.DataFrame) -> pl.DataFrame:
    """The recorded rows in our words; the ids need only differ."""
    frame = told.with_row_index("number").select(
        pl.format("{}", "number").str.zfill(32).alias("activity_id"),
        pl.lit("recorded").alias("source"),
        pl.lit("polymarket").alias("venue"),
        "wallet",
        "type",
        pl.col("market_id").fill_null(""),
        pl.col("asset_id").fill_null("").alias("token_id"),
        pl.col("outcome").fill_null(""),
        pl.lit(None).alias("outcome_index"),
        pl.col("side").fill_null(""),
        pl.lit(None).alias("price"),
        pl.col("size").alias("shares"),
        "usd",
        pl.col("ts").alias("happened_at"),
        pl.col("tx_hash").fill_null(""),
        pl.lit(0).alias("ordinal"),
    )
    return frame.cast(dict(schema_of(Activity).items()))
