"""What came of a wallet's trades: its closed positions, and its record per category and window."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from data_contracts import Activity, ClosedPosition, Side, WalletProfile
from data_contracts.frames import empty, schema_of
from domain import behaviour, records, sets

WINDOWS_DAYS = (0, 30, 90, 180)  # 0: lifetime
ALL_CATEGORIES = "all"
DUST_SHARES = 1  # venues publish rounded shares: what is this close to nothing is nothing
SECOND = pl.duration(seconds=1)
KEY = ["wallet", "category"]
TRADES_AT_ONCE = 500_000  # wallets are profiled so many trades at a time: groups then fit the caches, and memory is bounded


def closed_positions(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime, activities: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per wallet and token that is over: its market resolved, everything was sold, or the wallet redeemed what it held.

    Realized PnL is proceeds - cost + payout of what was left, complete sets made and unmade included. A payout we were not told of is
    what the wallet was paid when it redeemed. A wallet that nobody saw get what it sold got it in a way we cannot see, so its cost is
    unknown: the position is flagged `oversold` and no statistic uses it.
    """
    activities = empty(Activity) if activities is None else activities
    moves = sets.moves_of(trades, sets.sets_as_moves(activities, trades, markets))
    bought = pl.col("side") == Side.BUY
    grouped = moves.group_by("wallet", "token_id").agg(
        pl.col("condition_id").first(),
        pl.col("outcome").first(),
        pl.col("shares").filter(bought).sum().alias("bought_shares"),
        pl.col("shares").filter(~bought).sum().alias("sold_shares"),
        pl.col("notional").filter(bought).sum().alias("cost"),
        pl.col("notional").filter(~bought).sum().alias("proceeds"),
        pl.col("is_trade").sum().alias("trades"),
        pl.col("at").min().alias("opened_at"),
        pl.col("at").max().alias("last_traded_at"),
    )
    known = grouped.join(markets.select("token_id", "category", "resolved_at", "payout"), on="token_id", how="left")
    told = known.with_columns(
        (pl.col("bought_shares") - pl.col("sold_shares")).alias("left"),
        (pl.col("resolved_at") <= as_of).fill_null(False).alias("resolved"),
    )
    over = sets.redeemed(told, activities).filter(pl.col("resolved") | (pl.col("left") == 0))
    payout = pl.when(pl.col("resolved")).then(pl.col("payout"))
    worth = pl.when(pl.col("resolved") & (pl.col("left") > 0)).then(pl.col("left") * pl.col("payout")).otherwise(0)
    closed_at = pl.when(pl.col("resolved") & (pl.col("left") != 0)).then(pl.col("resolved_at")).otherwise(pl.col("last_traded_at"))
    turned = sets.converted(activities, markets).with_columns(pl.lit(True).alias("turned"))
    frame = (
        over.join(turned, on=["wallet", "condition_id"], how="left")
        .with_columns(
            pl.col("category").fill_null(""),
            payout.alias("payout"),
            (pl.col("proceeds") - pl.col("cost") + worth).alias("realized_pnl"),
            pl.max_horizontal(closed_at, pl.col("opened_at")).alias("closed_at"),
            ((pl.col("left") < -DUST_SHARES) | pl.col("turned").fill_null(False)).alias("oversold"),
            pl.lit(as_of).alias("as_of"),
        )
        .with_columns(((pl.col("closed_at") - pl.col("opened_at")) / SECOND).alias("hold_s"))
    )
    schema = schema_of(ClosedPosition)
    return frame.select(list(schema)).cast(dict(schema.items())).sort("wallet", "token_id")


def profiles(trades: pl.DataFrame, markets: pl.DataFrame, closed: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One row per wallet, category (and all together) and window, of the wallets that traded in it or closed something in it."""
    seen = behaviour.observed(trades, markets.select("token_id", "category"))
    over = records.usable_numbers(closed)
    parts = 1 + seen.height // TRADES_AT_ONCE
    frames = [
        _window(*grouped, days, as_of)
        for few_seen, few_over in zip(_parts(seen, parts), _parts(over, parts), strict=True)
        for grouped in ((few_seen, few_over), (_all(few_seen), _all(few_over)))
        for days in WINDOWS_DAYS
    ]
    schema = schema_of(WalletProfile)
    return pl.concat(frames).select(list(schema)).cast(dict(schema.items())).sort("wallet", "category", "window_days")


def _parts(frame: pl.DataFrame, parts: int) -> Iterator[pl.DataFrame]:
    """All rows of a wallet are in one part, and two frames are divided alike. Order is kept."""
    part = frame["wallet"].to_physical() % parts
    return (frame.filter(part == number) for number in range(parts))


def _all(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.lit(ALL_CATEGORIES).cast(pl.Categorical).alias("category"))


def _window(seen: pl.DataFrame, closed: pl.DataFrame, days: int, as_of: datetime) -> pl.DataFrame:
    start = as_of - timedelta(days=days) if days else datetime.min.replace(tzinfo=as_of.tzinfo)
    recent = seen.filter(pl.col("traded_at") > start)
    active = recent.group_by(KEY).agg(
        pl.len().alias("trades"),
        pl.col("notional").median().alias("median_notional"),
        pl.col("traded_at").max().alias("last_trade_at"),
        *behaviour.habits(),
    )
    record = records.record(closed.filter(pl.col("closed_at") > start))
    habits = active.join(behaviour.both_sides(recent), on=KEY, how="left").join(behaviour.regularity(recent), on=KEY, how="left")
    joined = habits.join(record, on=KEY, how="full", coalesce=True)
    return joined.with_columns(
        *[pl.col(name).fill_null(0) for name in ("trades", *records.COUNTED)],
        behaviour.bot_likeness(),
        pl.lit(days).alias("window_days"),
        pl.coalesce("last_trade_at", "last_closed_at").alias("last_trade_at"),
        pl.lit(as_of).alias("as_of"),
    )
