"""First purchases of coins as results that a test of decay can hear: beat the peer in the middle, or not.

A rank whose density is tilted by e^(edge x rank) lies above the middle with odds of e^(edge / 2) to 1; among few peers with less, about
the root of how much of the rank is no chance (`PeerBet.weight`). So these are wins and losses, at the chance that its way of trading brings
and with an edge of their own: thresholds and false alarms are those of bets.
"""

import polars as pl
from scipy.special import expit, logit

TILT = 0.5  # of an edge in ranks is the shift of the log-odds of beating the middle of very many
LEAST_PEERS = 3.0  # by weight: beating one other says too little
SUREST = 0.05  # a way of trading is expected to win so often at the least, and to lose


def as_bets(rows: pl.DataFrame) -> pl.DataFrame:
    """PeerBet rows with `payoff` (1 above the middle, 0 below) and `fair_chance`, wallet by wallet in the order of purchase.

    A rank of exactly the middle is left out, as are those among too few.
    """
    heard = rows.filter(pl.col("peers") >= LEAST_PEERS, pl.col("rank") != 0.5).sort("wallet", "bought_at", "token_id")
    expected = heard["expected"].to_numpy().clip(SUREST, 1 - SUREST)
    # A mean rank of 1/2 + e/12 goes with odds of e/2 above the middle: three times as far from even, in log-odds 1.5 times.
    chance = expit(1.5 * logit(expected))
    return heard.with_columns((pl.col("rank") > 0.5).cast(pl.Float64).alias("payoff"), pl.Series("fair_chance", chance))


def edge_of(edge: float, weight: float) -> float:
    """The shift of the log-odds of beating the middle, of an edge in ranks of this mean weight."""
    return float(TILT * edge * max(weight, 0.0) ** 0.5)
