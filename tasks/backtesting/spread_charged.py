"""What the spread cost the copies of a replay whose books are made of trades, and between what that lies."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import polars as pl

from adapters.connect import books_on_record, open_results
from adapters.feeds.recorded_conditions import Conditions
from adapters.settings import Settings
from data_contracts import Fill, FillKind, Side
from domain.profiling.spreads import Cost, Spreads, cost_of
from tasks.backtesting.recorded_trades import Recording
from tasks.steps import step

Record = dict[str, object]
NO_CHARGE = dict.fromkeys(("spread_charged", "spread_low", "spread_high"), "0.00")


@step
def charge_of_spread(memory: Settings, recording: Recording, conditions: Conditions, strategies: Sequence[Record]) -> Record:
    """The strategies' records with what their fills paid above, and got below, the prices of the trades they met, and 90 % bounds.

    As in a rating: what is not known of the cost in each market averages out over its events, what is not known of all does not. Nothing
    where no spread was charged: by request, or because books are on record.
    """
    if conditions.spread == "none" or books_on_record(memory) is not None:
        return {}
    fills = open_results(memory).read(Fill).filter(pl.col("kind") == FillKind.TRADE)
    charges = _charges(_with_middles(fills, recording, conditions), conditions.spreads) if fills.height else {}
    known = {"spread": conditions.spread, "spread_fit": "own" if conditions.fit else "shipped"}
    return known | {"strategies": [row | charges.get(str(row["strategy"]), NO_CHARGE) for row in strategies]}


def _charges(met: pl.DataFrame, spreads: Spreads) -> dict[str, dict[str, str]]:
    orders = met.group_by("strategy_id", "order_id", maintain_order=True).agg(
        pl.col("charged").sum(), pl.col("notional").cast(pl.Float64).sum(), *(pl.col(name).first() for name in _OF_A_FILL)
    )
    return {str(strategy_id): _charge(own, spreads) for (strategy_id,), own in orders.group_by("strategy_id", maintain_order=True)}


_OF_A_FILL = ("middle", "category", "event", "to_end_s", "hour")


def _with_middles(fills: pl.DataFrame, recording: Recording, conditions: Conditions) -> pl.DataFrame:
    """Fill rows with the price of the trade that each met, and what the cost of that trade hangs on."""
    priced = recording.trades.filter((pl.col("price") > 0) & pl.col("traded_at").is_not_null())
    trades = priced.select("token_id", pl.col("traded_at").alias("at"), pl.col("price").cast(pl.Float64).alias("middle"), "traded_at")
    event = pl.when(pl.col("event") == "").then(pl.col("market_id")).otherwise("event").alias("event")
    markets = recording.markets.select("token_id", "category", event, "ends_at")
    reached = pl.col("filled_at") + timedelta(seconds=conditions.delay_s)
    met = (
        fills.with_columns(reached.alias("at"))
        .sort("at", maintain_order=True)
        .join_asof(trades, on="at", by="token_id", check_sortedness=False)
    )
    worse = pl.when(pl.col("side") == Side.BUY).then(1.0).otherwise(-1.0) * (pl.col("price").cast(pl.Float64) - pl.col("middle"))
    return met.join(markets, on="token_id", how="left").with_columns(
        (worse * pl.col("shares").cast(pl.Float64)).alias("charged"),
        (pl.col("ends_at") - pl.col("traded_at")).dt.total_seconds(fractional=True).alias("to_end_s"),
        pl.col("traded_at").dt.hour().cast(pl.Float64).alias("hour"),
    )


def _charge(orders: pl.DataFrame, spreads: Spreads) -> dict[str, str]:
    charged = orders["charged"].to_numpy()
    total = float(charged.sum())
    costs = [_cost(row, spreads) for row in orders.iter_rows(named=True)]
    dearer = float(charged @ np.array([cost.dear[0] / cost.mean[0] - 1 for cost in costs]))
    unsure = dearer * np.sqrt(1 / orders["event"].n_unique() + np.mean([1 / cost.rests_on[0] for cost in costs]))
    bounds = total, max(0.0, total - unsure), total + unsure
    return {name: f"{usd:.2f}" for name, usd in zip(NO_CHARGE, bounds, strict=True)}


def _cost(order: dict[str, object], spreads: Spreads) -> Cost:
    known = [np.array([np.nan if order[name] is None else order[name]], float) for name in ("middle", "to_end_s", "hour")]
    return cost_of(np.array([order["category"] or ""], object), known[0], float(str(order["notional"])), spreads, known[1], known[2])
