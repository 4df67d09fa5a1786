"""From bets to a grade per wallet: the science is in `skill`, here are its frames."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from data_contracts import Bet, Grade, WalletSkill
from data_contracts.frames import empty, schema_of
from domain.profiling.bets_needed import bets_needed_by
from domain.profiling.skill import Bets, Skill, luck_if_chosen, price_null, skill_of
from domain.statistics.mixture import EDGES

Floats = npt.NDArray[np.float64]
GRADES = ((0.95, Grade.A), (0.80, Grade.B), (0.50, Grade.C), (0.20, Grade.D), (0.05, Grade.E), (0.0, Grade.F))
INTERVAL = (0.05, 0.95)


def grade_bets(bets: pl.DataFrame, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bet rows with their fair chance and weight, and one WalletSkill row per wallet, of what `bets_of` found."""
    names = bets["wallet"].unique().sort()
    number = pl.col("wallet").cast(pl.Enum(names)).to_physical().cast(pl.UInt64)
    events = pl.col("event").cast(pl.Enum(bets["event"].unique())).to_physical()
    markets = pl.col("market_id").cast(pl.Enum(bets["market_id"].unique())).to_physical()
    numbers = bets.select(number, events, markets.alias("market"), pl.col("price", "payoff").cast(pl.Float64))
    grades = graded_numbers(numbers, pl.DataFrame({"number": pl.Series(range(names.len()), dtype=pl.UInt64), "wallet": names}), as_of)
    laid_out = bets.with_columns(grades.fair_chance, grades.weight, pl.lit(as_of).alias("as_of"))
    return _shaped(laid_out, Bet), grades.skills


@dataclass(frozen=True, slots=True)
class Grades:
    """WalletSkill rows; and bet by bet, what it paid one who knows nothing, and what it says beside the others of its event."""

    skills: pl.DataFrame
    fair_chance: pl.Series
    weight: pl.Series


def graded_numbers(numbers: pl.DataFrame, names: pl.DataFrame, as_of: datetime) -> Grades:
    """`numbers`: one row per bet, `wallet`, `event`, `market` as numbers, `price`, `payoff`. `names`: `number` → `wallet`, by name."""
    if not numbers.height:
        return Grades(empty(WalletSkill), pl.Series("fair_chance", [], pl.Float64), pl.Series("weight", [], pl.Float64))
    arrays = _arrays(numbers, names)
    # Who made and who took is not told by the feed of trades; where it is, one line more is fitted here.
    null = price_null(arrays, numbers["price"].to_numpy(), np.zeros(numbers.height, bool), numbers["market"].n_unique())
    skill = skill_of(arrays, null)
    skills = _shaped(_with_needed(graded(arrays, skill, names["wallet"], as_of), arrays, skill), WalletSkill)
    return Grades(skills, pl.Series("fair_chance", skill.expected.payoff), pl.Series("weight", skill.weight))


def grade_of(skilled: float) -> Grade:
    """The letter of a probability. Raises ValueError for what is none: not a number has no grade."""
    if not 0 <= skilled <= 1:
        raise ValueError(f"{skilled} is no probability, and has no grade")
    return next(grade for at_least, grade in GRADES if skilled >= at_least)


def _arrays(numbers: pl.DataFrame, names: pl.DataFrame) -> Bets:
    order = names.select("number", place=pl.int_range(pl.len(), dtype=pl.Int64))
    wallet = (
        numbers.select("wallet").join(order, left_on="wallet", right_on="number", how="left", maintain_order="left")["place"].to_numpy()
    )
    event = numbers["event"].rank("dense").to_numpy().astype(np.int64) - 1
    cluster = pl.Series(wallet * (event.max() + 1) + event).rank("dense").to_numpy().astype(np.int64) - 1
    return Bets(wallet, cluster, numbers["payoff"].to_numpy(), names.height, numbers["market"].n_unique())


def _with_needed(skills: pl.DataFrame, bets: Bets, skill: Skill) -> pl.DataFrame:
    needed = bets_needed_by(bets.wallet, skill.expected.payoff, skill.weight, bets.wallets, skill.mixture.prevalence)
    return skills.with_columns(pl.Series("bets_needed", needed))


def graded(bets: Bets, skill: Skill, names: pl.Series, as_of: datetime) -> pl.DataFrame:
    """A WalletSkill row per name, but for how many bets it would take."""
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
