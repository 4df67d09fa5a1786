"""What came of a wallet's trades: its closed positions, and its record per category and window."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from data_contracts import Activity, ClosedPosition, Side, WalletProfile
from data_contracts.frames import EPOCH, MICROSECOND, empty, schema_of
from domain.polymarket import complete_sets as sets
from domain.profiling import behaviour, records
from domain.profiling.totals import as_moves
from domain.statistics.parts import by_wallet

WINDOWS_DAYS = (0, 30, 90, 180)  # 0: lifetime
ALL_CATEGORIES = "all"
# Venues publish rounded shares: sold may be a little more than bought. Where nothing was bought there is nothing to round.
DUST_SHARES, DUST_PART = 1, 10  # at most a share, and at most a tenth of what was bought
NEAR_NOTHING = 50  # of what never ends a fiftieth of what was bought, or less, is nothing (`domain/solana/holdings.py`)
SECOND = pl.duration(seconds=1)
EVER = -(2**62)  # all microseconds come after it
MICROSECONDS_A_DAY = 86_400_000_000


def closed_positions(trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime, activities: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per wallet and token that is over: its market resolved, everything was sold, or the wallet redeemed what it held.

    Realized PnL is proceeds - cost + payout of what was left, complete sets made and unmade included. A payout we were not told of is
    what the wallet was paid when it redeemed. A wallet that nobody saw get what it sold, or not before it sold, got it in a way we cannot
    see, so its cost is unknown: the position is flagged `oversold` and no statistic uses it. Nor is one evidence that cost nothing.
    """
    activities = empty(Activity) if activities is None else activities
    return _closed_of(sets.moves_of(trades, sets.sets_as_moves(activities, trades, markets)), markets, as_of, activities)


def closed_of_totals(
    totals: pl.DataFrame, markets: pl.DataFrame, as_of: datetime, activities: pl.DataFrame, outcomes: pl.DataFrame
) -> pl.DataFrame:
    """The same from TradeTotal rows. `outcomes`: `market_id`, `token_id`, `outcome` of all that was traded in the activities' markets."""
    made = sets.sets_as_moves(activities, outcomes, markets).with_columns(pl.lit(0, pl.Int64).alias("is_trade"))
    return _closed_of(pl.concat([as_moves(totals), made]), markets, as_of, activities)


def _closed_of(moves: pl.DataFrame, markets: pl.DataFrame, as_of: datetime, activities: pl.DataFrame) -> pl.DataFrame:
    turned = sets.converted(activities, markets).with_columns(pl.lit(True).alias("turned"))
    merged = sets.merged(activities).with_columns(pl.lit(True).alias("merged"))
    tokens = moves.group_by("token_id").agg(pl.col("market_id").first(), pl.col("outcome").first()).sort("token_id")
    number = pl.col("token_id").cast(pl.Enum(tokens["token_id"])).alias("token")  # sorts by name, and is grouped as a number
    told = tokens.join(_ends(markets), on="token_id", how="left").with_columns(number)
    moves = moves.with_columns(number, pl.col("side") == Side.BUY).drop("market_id", "token_id", "outcome")

    def closed(moves: pl.DataFrame, activities: pl.DataFrame, turned: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
        return _closed(moves, activities, turned, merged, told, as_of).select(schema_of(ClosedPosition).names())

    return _one_frame(by_wallet(closed, moves, activities, turned, merged), ClosedPosition)


def _ends(markets: pl.DataFrame) -> pl.DataFrame:
    """How each token ends, or that it never does; `died_at` where it was found dead."""
    never = pl.col("highest_payout").is_null() if "highest_payout" in markets.columns else pl.lit(value=False)
    died = pl.col("died_at") if "died_at" in markets.columns else pl.lit(None, pl.Datetime("us", "UTC"))
    ended = pl.col("ended_at").alias("resolved_at")
    return markets.select("token_id", "category", ended, "payout", never.alias("never_ends"), died.alias("died_at"))


def _one_frame(parts: list[pl.DataFrame], row_class: type) -> pl.DataFrame:
    return pl.concat([empty(row_class), *(part.cast(dict(schema_of(row_class).items())) for part in parts)])


def _closed(
    moves: pl.DataFrame, activities: pl.DataFrame, turned: pl.DataFrame, merged: pl.DataFrame, tokens: pl.DataFrame, as_of: datetime
) -> pl.DataFrame:
    bought = pl.col("side")
    grouped = moves.group_by("wallet", "token").agg(
        pl.col("shares").filter(bought).sum().alias("bought_shares"),
        pl.col("shares").filter(~bought).sum().alias("sold_shares"),
        pl.col("notional").filter(bought).sum().alias("cost"),
        pl.col("notional").filter(~bought).sum().alias("proceeds"),
        pl.col("is_trade").sum().alias("trades"),
        pl.col("at").min().alias("opened_at"),
        pl.col("at").max().alias("last_traded_at"),
        pl.col("from_at").filter(bought).min().alias("bought_from"),
        pl.col("from_at").filter(~bought).min().alias("sold_from"),
    )
    known = grouped.sort("wallet", "token").join(tokens, on="token", how="left", maintain_order="left")
    told = known.with_columns(
        (pl.col("bought_shares") - pl.col("sold_shares")).alias("left"),
        (pl.col("resolved_at") <= as_of).fill_null(False).alias("resolved"),
    )
    told = told.with_columns(_is_unexplained().alias("oversold"))
    over = sets.redeemed(_merged_alike(told, merged), activities).filter(pl.col("resolved") | (pl.col("left") == 0) | _is_left(as_of))
    payout = pl.when(pl.col("resolved")).then(pl.col("payout"))
    worth = pl.when(pl.col("resolved") & (pl.col("left") > 0)).then(pl.col("left") * pl.col("payout")).otherwise(0)
    end_at = pl.when(pl.col("resolved") & (pl.col("left") != 0)).then(pl.col("resolved_at")).when(_is_dead(as_of)).then(pl.col("died_at"))
    closed_at = pl.coalesce(end_at, pl.col("last_traded_at"))
    return (
        over.join(turned, on=["wallet", "market_id"], how="left", maintain_order="left")
        .with_columns(
            pl.col("category").fill_null(""),
            payout.alias("payout"),
            (pl.col("proceeds") - pl.col("cost") + worth).alias("realized_pnl"),
            pl.max_horizontal(closed_at, pl.col("opened_at")).alias("closed_at"),
            (pl.col("oversold") | pl.col("turned").fill_null(False)).alias("oversold"),
            pl.lit(as_of).alias("as_of"),
        )
        .with_columns(((pl.col("closed_at") - pl.col("opened_at")) / SECOND).alias("hold_s"))
    )


def _is_dead(as_of: datetime) -> pl.Expr:
    """What it holds cannot be sold any more."""
    held = pl.col("left") * NEAR_NOTHING > pl.col("bought_shares")
    return (held & (pl.col("died_at") <= as_of)).fill_null(value=False)


def _is_left(as_of: datetime) -> pl.Expr:
    """Of a token that never ends: nearly nothing is held, or more was sold than bought, or it died."""
    gone = pl.col("left") * NEAR_NOTHING <= pl.col("bought_shares")
    return pl.col("never_ends").fill_null(value=False) & (gone | _is_dead(as_of))


def _is_unexplained() -> pl.Expr:
    """Whether more was sold than bought, or earlier, or what was bought cost nothing: it was got in a way that we did not see."""
    dust = pl.min_horizontal(pl.lit(DUST_SHARES), pl.col("bought_shares") / DUST_PART)
    sold_first = (pl.col("sold_from") < pl.col("bought_from")).fill_null(False)
    return (pl.col("left") < -dust) | sold_first | (pl.col("cost") == 0)


def _merged_alike(positions: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
    """Of a set that was unmade each outcome brings its part by convention: where one of them is unexplained, none is evidence."""
    if not merged.height:
        return positions
    joined = positions.join(merged, on=["wallet", "market_id"], how="left", maintain_order="left")
    alike = pl.col("merged").fill_null(False) & pl.col("oversold").any().over("wallet", "market_id")
    return joined.with_columns(pl.col("oversold") | alike).drop("merged")


def profiles(
    trades: pl.DataFrame, markets: pl.DataFrame, closed: pl.DataFrame, as_of: datetime, wallets: Sequence[str] | None = None
) -> pl.DataFrame:
    """One row per wallet, category (and all together) and window, of the wallets that traded in it or closed something in it.

    `wallets`: only these; trades of others then tell only who was the maker.
    """
    seen = behaviour.observed(trades, markets.select("token_id", "category"))
    seen = seen if wallets is None else seen.filter(pl.col("wallet").is_in(list(wallets)))
    categories = [seen["category"].unique().cast(pl.String), closed["category"].unique(), pl.Series([ALL_CATEGORIES])]
    names = pl.concat(categories).unique().sort()
    seen, closed = (frame.with_columns(pl.col("category").cast(pl.Enum(names))) for frame in (seen, closed.select(records.NEEDED)))

    def profiled(seen: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
        seen = seen.sort("traded_at", maintain_order=True)
        return _profiled(seen, records.usable_numbers(closed), names, as_of).select(schema_of(WalletProfile).names())

    return _one_frame(by_wallet(profiled, seen, closed), WalletProfile)


def _profiled(seen: pl.DataFrame, closed: pl.DataFrame, categories: pl.Series, as_of: datetime) -> pl.DataFrame:
    """The profiles of some wallets: first category by category, then all together."""
    now = (as_of - EPOCH) // MICROSECOND
    windows = {days: now - days * MICROSECONDS_A_DAY if days else EVER for days in WINDOWS_DAYS}
    hours = behaviour.hours_of_markets(seen)
    found = []
    together = (categories == ALL_CATEGORIES).arg_true()[0]
    for category in (pl.col("category").to_physical(), pl.lit(together)):
        group = pl.col("wallet").to_physical().cast(pl.Int64) * categories.len() + category
        trades, quotes, over = (
            frame.with_columns(group.alias("group")).sort("group", maintain_order=True) for frame in (seen, hours, closed)
        )
        keys = ["group", "window_days"]
        habits = behaviour.habits(trades, windows)
        for more in (behaviour.both_sides(quotes, windows), behaviour.regularity(trades, windows)):
            habits = habits.join(more, on=keys, how="left")
        found.append(habits.join(records.record(over, windows), on=keys, how="full", coalesce=True))
    told = pl.concat(found).sort("group", "window_days")
    return told.with_columns(
        (pl.col("group") // categories.len()).cast(pl.UInt32).alias("wallet"),
        categories.gather(told["group"] % categories.len()).alias("category"),
        *[pl.col(name).fill_null(0) for name in ("trades", *records.COUNTED)],
        behaviour.bot_likeness(),
        pl.coalesce("last_trade_at", "last_closed_at").alias("last_trade_at"),
        pl.lit(as_of).alias("as_of"),
    )
