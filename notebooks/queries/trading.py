"""What we hold and held, what was ordered and filled and at what cost, and which exits are underway."""

from datetime import datetime

import polars as pl

from data_contracts import Exit, Fill, Mark, Order, Position
from domain.copying.realizing import openings
from notebooks.queries.house import BEGINNING, House, asked
from tasks.copying.marks import marked_frame
from tasks.copying.realizing import read_left

MOST = 200  # rows of a table somebody reads
MONEY = ["cost", "unrealized_pnl", "realized_pnl", "fees"]


def open_positions(house: House, strategies: list[str] | None = None, leader: str | None = None) -> pl.DataFrame:
    """What is held, at its mark, the dearest first, in its stake and in USD."""
    held = house.results.read(Position, closed_at=None, **asked(strategy_id=strategies, leader=leader))
    marks = house.results.read(Mark, token_id=held["token_id"].unique().to_list())
    priced = house.priced(marked_frame(held, marks), MONEY)
    worth = (pl.col("shares").cast(pl.Float64) * pl.col("mark_price").cast(pl.Float64)).alias("worth")
    return priced.with_columns(worth).sort("cost_usd", descending=True, nulls_last=True)


def closed_positions(
    house: House, since: datetime = BEGINNING, strategies: list[str] | None = None, leader: str | None = None, count: int = MOST
) -> pl.DataFrame:
    """What is over, the last first, each opening of a position by itself: the `gain` it realized and the `fees` in that, in stake and in
    USD at the rate of its end.
    """
    where = asked(strategy_id=strategies, leader=leader)
    last = house.results.latest(Position, "closed_at", count, only=["closed_at"], since=since, **where)["closed_at"].to_list()
    begun = last[-1] if len(last) == count else since  # as many and more were closed since: no older one is among the last
    over = openings(read_left(house.results, begun, **where)).filter(pl.col("closed_at") >= since)
    return house.priced(over.head(count), ["gain", "fees"], "closed_at")


def orders(
    house: House, since: datetime = BEGINNING, strategies: list[str] | None = None, leader: str | None = None, count: int = MOST
) -> pl.DataFrame:
    """What was asked of the venues, the last first, and what came of it.

    `paid` is the mean price of the fills, `slippage` by how much it was worse than the price we acted on (0.01 is 1 %), `slipped` that
    times the shares, in stake; `fee` what the venue kept.
    """
    where = asked(strategy_id=strategies, leader=leader)
    found = house.results.latest(Order, "created_at", count, since=since, only=ORDER_COLUMNS, **where)
    filled = _fills(house, found["order_id"].to_list())
    worse = (pl.col("paid") - pl.col("observed_price").cast(pl.Float64)) * pl.when(pl.col("side") == "BUY").then(1.0).otherwise(-1.0)
    seen = pl.col("observed_price").cast(pl.Float64)
    rows = found.join(filled, on="order_id", how="left", maintain_order="left").with_columns(
        (pl.col("shares").cast(pl.Float64) * pl.col("limit_price").cast(pl.Float64)).alias("asked"),
        pl.when((seen > 0) & (pl.col("filled_shares") > 0)).then(worse / seen).alias("slippage"),
        (worse * pl.col("filled_shares")).alias("slipped"),
    )
    return house.priced(rows, ["asked", "fee", "slipped", "filled_notional"], "created_at")


def exits(house: House, strategies: list[str] | None = None, leader: str | None = None) -> pl.DataFrame:
    """What we want to be out of and are not yet, the longest first."""
    return house.results.read(Exit, done_at=None, **asked(strategy_id=strategies, leader=leader)).sort("asked_at")


def costs(house: House, since: datetime = BEGINNING, strategies: list[str] | None = None, leader: str | None = None) -> pl.DataFrame:
    """By strategy and side what was traded in a window and what the venues kept of it: `notional`, `fee`, in stake and in USD of now."""
    where = asked(strategy_id=strategies, leader=leader)
    return house.priced(
        house.results.sums(Fill, ["strategy_id", "side"], ["notional", "fee"], since=("filled_at", since), **where), ["notional", "fee"]
    )


def _fills(house: House, order_ids: list[str]) -> pl.DataFrame:
    by_order = house.results.sums(Fill, ["order_id"], ["shares", "notional", "fee"], order_id=order_ids).drop("rows")
    amounts = by_order.with_columns(pl.col("shares", "notional", "fee").cast(pl.Float64))
    return amounts.select(
        "order_id",
        pl.col("shares").alias("filled_shares"),
        pl.col("notional").alias("filled_notional"),
        "fee",
        (pl.col("notional") / pl.col("shares")).alias("paid"),
    )


ORDER_COLUMNS = [
    "order_id",
    "signal_id",
    "strategy_id",
    "venue",
    "leader",
    "market_id",
    "token_id",
    "outcome",
    "side",
    "shares",
    "limit_price",
    "observed_price",
    "status",
    "reason",
    "is_simulated",
    "order_hash",
    "created_at",
    "updated_at",
]
