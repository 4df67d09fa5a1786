"""How a wallet trades memecoins, and what a copy of it would bring that comes later, pays fees and moves the price.

A copy buys when the wallet's first purchase of a coin is so many seconds old, at the price then, and sells each part as long after the
wallet did. Curve and pool are products of two reserves, so the price says how much lies on the other side (`depth`), and a purchase or
sale of `stake` moves it by stake / depth. Fees: what the router takes, more of coins younger than a day. Nothing else is charged: priority
fees and rent are of the size of the stake only where that is small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from data_contracts import HoldStyle, MemecoinProfile
from data_contracts.frames import empty, fitting, schema_of
from domain.profiling.first_purchases import USUAL, FollowingPolicy, first_purchases, followed, marked_at, sales, tape
from domain.profiling.wallet_profiling import WINDOWS_DAYS
from domain.solana.instruments import FEE, FEE_OF_THE_YOUNG, YOUNG

HOUR_S, DAY_S = 3_600.0, 86_400.0
STYLES = ((HOUR_S, HoldStyle.SCALPER), (DAY_S, HoldStyle.DAY), (7 * DAY_S, HoldStyle.SWING))
# SOL times coins, which trading does not change. A curve of pump.fun begins with 30 virtual SOL and 1,073 million coins; its pool begins
# with the 85 SOL it took in and the 206.9 million coins that were not for sale.
CURVE_PRODUCT, POOL_PRODUCT = 30 * 1_073e6, 85 * 206.9e6


@dataclass(frozen=True, slots=True)
class CopyTerms:
    """When a copy comes and what it costs. Fees are parts of what is paid or got, each way."""

    delay_s: float = 30.0
    stake: float = 0.5  # SOL
    fee: float = float(FEE)
    fee_of_the_young: float = float(FEE_OF_THE_YOUNG)
    impact: float = 1.0  # times that of the curve or pool


USUAL_COPY = CopyTerms()


def hold_style(median_hold_s: float) -> HoldStyle:
    """By WallTrack's bounds, each in the shorter style."""
    return next((style for most, style in STYLES if median_hold_s <= most), HoldStyle.POSITION)


def depth(price: pl.Expr, pool: pl.Expr) -> pl.Expr:
    """SOL that price and product put on the other side of a coin."""
    return (pl.when(pool == "").then(CURVE_PRODUCT).otherwise(POOL_PRODUCT) * price).sqrt()


def copied(
    trades: pl.DataFrame, launches: pl.DataFrame, as_of: datetime, terms: CopyTerms, policy: FollowingPolicy = USUAL
) -> pl.DataFrame:
    """`wallet`, `token_id`, `bought_at`, `gain`: what a copy of each first purchase would have brought a SOL by `as_of`.

    `launches`: `token_id`, `launched_at`. A purchase after which nothing shows a price by the delay is not copied.
    """
    late, prices = timedelta(seconds=terms.delay_s), tape(trades)
    first = marked_at(first_purchases(trades), as_of, policy)
    entered = _priced(first.with_columns((pl.col("bought_at") + late).alias("at")), prices)
    entered = entered.filter(pl.col("at") <= as_of, pl.col("at_price") > 0).join(launches, on="token_id", how="left")
    is_young = (pl.col("at") - pl.col("launched_at") < YOUNG).fill_null(value=True)
    fee = pl.when(is_young).then(terms.fee_of_the_young).otherwise(terms.fee)
    moved = terms.impact * terms.stake / depth(pl.col("at_price"), pl.col("at_pool"))
    entered = entered.with_columns(((1 - fee) / (pl.col("at_price") * (1 + moved))).alias("coins"), fee.alias("fee"))
    parts = pl.concat([_parts_sold(trades, first, late), _parts_left(trades, first, policy)])
    left = _priced(parts, prices).join(entered.select("wallet", "token_id", "coins", "fee"), on=["wallet", "token_id"])
    quiet = pl.col("is_left") & (pl.col("at") - pl.col("priced_at") > policy.quiet)
    price = pl.when(quiet | pl.col("at_price").is_null()).then(0.0).otherwise("at_price")
    worth = pl.col("share") * pl.col("coins") * price
    pushed = terms.impact * terms.stake * worth / depth(pl.max_horizontal(price, pl.lit(1e-18)), pl.col("at_pool").fill_null(""))
    got = left.with_columns((worth / (1 + pushed) * (1 - pl.col("fee"))).alias("got"))
    gains = got.group_by("wallet", "token_id").agg((pl.col("got").sum() - 1).alias("gain"))
    return entered.select("wallet", "token_id", "bought_at").join(gains, on=["wallet", "token_id"]).sort("token_id", "bought_at", "wallet")


def memecoin_profiles(
    trades: pl.DataFrame, launches: pl.DataFrame, as_of: datetime, terms: CopyTerms = USUAL_COPY, windows: Sequence[int] = WINDOWS_DAYS
) -> pl.DataFrame:
    """MemecoinProfile rows of all wallets that bought a coin in the window. Trades of all coins in the order they happened."""
    rows = followed(trades, as_of)
    if not rows.height:
        return empty(MemecoinProfile)
    copies = copied(trades, launches, as_of, terms).select("wallet", "token_id", "gain")
    delay = (pl.col("bought_at") - pl.col("launched_at")).dt.total_seconds(fractional=True).clip(lower_bound=0)
    known = (
        rows.join(copies, on=["wallet", "token_id"], how="left")
        .join(launches, on="token_id", how="left")
        .with_columns(delay.alias("delay"))
    )
    frames = [_window(known, days, as_of, terms) for days in windows]
    return fitting(pl.concat(frames), schema_of(MemecoinProfile)).sort("wallet", "window_days")


def _window(known: pl.DataFrame, days: int, as_of: datetime, terms: CopyTerms) -> pl.DataFrame:
    own = known.filter(pl.col("bought_at") >= as_of - timedelta(days=days)) if days else known
    is_copied = pl.col("gain").is_not_null()
    found = own.group_by("wallet").agg(
        pl.len().alias("coins"),
        pl.col("delay").median().alias("entry_delay_s"),
        pl.col("held_s").median().alias("median_hold_s"),
        is_copied.sum().alias("copied_coins"),
        (pl.col("got") - 1).filter(is_copied).mean().alias("own_return"),
        (pl.col("got") - 1).filter(is_copied).median().alias("own_median"),
        pl.col("gain").mean().alias("copied_return"),
        pl.col("gain").median().alias("copied_median"),
    )
    style = pl.col("median_hold_s").map_elements(lambda held: hold_style(held).value, return_dtype=pl.String)
    return found.with_columns(
        style.alias("hold_style"),
        pl.lit(days).alias("window_days"),
        pl.lit(int(terms.delay_s)).alias("copy_delay_s"),
        pl.lit(terms.stake).alias("stake"),
        pl.lit(as_of).alias("as_of"),
    )


def _priced(rows: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """With the last price by `at`."""
    return rows.sort("at").join_asof(prices, left_on="at", right_on="priced_at", by="token_id", check_sortedness=False)


def _parts_sold(trades: pl.DataFrame, first: pl.DataFrame, late: timedelta) -> pl.DataFrame:
    """`share` of a first purchase that left with each sale, as long after it as the copy came; by the mark at the latest."""
    sold = sales(trades, first).filter(pl.col("part") > 0)
    at = pl.min_horizontal(pl.col("traded_at") + late, pl.max_horizontal("marked_at", "traded_at"))
    return sold.select(
        "wallet", "token_id", at.alias("at"), (pl.col("part") / pl.col("shares")).alias("share"), pl.lit(value=False).alias("is_left")
    )


def _parts_left(trades: pl.DataFrame, first: pl.DataFrame, policy: FollowingPolicy) -> pl.DataFrame:
    sold = sales(trades, first).group_by("wallet", "token_id").agg(pl.col("part").sum())
    left = first.join(sold, on=["wallet", "token_id"], how="left").with_columns(
        (1 - pl.col("part").fill_null(0) / pl.col("shares")).alias("share")
    )
    return left.filter(pl.col("share") > 1e-9).select(
        "wallet", "token_id", pl.col("marked_at").alias("at"), "share", pl.lit(value=True).alias("is_left")
    )
