"""Within what bounds copying a wallet was said to return, and what copying it returned later.

What books cost is assumed alike before and after, so the part of an interval that stands for not knowing that (`copyability.with_cost`)
cancels, and is left out: held against what came is what chance alone was said to do.
"""

from datetime import datetime

import polars as pl

from data_contracts import Side
from domain.profiling.copied_trades import copies, markets_known
from domain.statistics.resampling import interval, numbered

DELAY_S, NOTIONAL = 30.0, 100.0
FEWEST = 10  # copies before, and as many after
MOST_WALLETS = 500
RATED = {"wallet": pl.String(), "mean": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()}


def copy_forecasts(trades: pl.DataFrame, markets: pl.DataFrame, said_at: datetime, until: datetime) -> pl.DataFrame:
    """`wallet`, `mean`, `low`, `high` as said, `later` as it came, `came` if the two differ by no more than both intervals allow.

    Two means of one thing differ by chance: nine times of ten by less than the root of the sum of their squared half-widths.
    """
    before, after = trades.filter(pl.col("traded_at") <= said_at), trades.filter(pl.col("traded_at") > said_at)
    wallets = _busiest(trades, said_at)
    said = _rated(_copied(before, markets_known(markets, said_at), wallets))
    copied = _copied(after, markets_known(markets, until), said["wallet"])
    return _judged(said, _rated(copied.join(before.select("wallet", "market_id").unique(), on=["wallet", "market_id"], how="anti")))


def _copied(trades: pl.DataFrame, markets: pl.DataFrame, wallets: pl.Series) -> pl.DataFrame:
    """The entries of these wallets whose end is known. All others' trades say what prices then were."""
    if not wallets.len() or not trades.height:
        return pl.DataFrame(schema={"wallet": pl.String, "market_id": pl.String, "event": pl.String, "gain": pl.Float64})
    made = copies(trades, markets, delays_s=(DELAY_S,), notionals=(NOTIONAL,), wallets=wallets)
    return made.filter("is_entry").drop_nulls("gain").select("wallet", "market_id", "event", "gain")


def _rated(copied: pl.DataFrame) -> pl.DataFrame:
    """RATED, where there are copies and events enough."""
    often = copied.filter(pl.len().over("wallet") >= FEWEST).sort("wallet", "event", maintain_order=True)
    rows = [(wallet, *_interval(own)) for (wallet,), own in often.group_by("wallet", maintain_order=True)]
    return pl.DataFrame(rows, schema=RATED, orient="row").filter(pl.col("low").is_finite())


def _interval(copied: pl.DataFrame) -> tuple[float, float, float]:
    found = interval(copied["gain"].to_numpy()[:, None], numbered(copied["event"].to_list()))
    return float(found.mean[0]), float(found.low[0]), float(found.high[0])


def _judged(said: pl.DataFrame, came: pl.DataFrame) -> pl.DataFrame:
    both = said.join(came, on="wallet", suffix="_later")
    up, down = pl.col("high") - pl.col("mean"), pl.col("mean") - pl.col("low")
    later_up, later_down = pl.col("high_later") - pl.col("mean_later"), pl.col("mean_later") - pl.col("low_later")
    higher = pl.col("mean_later") - pl.col("mean")
    allowed = pl.when(higher > 0).then((up**2 + later_down**2).sqrt()).otherwise((down**2 + later_up**2).sqrt())
    return both.select(
        "wallet", "mean", "low", "high", pl.col("mean_later").alias("later"), (higher.abs() <= allowed).cast(pl.Float64).alias("came")
    )


def _busiest(trades: pl.DataFrame, said_at: datetime) -> pl.Series:
    """The wallets that bought most, among those that bought often enough before and after."""
    bought = trades.filter(pl.col("side") == Side.BUY)
    is_later = pl.col("traded_at") > said_at
    counted = bought.group_by("wallet").agg(is_later.sum().alias("later"), (~is_later).sum().alias("before"))
    often = counted.filter(pl.min_horizontal("later", "before") >= FEWEST).sort("before", "wallet", descending=[True, False])
    return often["wallet"].head(MOST_WALLETS)
