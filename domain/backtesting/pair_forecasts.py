"""Which pairs of wallets were said to trade together, and whether they went on doing so more than chance explains."""

from datetime import datetime

import numpy as np
import polars as pl
from scipy.stats import poisson

from domain.clustering.cotrading import CoTradingPolicy, co_trades
from domain.clustering.meetings import expected, meetings, near
from domain.clustering.wallet_clustering import acts_of

AGAIN = 0.05  # so many pairs of strangers would seem to go on by chance
FEWEST_TOKENS = 5  # that both still trade: who stopped cannot go on together


def pair_forecasts(trades: pl.DataFrame, said_at: datetime, policy: CoTradingPolicy | None = None) -> pl.DataFrame:
    """`one`, `other`, `said`, `came`: pairs found in trades up to `said_at` whose wallets both went on trading.

    Trades have `wallet`, `token_id`, `side`, `traded_at`, `topic`.
    `said` is the share of edges that the test promises to be true; `came` is 1 where the pair meets again with a p-value of at most 5 %.
    """
    policy = policy or CoTradingPolicy()
    is_later = pl.col("traded_at") > said_at
    code = pl.Enum(trades["wallet"].unique().sort())
    edges = co_trades(acts_of(trades.filter(~is_later), code), policy)
    later = trades.filter(is_later)
    names = code.categories
    pairs = pl.DataFrame({"one": names.gather(edges.one), "other": names.gather(edges.other)})
    active = later.group_by("wallet").agg(pl.col("token_id").n_unique().alias("tokens")).filter(pl.col("tokens") >= FEWEST_TOKENS)
    for end in ("one", "other"):
        pairs = pairs.join(active.select("wallet"), left_on=end, right_on="wallet", how="semi", maintain_order="left")
    p_value = _meet_again(pairs, later, code, policy)
    return pairs.with_columns(pl.lit(1 - policy.false_edges).alias("said"), pl.Series("came", (p_value <= AGAIN).astype(np.float64)))


def _meet_again(
    pairs: pl.DataFrame, later: pl.DataFrame, code: pl.Enum, policy: CoTradingPolicy
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Per pair the p-value of its later meetings, in the most surprising window times the number of windows."""
    seen = acts_of(later, code)
    size, alone = seen.wallets, np.arange(seen.wallets)
    one, other = (pairs[end].cast(code).to_physical().cast(pl.Int64).to_numpy() for end in ("one", "other"))
    asked = np.minimum(one, other) * size + np.maximum(one, other)
    order = np.argsort(asked)
    rows = near(seen, max(policy.windows_s), policy.crowd)
    best = np.ones(asked.size)
    for window_s in policy.windows_s:
        met = meetings(seen, rows, alone, window_s, policy.crowd)
        pair, tokens = met.often(1)
        place = np.minimum(np.searchsorted(pair, asked), max(pair.size - 1, 0))
        count = np.where(pair[place] == asked, tokens[place], 0) if pair.size else np.zeros(asked.size, np.int64)
        chance = np.empty(asked.size)
        chance[order] = expected(met, asked[order], alone)
        best = np.minimum(best, poisson.sf(count - 1, chance) * len(policy.windows_s))
    return best
