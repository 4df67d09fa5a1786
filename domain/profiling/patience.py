"""When it is worth reading a wallet's whole history again: when enough of it changed, or a day has passed. Positions and bets never wait.

A profile stands on all trades and positions of its wallet, and a busy wallet trades every hour. Read again at every change, the hourly cost
would grow with the history of whoever is busy. Read again once a tenth changed, each new row costs ten old ones at most, however long the
history is; and once a day each wallet has its turn, at an hour of its own, because windows of 30 days move while nobody trades.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from domain.profiling.wallet_profiling import WINDOWS_DAYS

DAY = timedelta(days=1)
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Patience:
    """`part`: what changed may be at most one in so many of the rows a result stands on. `longest`: nothing older stands for long."""

    part: int
    longest: timedelta = DAY


OF_PROFILES = Patience(part=10)
OF_GRADES = Patience(part=50)
IMPATIENT = Patience(part=10**12, longest=timedelta(0))


def due(wallets: pl.DataFrame, profiled: pl.DataFrame, as_of: datetime, patience: Patience = OF_PROFILES) -> pl.DataFrame:
    """`wallet` and `rows` of those to profile, by name.

    `wallets`: `trades` and `closed` in store, `last_at` anything, `changed_at` when a position was last written. `profiled`: the `rows` a
    profile stood on, its `as_of`, and when it was `written_at`.
    """
    both = wallets.join(profiled, on="wallet", how="full", coalesce=True).with_columns(
        (pl.col("trades").fill_null(0) + pl.col("closed").fill_null(0)).alias("all")  # none are left of a wallet: neither is a profile
    )
    more = (pl.col("all") - pl.col("rows")).abs()
    is_touched = (more > 0) | (pl.col("changed_at") > pl.col("written_at")).fill_null(False)
    is_moving = (pl.col("last_at") > pl.col("as_of") - timedelta(days=max(WINDOWS_DAYS))).fill_null(False)
    is_due = (
        pl.col("as_of").is_null()
        | (pl.col("as_of") > as_of)  # of a later look: an older one is asked for again
        | (pl.col("all") == 0)
        | ((more > 0) & (more * patience.part >= pl.col("all")))
        | (_its_day(as_of, patience) & (is_touched | is_moving))
    )
    return both.filter(is_due).sort("wallet").select("wallet", pl.col("all").alias("rows"))


def grades_are_due(graded_at: datetime | None, as_of: datetime, changed: int, rows: int, patience: Patience = OF_GRADES) -> bool:
    """Whether what all bets show is to be learned anew: `changed` of `rows` closed positions were written since."""
    if graded_at is None or graded_at > as_of or as_of - graded_at >= patience.longest:
        return True
    return changed > 0 and changed * patience.part >= rows


def _its_day(as_of: datetime, patience: Patience) -> pl.Expr:
    """Whether the wallet's own hour has struck since its profile."""
    if not patience.longest:
        return pl.lit(True)
    length = int(patience.longest.total_seconds())
    offset = (pl.col("wallet").hash() % length).cast(pl.Int64)
    then = (pl.col("as_of").dt.epoch("s") + offset) // length
    return then != (pl.lit(int(as_of.timestamp())) + offset) // length
