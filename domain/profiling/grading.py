"""From bets to a grade per wallet: the science is in `skill`, here are its frames."""

from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from data_contracts import Bet, Grade, WalletSkill
from data_contracts.frames import empty, schema_of
from domain.profiling.skill import Bets, Skill, luck_if_chosen, price_null, skill_of
from domain.statistics.mixture import EDGES

Floats = npt.NDArray[np.float64]
GRADES = ((0.95, Grade.A), (0.80, Grade.B), (0.50, Grade.C), (0.20, Grade.D), (0.05, Grade.E), (0.0, Grade.F))
INTERVAL = (0.05, 0.95)


def graded(bets: pl.DataFrame, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bet rows with their fair chance and weight, and one WalletSkill row per wallet, of what `bets_of` found."""
    if not bets.height:
        return empty(Bet), empty(WalletSkill)
    names = bets["wallet"].unique().sort()
    arrays = _arrays(bets, names)
    # Who made and who took is not told by the feed of trades; where it is, one line more is fitted here.
    price = bets["price"].cast(pl.Float64).to_numpy()
    null = price_null(arrays, price, np.zeros(bets.height, bool), bets["market_id"].n_unique())
    skill = skill_of(arrays, null)
    laid_out = bets.with_columns(
        pl.Series("fair_chance", skill.expected.payoff), pl.Series("weight", skill.weight), pl.lit(as_of).alias("as_of")
    )
    return _shaped(laid_out, Bet), _shaped(_skills(arrays, skill, names, as_of), WalletSkill)


def grade_of(skilled: float) -> Grade:
    """The letter of a probability. Raises ValueError for what is none: not a number has no grade."""
    if not 0 <= skilled <= 1:
        raise ValueError(f"{skilled} is no probability, and has no grade")
    return next(grade for at_least, grade in GRADES if skilled >= at_least)


def _arrays(bets: pl.DataFrame, names: pl.Series) -> Bets:
    wallet, event = (
        bets[column].cast(pl.Enum(known)).to_physical().to_numpy().astype(np.int64)
        for column, known in (("wallet", names), ("event", bets["event"].unique()))
    )
    cluster = pl.Series(wallet * (event.max() + 1) + event).rank("dense").to_numpy().astype(np.int64) - 1
    return Bets(wallet, cluster, bets["payoff"].cast(pl.Float64).to_numpy(), names.len())


def _skills(bets: Bets, skill: Skill, names: pl.Series, as_of: datetime) -> pl.DataFrame:
    count = np.bincount(bets.wallet, minlength=bets.wallets)
    owner = np.zeros(int(bets.cluster.max()) + 1, np.int64)
    owner[bets.cluster] = bets.wallet
    luck = skill.mixture.luck
    cumulated = skill.mixture.odds.cumsum(axis=1)
    low, high = (EDGES[np.minimum((cumulated < part).sum(axis=1), EDGES.size - 1)] for part in INTERVAL)
    columns = {
        "bets": count,
        "events": np.bincount(owner, minlength=bets.wallets),
        "surplus": np.bincount(bets.wallet, bets.payoff - skill.expected.payoff, bets.wallets) / count,
        "edge": skill.mixture.odds @ EDGES,
        "edge_low": low,
        "edge_high": high,
        "skilled": np.clip(1 - luck, 0, 1),
        "luck_if_chosen": np.clip(luck_if_chosen(luck), 0, 1),
    }
    known = pl.col("skilled").is_not_nan()  # polars takes NaN for more than anything
    letter: pl.Expr = pl.when(known).then(pl.lit(Grade.F.value))
    for at_least, grade in reversed(GRADES):
        letter = pl.when(known & (pl.col("skilled") >= at_least)).then(pl.lit(grade.value)).otherwise(letter)
    return (
        names.to_frame()
        .with_columns(**{name: pl.Series(values) for name, values in columns.items()})
        .with_columns(letter.alias("grade"), pl.lit(as_of).alias("as_of"))
    )


def _shaped(frame: pl.DataFrame, row_class: type) -> pl.DataFrame:
    schema = schema_of(row_class)
    return frame.select(list(schema)).cast(dict(schema.items()))
