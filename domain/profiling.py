"""What came of a wallet's trades: its closed positions, and its record per category and window."""

from datetime import datetime, timedelta

import polars as pl

from data_contracts import ClosedPosition, Side, WalletProfile
from data_contracts.frames import schema_of
from domain.owrr import OMEGA_BOUNDS

WINDOWS_DAYS = (0, 30, 90, 180)  # 0: lifetime
ALL_CATEGORIES = "all"
DUST_SHARES = 1  # venues publish rounded shares: what is this close to nothing is nothing
SECOND = pl.duration(seconds=1)


def closed_positions(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One row per wallet and token that is over: its market resolved, or everything was sold.

    Realized PnL is proceeds - cost + payout of what was left. A wallet that nobody saw buy what it sold got it another way (a split, a
    merge, liquidity), so its cost is unknown: the position is flagged `oversold` and no statistic uses it.
    """
    bought = pl.col("side") == Side.BUY
    grouped = trades.group_by("wallet", "token_id").agg(
        pl.col("condition_id").first(),
        pl.col("outcome").first(),
        pl.col("shares").filter(bought).sum().alias("bought_shares"),
        pl.col("shares").filter(~bought).sum().alias("sold_shares"),
        pl.col("notional").filter(bought).sum().alias("cost"),
        pl.col("notional").filter(~bought).sum().alias("proceeds"),
        pl.len().alias("trades"),
        pl.col("traded_at").min().alias("opened_at"),
        pl.col("traded_at").max().alias("last_traded_at"),
    )
    known = grouped.join(markets.select("token_id", "category", "resolved_at", "payout"), on="token_id", how="left")
    over = known.with_columns(
        (pl.col("bought_shares") - pl.col("sold_shares")).alias("left"),
        (pl.col("resolved_at") <= as_of).fill_null(False).alias("resolved"),
    ).filter(pl.col("resolved") | (pl.col("left") == 0))
    payout = pl.when(pl.col("resolved")).then(pl.col("payout"))
    worth = pl.when(pl.col("resolved") & (pl.col("left") > 0)).then(pl.col("left") * pl.col("payout")).otherwise(0)
    closed_at = pl.when(pl.col("resolved") & (pl.col("left") != 0)).then(pl.col("resolved_at")).otherwise(pl.col("last_traded_at"))
    frame = over.with_columns(
        pl.col("category").fill_null(""),
        payout.alias("payout"),
        (pl.col("proceeds") - pl.col("cost") + worth).alias("realized_pnl"),
        pl.max_horizontal(closed_at, pl.col("opened_at")).alias("closed_at"),
        (pl.col("left") < -DUST_SHARES).alias("oversold"),
        pl.lit(as_of).alias("as_of"),
    ).with_columns(((pl.col("closed_at") - pl.col("opened_at")) / SECOND).alias("hold_s"))
    schema = schema_of(ClosedPosition)
    return frame.select(list(schema)).cast(dict(schema.items())).sort("wallet", "token_id")


def profiles(trades: pl.DataFrame, markets: pl.DataFrame, closed: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One row per wallet, category (and all together) and window, of the wallets that traded in it or closed something in it."""
    by_category = trades.join(markets.select("token_id", "category"), on="token_id", how="left").with_columns(
        pl.col("category").fill_null("")
    )
    frames = [_window(_and_all(by_category), _and_all(closed), days, as_of) for days in WINDOWS_DAYS]
    schema = schema_of(WalletProfile)
    return pl.concat(frames).select(list(schema)).cast(dict(schema.items())).sort("wallet", "category", "window_days")


def _and_all(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame, frame.with_columns(pl.lit(ALL_CATEGORIES).alias("category"))])


def _window(trades: pl.DataFrame, closed: pl.DataFrame, days: int, as_of: datetime) -> pl.DataFrame:
    start = as_of - timedelta(days=days) if days else datetime.min.replace(tzinfo=as_of.tzinfo)
    active = (
        trades.filter(pl.col("traded_at") > start)
        .group_by("wallet", "category")
        .agg(
            pl.len().alias("trades"),
            pl.col("notional").cast(pl.Float64).median().alias("median_notional"),
            pl.col("traded_at").max().alias("last_trade_at"),
        )
    )
    record = _record(closed.filter(pl.col("closed_at") > start))
    joined = active.join(record, on=["wallet", "category"], how="full", coalesce=True)
    counts = ["trades", "closed_positions", "oversold_positions", "wins", "gains", "losses", "realized_pnl", "invested"]
    return joined.with_columns(
        *[pl.col(name).fill_null(0) for name in counts],
        pl.lit(days).alias("window_days"),
        pl.coalesce("last_trade_at", "last_closed_at").alias("last_trade_at"),
        pl.lit(as_of).alias("as_of"),
    )


def _record(closed: pl.DataFrame) -> pl.DataFrame:
    usable = ~pl.col("oversold")
    pnl = pl.col("realized_pnl").cast(pl.Float64)
    gains, losses = pnl.filter(usable & (pnl > 0)).sum(), -pnl.filter(usable & (pnl < 0)).sum()
    low, high = OMEGA_BOUNDS
    grouped = (
        closed.sort("closed_at", "token_id")
        .group_by("wallet", "category", maintain_order=True)
        .agg(
            usable.sum().alias("closed_positions"),
            pl.col("oversold").sum().alias("oversold_positions"),
            (usable & (pnl > 0)).sum().alias("wins"),
            gains.alias("gains"),
            losses.alias("losses"),
            pnl.filter(usable).sum().alias("realized_pnl"),
            pl.col("cost").cast(pl.Float64).filter(usable).sum().alias("invested"),
            _max_drawdown(pnl.filter(usable), pl.col("cost").cast(pl.Float64).filter(usable)).alias("max_drawdown"),
            pl.col("hold_s").filter(usable).median().alias("median_hold_s"),
            pl.col("closed_at").max().alias("last_closed_at"),
        )
    )
    has_record = (pl.col("gains") > 0) | (pl.col("losses") > 0)
    omega = pl.when(pl.col("losses") > 0).then((pl.col("gains") / pl.col("losses")).clip(low, high)).otherwise(high)
    return grouped.with_columns(
        pl.when(pl.col("closed_positions") > 0).then(pl.col("wins") / pl.col("closed_positions")).alias("win_rate"),
        pl.when(has_record).then(omega).alias("omega"),
        pl.when(pl.col("invested") > 0).then(pl.col("realized_pnl") / pl.col("invested")).alias("roi"),
    )


def _max_drawdown(pnl: pl.Expr, cost: pl.Expr) -> pl.Expr:
    """The deepest fall of cumulated PnL from its peak, as part of that peak on top of the largest single stake: 0 to 1."""
    equity = pnl.cum_sum()
    peak = pl.max_horizontal(equity.cum_max(), pl.lit(0.0))
    base = peak + cost.max()
    return pl.when(base > 0).then((peak - equity) / base).otherwise(0.0).max().clip(0, 1)
