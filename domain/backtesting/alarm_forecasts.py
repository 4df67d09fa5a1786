"""How often a wallet that keeps its edge was said to ring, and how many of those watched since then rang."""

import numpy as np
import polars as pl

from domain.decay.decay_detection import HORIZON, cusum, fading, loss_evidence, rings_within
from domain.decay.edge_states import SMALLEST

LIKELY = 0.5  # as `tasks/decay` watches
FEWEST_BETS = 10
MOST_WALLETS = 200  # a threshold takes a tenth of a second


def alarm_forecasts(forecasts: pl.DataFrame, bets: pl.DataFrame) -> pl.DataFrame:
    """`wallet`, `bets`, `said`, `came`: of the likely, who ring in up to 100 later bets if they keep the edge they had, and who rang.

    `forecasts` and `bets` are what `skill_forecasts` made. The surest come first, where they are many.
    """
    likely = forecasts.filter((pl.col("skilled") >= LIKELY) & (pl.col("edge") >= SMALLEST)).sort(
        "skilled", "wallet", descending=[True, False]
    )
    rows = []
    for wallet, edge in likely.select("wallet", "edge").head(MOST_WALLETS).iter_rows():
        own = bets.filter(pl.col("wallet") == wallet).sort("resolved_at", "token_id")
        before, later = own.filter(~pl.col("is_later")), own.filter("is_later").head(HORIZON)
        if later.height >= FEWEST_BETS:
            chances = before["fair_chance"].to_numpy()
            limit = fading(chances, edge).value
            steps = loss_evidence(later["payoff"].cast(pl.Float64).to_numpy(), later["fair_chance"].to_numpy(), edge)
            rang = bool(np.any(cusum(steps) >= limit))
            rows.append((wallet, later.height, rings_within(chances, edge, limit, later.height), float(rang)))
    return pl.DataFrame(rows, schema={"wallet": pl.String, "bets": pl.Int64, "said": pl.Float64, "came": pl.Float64}, orient="row")
