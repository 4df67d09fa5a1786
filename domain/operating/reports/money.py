"""What each strategy made in a time, in its own currency and exact; how sure that is, and what it cost to trade."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from data_contracts import Equity, Strategy
from domain.copying.account import Rates, total_usd
from domain.copying.realizing import OPENING
from domain.statistics.resampling import interval, numbered

NOTHING = Decimal(0)
Line = dict[str, Any]


def money_lines(
    strategies: Iterable[Strategy], curve: Iterable[Equity], realized: pl.DataFrame, traded: pl.DataFrame, begins_at: datetime
) -> list[Line]:
    """One per strategy that has a point of its equity curve.

    `curve`: its points of the time, and the last before it. `realized`: what each sale and settlement of the time brought.
    `traded`: fills of orders, with `leader_price`, the price that was to be copied.
    """
    points: dict[str, list[Equity]] = {}
    for point in sorted(curve, key=lambda point: point.as_of):
        points.setdefault(point.strategy_id, []).append(point)
    return [
        {
            "strategy_id": one.strategy_id,
            "currency": one.stake_currency.value,
            **_gained(points[one.strategy_id], one.balance, begins_at),
            **_sold(realized.filter(pl.col("strategy_id") == one.strategy_id)),
            **_costs(traded.filter(pl.col("strategy_id") == one.strategy_id)),
        }
        for one in strategies
        if one.strategy_id in points
    ]


def _gained(points: list[Equity], balance_now: Decimal, begins_at: datetime) -> Line:
    """What an operator added to the balance is no gain. Without a point before the time it began within it, with nothing gained."""
    before, last = (points[0] if points[0].as_of < begins_at else None), points[-1]
    gained = gain_of(last, balance_now)
    had = NOTHING if before is None else gain_of(before, balance_now)
    began_with = last.balance or balance_now
    return {
        "pnl": gained - had,
        "pnl_of_balance": float((gained - had) / began_with) if began_with else None,
        "realized": last.realized_pnl - (NOTHING if before is None else before.realized_pnl),
        "equity": last.equity,
    }


def gain_of(point: Equity, balance_now: Decimal) -> Decimal:
    """Since it began. A point of an older version does not say with what: with what it has now."""
    return point.equity - (balance_now if point.balance is None else point.balance)


def _sold(realized: pl.DataFrame) -> Line:
    """Positions, each opening by itself, of which something was sold or settled: how many were closed by it, how many won, and their sum
    with bounds that hold it at 90 %, by resampling whole markets; no bounds where these are fewer than five.
    """
    own = realized.group_by(OPENING, maintain_order=True).agg(pl.col("gain").sum(), pl.col("market_id").first(), pl.col("is_last").any())
    pnl = own["gain"].to_list()
    sure = interval(np.array([[float(one)] for one in pnl]).reshape(-1, 1), numbered(own["market_id"].to_list()))
    low, high = (None if np.isnan(bound[0]) else float(bound[0]) * len(pnl) for bound in (sure.low, sure.high))
    counts = {"positions": len(pnl), "closed": int(own["is_last"].sum()), "won": sum(one > 0 for one in pnl)}
    return counts | {"closed_pnl": sum(pnl, NOTHING), "low": low, "high": high}


def _costs(traded: pl.DataFrame) -> Line:
    """Slippage: how much worse than the price that was to be copied, over all shares; below zero it was better."""
    worse = pl.when(pl.col("side") == "BUY").then(1.0).otherwise(-1.0) * (_number("price") - _number("leader_price")) * _number("shares")
    slippage = traded.select(worse.sum()).item()
    return {
        "fills": traded.height,
        "turnover": sum(traded["notional"].to_list(), NOTHING),
        "fees": sum(traded["fee"].to_list(), NOTHING),
        "slippage": slippage or 0.0,
    }


def in_usd(lines: Iterable[Mapping[str, Any]], rates: Rates) -> Line:
    """Of all strategies together; None where a currency has no rate on record."""
    rows = list(lines)
    return {name: total_usd(((row["currency"], row[name]) for row in rows), rates) for name in ("pnl", "realized", "equity", "fees")}


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64)
