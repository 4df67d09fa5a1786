"""A world whose trades are all on record, both sides of each, and what becomes of it when somebody records it with an interest.

Every trade has a buyer of an outcome, and somebody who sells it or, if he holds none, buys the other outcome for the rest of the dollar.
Prices are right on average; a few wallets know more. So what all wallets win in a market adds up to nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from data_contracts import Censoring, Side

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
Rows = list[tuple[str, str, str, str, float, float, float, bool]]


@dataclass(frozen=True, slots=True)
class Recording:
    """Trade-like rows in time order, and `token_id`, `payout` of every token. `is_taker` says who came to the other."""

    trades: pl.DataFrame
    payouts: pl.DataFrame

    def keep(self, trades: pl.DataFrame) -> "Recording":
        return Recording(trades, self.payouts)


@dataclass(frozen=True, slots=True)
class RecordingPolicy:
    """What to draw. `knowing` of the wallets choose the right side with odds of e^`edge` to 1."""

    wallets: int = 300
    markets: int = 400
    trades: int = 20_000
    knowing: float = 0.05
    edge: float = 0.6


def complete(seed: int, policy: RecordingPolicy | None = None) -> Recording:
    """Everything that happened."""
    policy, rng = policy or RecordingPolicy(), np.random.default_rng([seed, 31])
    chance = rng.uniform(0.1, 0.9, policy.markets)
    yes_won = rng.random(policy.markets) < chance
    knows = rng.random(policy.wallets) < policy.knowing
    weight = rng.pareto(1.2, policy.wallets) + 0.2  # how busy each is
    days = np.sort(rng.uniform(0, 90, policy.trades))
    market = np.minimum((days / 90 * policy.markets + rng.uniform(-20, 20, policy.trades)).clip(0), policy.markets - 1).astype(int)
    takers, makers = rng.choice(policy.wallets, (2, policy.trades), p=weight / weight.sum())
    price = (chance[market] + rng.uniform(-0.01, 0.01, policy.trades)).round(3)
    shares = (10 * rng.random(policy.trades) ** (-1 / 1.5)).round(2)
    right = rng.random(policy.trades) < np.where(knows[takers], 1 / (1 + np.exp(-policy.edge)), 0.5)
    wants_yes = yes_won[market] == right
    rows, held = Rows(), dict[tuple[int, str], float]()
    for number in np.flatnonzero(takers != makers):
        _trade(rows, held, market[number], takers[number], makers[number], wants_yes[number], price[number], shares[number], days[number])
    return Recording(_frame(rows), _payouts(yes_won))


def write_recording(directory: Path, whole: Recording) -> Path:
    """As a directory that `walletflow replay` and `walletflow calibration` read; each market ends an hour after its last trade."""
    outcome = pl.col("token_id").str.split(":").list.last()
    trades = whole.trades.with_columns(outcome.alias("outcome"), pl.col("wallet").str.strip_prefix("name:"))
    ended = trades.group_by("market_id").agg((pl.col("traded_at").max() + timedelta(hours=1)).alias("ended_at"))
    won = whole.payouts.filter(pl.col("payout") == 1).select(
        pl.col("token_id").str.split(":").list.first().alias("market_id"), outcome.alias("winner")
    )
    directory.mkdir(parents=True, exist_ok=True)
    trades.drop("is_taker", "token_id").write_parquet(directory / "trades.parquet")
    won.join(ended, on="market_id").write_parquet(directory / "markets.parquet")
    return directory


def without_losers(whole: Recording) -> Recording:
    """Positions that were held to the end and paid nothing have no row: nobody redeems them."""
    signed = pl.when(pl.col("side") == Side.BUY).then(pl.col("shares")).otherwise(-pl.col("shares"))
    lost = whole.payouts.filter(pl.col("payout") == 0)["token_id"].implode()
    held = (
        whole.trades.group_by("wallet", "token_id")
        .agg(signed.sum().alias("left"))
        .filter(pl.col("left") > 0, pl.col("token_id").is_in(lost))
    )
    return whole.keep(whole.trades.join(held, on=["wallet", "token_id"], how="anti", maintain_order="left"))


def winners_only(whole: Recording) -> Recording:
    """The wallets that came out ahead."""
    ahead = _pnl(whole).filter(pl.col("pnl") > 0)
    return whole.keep(whole.trades.join(ahead, on="wallet", how="semi", maintain_order="left"))


def best_of_all(whole: Recording) -> Recording:
    """The quarter of the wallets with the highest return."""
    ranked = _pnl(whole).sort(pl.col("pnl") / pl.col("paid"), descending=True)
    return whole.keep(whole.trades.join(ranked.head(ranked.height // 4), on="wallet", how="semi", maintain_order="left"))


def since_a_win(whole: Recording) -> Recording:
    """Each wallet from its first purchase on that won: it was noticed for that."""
    won = whole.payouts.filter(pl.col("payout") == 1)["token_id"].implode()
    first = (pl.col("side") == Side.BUY) & pl.col("token_id").is_in(won)
    return whole.keep(whole.trades.filter(first.cum_sum().over("wallet") > 0))


def from_the_middle(whole: Recording) -> Recording:
    """Begins when half of it has happened."""
    return whole.keep(whole.trades.filter(pl.col("traded_at") >= BEGINS + timedelta(days=45)))


def last_rows_of_each(whole: Recording) -> Recording:
    """The last sixty rows a wallet, as a page of an interface gives them."""
    return whole.keep(whole.trades.filter(pl.int_range(pl.len()).reverse().over("wallet") < 60))


def takers_only(whole: Recording) -> Recording:
    return whole.keep(whole.trades.filter("is_taker"))


def purchases_only(whole: Recording) -> Recording:
    return whole.keep(whole.trades.filter(pl.col("side") == Side.BUY))


# How a record came to be incomplete, and what has to be found in it.
KINDS: tuple[tuple[Callable[[Recording], Recording], Censoring], ...] = (
    (without_losers, Censoring.LOSERS_MISSING),
    (winners_only, Censoring.WINNERS_CHOSEN),
    (best_of_all, Censoring.WINNERS_CHOSEN),
    (since_a_win, Censoring.WINNERS_CHOSEN),
    (from_the_middle, Censoring.HISTORY_CUT),
    (last_rows_of_each, Censoring.HISTORY_CUT),
    (takers_only, Censoring.ONE_SIDE),
    (winners_only, Censoring.ONE_SIDE),
    (purchases_only, Censoring.SALES_MISSING),
)


def _trade(
    rows: Rows, held: dict[tuple[int, str], float], market: int, taker: int, maker: int, yes: bool, price: float, shares: float, day: float
) -> None:
    """The taker buys its outcome; the maker sells what it holds of it, or buys the other one."""
    token, other = (f"m{market}:{outcome}" for outcome in (("Yes", "No") if yes else ("No", "Yes")))
    paid = price if yes else 1 - price
    size = min(shares, held.get((maker, token), 0.0)) or shares
    _book(rows, held, (taker, token), market, Side.BUY, paid, size, day, is_taker=True)
    if held.get((maker, token), 0.0) >= size:
        _book(rows, held, (maker, token), market, Side.SELL, paid, size, day, is_taker=False)
    else:
        _book(rows, held, (maker, other), market, Side.BUY, 1 - paid, size, day, is_taker=False)


def _book(
    rows: Rows,
    held: dict[tuple[int, str], float],
    whose: tuple[int, str],
    market: int,
    side: Side,
    price: float,
    shares: float,
    day: float,
    is_taker: bool,
) -> None:
    wallet, token = whose
    held[whose] = held.get(whose, 0.0) + (shares if side is Side.BUY else -shares)
    rows.append((f"name:w{wallet}", f"m{market}", token, side.value, price, shares, day, is_taker))


def _frame(rows: Rows) -> pl.DataFrame:
    names = ["wallet", "market_id", "token_id", "side", "price", "shares", "day", "is_taker"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    at = pl.lit(BEGINS) + (pl.col("day") * 86_400_000_000).cast(pl.Int64).cast(pl.Duration("us"))
    return frame.with_columns(at.alias("traded_at")).drop("day")


def _payouts(yes_won: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pl.DataFrame:
    tokens = [(f"m{market}:{outcome}", float(won == (outcome == "Yes"))) for market, won in enumerate(yes_won) for outcome in ("Yes", "No")]
    return pl.DataFrame(tokens, schema=["token_id", "payout"], orient="row")


def _pnl(whole: Recording) -> pl.DataFrame:
    """`wallet`, `pnl`, `paid`."""
    signed = pl.when(pl.col("side") == Side.BUY).then(pl.col("shares")).otherwise(-pl.col("shares"))
    rows = whole.trades.join(whole.payouts, on="token_id")
    return rows.group_by("wallet", maintain_order=True).agg(
        (signed * (pl.col("payout") - pl.col("price"))).sum().alias("pnl"), (pl.col("shares") * pl.col("price")).sum().alias("paid")
    )
