"""What grades said of each wallet at an instant, and what its later bets came to.

Nobody ever sees an edge. What an edge promises can be seen: that a wallet is ahead of its prices in what it bets later. The posterior of a
wallet gives that a probability, exactly: of so many bets at such fair chances, more are won than those chances add up to.

Only the past speaks: what prices are worth is learned from bets that had ended, and of a wallet's later bets the first of each event counts
that it had not bet on before, so that one outcome is not counted twice.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.profiling.grading import grade_of
from domain.profiling.skill import Bets, Floats, luck_if_chosen, price_null, skill_of
from domain.statistics.mixture import EDGES, NOTHING

Flags = npt.NDArray[np.bool_]
FEWEST_BETS, MOST_BETS = 5, 300  # later ones of a wallet: fewer hardly say anything, more are not looked at
FORECASTS = {
    "wallet": pl.String(),
    "grade": pl.String(),
    "skilled": pl.Float64(),
    "luck_if_chosen": pl.Float64(),
    "edge": pl.Float64(),
    "bets": pl.UInt32(),
    "said": pl.Float64(),
    "unskilled": pl.Float64(),
    "if_skilled": pl.Float64(),
    "came": pl.Float64(),
    "surplus_said": pl.Float64(),
    "surplus_came": pl.Float64(),
}
DRAWS = 200


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What the same wallets would have come to, had other events been drawn: draws x wallets, of `bets` and the sum of `surplus`."""

    bets: Floats
    surplus: Floats

    @property
    def came(self) -> Floats:
        """Who would have been ahead."""
        return np.asarray(self.surplus > 0, np.float64)


@dataclass(frozen=True, slots=True)
class SkillForecasts:
    """`rows` are FORECASTS, one per wallet with bets before and after. `bets` are all, with `fair_chance` and `is_later`.

    `redrawn` has the wallets in the order of the rows.
    """

    rows: pl.DataFrame
    bets: pl.DataFrame
    redrawn: Redrawn


def skill_forecasts(bets: pl.DataFrame, said_at: datetime) -> SkillForecasts:
    """What grades say of each wallet, and what came.

    `said`: the probability of being ahead; `unskilled`: that of one who knows nothing; `if_skilled`: that if it knows something; `came`: 1
    if it was. Surpluses are sums over the wallet's later bets, of payoff less fair chance: as expected, and as it came.
    """
    before = bets.filter(pl.col("resolved_at") <= said_at)
    later = bets.filter(pl.col("bought_at") > said_at)
    both = pl.concat([before.with_columns(is_later=pl.lit(False)), later.with_columns(is_later=pl.lit(True))])
    if not before.height or not later.height:
        nothing = np.zeros((DRAWS, 0))
        return SkillForecasts(
            pl.DataFrame(schema=FORECASTS), both.with_columns(fair_chance=pl.lit(None, pl.Float64)), Redrawn(nothing, nothing)
        )
    wallets, odds, fair = _graded(both, before.height)
    both = both.with_columns(pl.Series("fair_chance", fair))
    luck = odds[:, : NOTHING + 1].sum(axis=1)
    chosen = luck_if_chosen(luck)
    number = {wallet: place for place, wallet in enumerate(wallets)}
    counted = _fresh(both).filter(pl.len().over("wallet") >= FEWEST_BETS).filter(pl.col("wallet").is_in(wallets))
    rows = [
        {"wallet": wallet, "grade": grade_of(float(np.clip(1 - luck[place], 0, 1))).value, "skilled": 1 - luck[place]}
        | {"luck_if_chosen": chosen[place], "edge": odds[place] @ EDGES}
        | _later(own["fair_chance"].to_numpy(), own["payoff"].to_numpy(), odds[place])
        for (wallet,), own in counted.group_by("wallet", maintain_order=True)
        for place in (number[str(wallet)],)
    ]
    return SkillForecasts(pl.DataFrame(rows, schema=FORECASTS), both, redraw(counted))


def redraw(bets: pl.DataFrame, seed: int = 0) -> Redrawn:
    """Each event as often as a draw of as many has it, by Poisson's law: all wallets that bet on one win or lose by it together."""
    wallet, event, wallets = _numbers(bets, "wallet"), _numbers(bets, "event"), bets["wallet"].n_unique()
    surplus = (bets["payoff"] - bets["fair_chance"]).to_numpy()
    chance = np.random.default_rng(seed)
    times = [chance.poisson(1.0, int(event.max(initial=-1)) + 1)[event] for _ in range(DRAWS)]
    count = np.array([np.bincount(wallet, drawn, wallets) for drawn in times])
    return Redrawn(count, np.array([np.bincount(wallet, drawn * surplus, wallets) for drawn in times]))


def _graded(both: pl.DataFrame, known: int) -> tuple[list[str], Floats, Floats]:
    """The wallets with ended bets, their posteriors over EDGES, and the fair chance of every bet, learned from the first `known` rows."""
    before = both.head(known)
    wallets = before["wallet"].unique().sort()
    arrays = _arrays(before)
    price, tokens = both["price"].cast(pl.Float64).to_numpy(), before["market_id"].n_unique()
    skill = skill_of(arrays, price_null(arrays, price[:known], np.zeros(known, bool), tokens))
    innocence = np.zeros(both.height)
    innocence[:known] = skill.mixture.luck[arrays.wallet]
    everything = Bets(
        _numbers(both, "wallet"), _numbers(both, "wallet", "event"), both["payoff"].cast(pl.Float64).to_numpy(), both["wallet"].n_unique()
    )
    # Later bets weigh nothing: the line of prices is that of the past. It is scaled by how many bets there are, so that is put right.
    null = price_null(everything, price, np.zeros(both.height, bool), max(1, round(tokens * both.height / known)))
    return wallets.to_list(), skill.mixture.odds, null(innocence).payoff


def _arrays(bets: pl.DataFrame) -> Bets:
    return Bets(
        _numbers(bets, "wallet"), _numbers(bets, "wallet", "event"), bets["payoff"].cast(pl.Float64).to_numpy(), bets["wallet"].n_unique()
    )


def _numbers(bets: pl.DataFrame, *names: str) -> npt.NDArray[np.int64]:
    """0, 1, 2 … in the order of the names."""
    return bets.select(pl.struct(names).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()


def _fresh(both: pl.DataFrame) -> pl.DataFrame:
    """Later bets that are won or lost, the first of each event that the wallet had not bet on."""
    known = both.filter(~pl.col("is_later")).select("wallet", "event").unique()
    whole = both.filter("is_later").with_columns(pl.col("payoff").cast(pl.Float64)).filter(pl.col("payoff").is_in([0.0, 1.0]))
    fresh = whole.join(known, on=["wallet", "event"], how="anti").sort("wallet", "bought_at")
    return fresh.unique(["wallet", "event"], keep="first", maintain_order=True).group_by("wallet", maintain_order=True).head(MOST_BETS)


def _later(fair: Floats, payoff: Floats, odds: Floats) -> dict[str, float]:
    """What one wallet's later bets were expected to come to, and came to."""
    wins = wins_with(fair)
    ahead, surplus = chance_of_being_ahead(fair, wins), (wins - fair[:, None]).sum(axis=0)
    knows = odds[NOTHING + 1 :]
    return {
        "bets": fair.size,
        "said": float(odds @ ahead),
        "unskilled": float(ahead[NOTHING]),
        "if_skilled": float(knows @ ahead[NOTHING + 1 :] / max(knows.sum(), 1e-12)),
        "came": float(payoff.sum() > fair.sum()),
        "surplus_said": float(odds @ surplus),
        "surplus_came": float((payoff - fair).sum()),
    }


def wins_with(fair: Floats) -> Floats:
    """(bets x EDGES) the chance of winning each bet with each edge."""
    at = fair[:, None]
    return np.asarray(at * np.exp(EDGES) / (1 + at * np.expm1(EDGES)))


def chance_of_being_ahead(fair: Floats, wins: Floats) -> Floats:
    """Per edge: that more bets are won than their fair chances add up to. Exact: the distribution of the number of wins, bet by bet."""
    counts = np.zeros((fair.size + 1, wins.shape[1]))
    counts[0] = 1.0
    for chance in wins:
        won = counts[:-1] * chance
        counts *= 1 - chance
        counts[1:] += won
    return np.asarray(counts[int(np.floor(fair.sum())) + 1 :].sum(axis=0))
