"""What is likely to be missing from a recording of other people's wallets. Each kind has a sign that complete records do not show.

Nothing here proves that a recording is complete, and nothing that is named was proved either: wallets that really never lose, if there were
any, look like wallets whose losers are missing. A sign speaks only where there is enough of it, and complete worlds stay silent
(`tests/domain/profiling/test_censoring.py`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_contracts import Censoring, Side


@dataclass(frozen=True, slots=True)
class CensoringPolicy:
    """How much of each sign is needed."""

    too_few_losers: float = 0.5  # of those that the prices promise
    surely: float = 2.5  # standard errors beyond
    wallets: int = 30
    alike: float = 0.6  # of the variance that chance alone gives the results of unchosen wallets
    first_wins: float = 0.15  # by so much a wallet's first bet pays more than its others
    unexplained: float = 0.03  # of positions whose first trade is a sale
    early: float = 0.1  # of the rows
    positions: int = 30
    capped: float = 0.05  # of the wallets that have exactly as many rows as the longest
    cap: int = 50
    uneven: float = 0.01  # of what was traded in a market
    markets: int = 10
    rows: int = 200


POLICY = CensoringPolicy()


def missing_from_bets(bets: pl.DataFrame, policy: CensoringPolicy = POLICY) -> list[Censoring]:
    """Of bets whose end is known: `wallet`, `token_id`, `price`, `payoff`, `shares`; in time order, if there is one."""
    told = bets.select("wallet", "token_id", pl.col("price", "payoff", "shares").cast(pl.Float64)).filter(pl.col("price").is_between(0, 1))
    if losers_are_missing(told, policy):
        return [Censoring.LOSERS_MISSING]  # then every wallet looks chosen
    return [Censoring.WINNERS_CHOSEN] if winners_are_chosen(told, policy) else []


def missing_from_trades(trades: pl.DataFrame, payouts: pl.DataFrame, policy: CensoringPolicy = POLICY) -> list[Censoring]:
    """Of Trade rows in time order, and `token_id`, `payout` of the tokens that are over."""
    rows = trades.select("wallet", "market_id", "token_id", "side", pl.col("price", "shares").cast(pl.Float64))
    ended = payouts.drop_nulls("payout").select("token_id", payoff=pl.col("payout").cast(pl.Float64))
    bought = rows.filter(pl.col("side") == Side.BUY).unique(["wallet", "token_id"], keep="first", maintain_order=True)
    signs = [
        (Censoring.HISTORY_CUT, history_is_cut(rows, policy)),
        (Censoring.ONE_SIDE, one_side_is_missing(rows, ended, policy)),
        (Censoring.SALES_MISSING, rows.height >= policy.rows and not (rows["side"] == Side.SELL).any()),
    ]
    found = missing_from_bets(bought.join(ended, on="token_id", maintain_order="left"), policy)
    return found + [kind for kind, speaks in signs if speaks]


def losers_are_missing(bets: pl.DataFrame, policy: CensoringPolicy) -> bool:
    """Far fewer bets lost than half of what their prices promise: the best lose a third less, and not all are the best."""
    expected = policy.too_few_losers * float((1 - bets["price"]).sum())
    lost = int((bets["payoff"] < bets["price"]).sum())
    return bool(lost + policy.surely * _chance(bets) < expected)


def winners_are_chosen(bets: pl.DataFrame, policy: CensoringPolicy) -> bool:
    """Wallets whose results are good and too much alike, or whose first bets won and whose later ones did not."""
    return results_are_too_alike(bets, policy) or first_bets_won(bets, policy)


def results_are_too_alike(bets: pl.DataFrame, policy: CensoringPolicy) -> bool:
    """In units of chance, the results of wallets vary by at least 1, whatever they know. Whoever keeps the best of them cuts that.

    Wallets that hold the same tokens win and lose together: so much less they vary. And few favourites vary by less than 1 until one of
    them loses: how far a variance of so many such bets strays is reckoned with (`kurtosis`).
    """
    chance = pl.col("price") * (1 - pl.col("price"))
    sized = bets.with_columns(chance.alias("chance"), (pl.col("shares") * chance.sqrt()).alias("size")).filter(pl.col("size") > 0)
    sized = sized.with_columns(pl.col("size") / (pl.col("size") ** 2).sum().over("wallet").sqrt())
    results = sized.group_by("wallet").agg(
        (pl.col("size") * (pl.col("payoff") - pl.col("price")) / pl.col("chance").sqrt()).sum().alias("z"),
        (3 + (pl.col("size") ** 4 * (1 - 6 * pl.col("chance")) / pl.col("chance")).sum()).alias("kurtosis"),
    )
    z, kurtosis = results["z"].to_numpy(), results["kurtosis"].to_numpy()
    if z.size < policy.wallets or z.mean() <= 0:
        return False
    sums = sized.group_by("token_id").agg(pl.col("size").sum())["size"].to_numpy()
    together = ((sums**2).sum() - z.size) / (z.size * (z.size - 1))
    variance = z.var(ddof=1) / (1 - np.clip(together, 0, 0.9))
    strays = np.sqrt((kurtosis - 1).sum()) / z.size
    return bool(variance < policy.alike and variance + policy.surely * strays < 1)


def first_bets_won(bets: pl.DataFrame, policy: CensoringPolicy) -> bool:
    """Who was noticed for a win has a record that begins with it: first bets paid far more than their prices, later ones did not."""
    many = bets.filter(pl.len().over("wallet") > 1).with_columns((pl.col("payoff") - pl.col("price")).alias("surplus"))
    is_first = pl.col("wallet").is_first_distinct()
    first, later = many.filter(is_first), many.filter(~is_first)
    if first.height < policy.wallets:
        return False
    tokens = first.unique("token_id")  # one outcome is one observation, however many began with it
    error = np.sqrt(float((tokens["price"] * (1 - tokens["price"])).sum()))
    more = float(first["surplus"].to_numpy().mean() - later["surplus"].to_numpy().mean())
    return bool(tokens["surplus"].sum() > (policy.surely + 1) * error and more > policy.first_wins)


def _chance(bets: pl.DataFrame) -> float:
    """The standard error of how many of these bets win. Bets on one token are one outcome: they all win, or none does."""
    tokens = bets.group_by("token_id").agg(pl.len().cast(pl.Float64).alias("bets"), pl.col("price").mean())
    return float(np.sqrt(float((tokens["bets"] ** 2 * tokens["price"] * (1 - tokens["price"])).sum())))


def history_is_cut(rows: pl.DataFrame, policy: CensoringPolicy) -> bool:
    """Positions that begin with a sale were bought before the first row; wallets that all have as many rows as the longest have more.

    At the beginning such sales are many, if it was cut there: later ones have their purchases on record.
    """
    first = rows.with_row_index().unique(["wallet", "token_id"], keep="first", maintain_order=True)
    early = first.filter(pl.col("index") < policy.early * rows.height)
    sold = any(
        part.height >= policy.positions and (part["side"] == Side.SELL).sum() > policy.unexplained * part.height for part in (early, first)
    )
    counts = rows.group_by("wallet").len()["len"].to_numpy()
    longest = counts.max(initial=0)
    is_capped = longest >= policy.cap and (counts == longest).sum() >= max(3.0, policy.capped * counts.size)
    return bool(sold or is_capped)


def one_side_is_missing(rows: pl.DataFrame, ended: pl.DataFrame, policy: CensoringPolicy) -> bool:
    """What one side of a market wins, the other loses: over all wallets the sum is nothing, unless one side is not here."""
    signed = pl.when(pl.col("side") == Side.BUY).then(pl.col("shares")).otherwise(-pl.col("shares"))
    markets = (
        rows.join(ended, on="token_id")
        .group_by("market_id")
        .agg(
            (signed * (pl.col("payoff") - pl.col("price"))).sum().abs().alias("won"),
            (pl.col("shares") * pl.col("price")).sum().alias("traded"),
        )
        .filter(pl.col("traded") > 0)
    )
    uneven = (markets["won"] > policy.uneven * markets["traded"]).sum()
    return markets.height >= policy.markets and 2 * uneven > markets.height
