"""Grades every wallet by all its bets: how sure we are that it knows something."""

import logging
from collections.abc import Sequence
from datetime import datetime

import polars as pl

from adapters.batches import batches
from adapters.connect import open_history
from adapters.settings import Settings
from adapters.stores.history import History, Part
from data_contracts import Bet, PeerBet, ProfilingStep, WalletSkill
from data_contracts.frames import EPOCH, empty, rows_of, schema_of
from domain.profiling.bets import bets_in
from domain.profiling.grading import Grades, graded_numbers
from domain.profiling.patience import OF_GRADES, Patience, grades_are_due
from tasks.profiling.looks import Look, look, remember, since_last
from tasks.quality import sorted_out
from tasks.steps import step

WALLETS_AT_ONCE = 2_000  # whose bets are laid out again together
FEW_BETS = 50_000  # as many are all laid out again, by each grading
PERHAPS_SKILLED = 0.05  # of more, those of wallets that may know something: nobody reads what the others' bets were worth
SHOWN = {"wallet": pl.String()} | dict.fromkeys(("price", "payoff", "fair_chance", "weight"), pl.Float64())
log = logging.getLogger("walletflow.skill")


@step
def tell_skill(settings: Settings, as_of: datetime, patience: Patience = OF_GRADES) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All bets (SHOWN) and the WalletSkill rows of all wallets, unchecked; no rows while too little changed.

    What prices are worth is learned from all bets together, so a grade takes the numbers of all of them: an estimated 0.3 GB a million.
    """
    history = open_history(settings)
    if not _are_due(history, as_of, patience):
        return pl.DataFrame(schema=SHOWN), empty(WalletSkill)
    laid = _lay_bets(look("bets", settings, as_of), settings, as_of)
    numbers, names = history.bet_numbers(as_of)
    grades = graded_numbers(numbers, names, as_of)
    others = history.of_wallets(PeerBet).select("wallet").unique()  # graded by what their peers got
    gone = history.skills().join(names, on="wallet", how="anti").join(others, on="wallet", how="anti")
    history.remove(gone, WalletSkill)  # whose bets are none any more
    worth = numbers.with_columns(grades.fair_chance, grades.weight)
    for wallets in batches(_worth_laying_out(worth, grades, laid), WALLETS_AT_ONCE):
        history.append(sorted_out(_laid_out(history, wallets, worth, names, as_of), Bet, settings, as_of), Bet)
    return _by_name(worth, names), grades.skills


@step
def keep_skill(bets: pl.DataFrame, skills: pl.DataFrame, settings: Settings) -> None:
    """Grades into ClickHouse, replacing what was known of the same wallets."""
    history = open_history(settings)
    as_of = skills["as_of"].max()
    if isinstance(as_of, datetime):
        history.append(skills, WalletSkill)
        remember("grades", as_of, as_of, as_of, history)
        log.info("%d bets, %d wallets graded, %d of them surely skilled", bets.height, skills.height, (skills["grade"] == "A").sum())


def _are_due(history: History, as_of: datetime, patience: Patience) -> bool:
    graded_at = {row.step: row.as_of for row in rows_of(history.steps(), ProfilingStep)}.get("grades")
    changed, rows = history.closed_since(since_last("bets", history, as_of).counted or EPOCH)
    return grades_are_due(graded_at, as_of, changed, rows, patience)


def _lay_bets(found: Look, settings: Settings, as_of: datetime) -> set[str]:
    """The bets of what changed, at the price paid until they are graded. The wallets that made them."""
    wallets: set[str] = set()
    for part in found.parts:
        bets = _new_bets(found, part, settings, as_of)
        wallets.update(bets["wallet"].unique())
    if found.mark_at is not None:
        remember(found.step, found.mark_at, found.counted_at, as_of, open_history(settings))
    return wallets


def _new_bets(found: Look, part: Part, settings: Settings, as_of: datetime) -> pl.DataFrame:
    history = open_history(settings)
    bets = bets_in(history.touched_totals(found.since, part), found.markets, as_of)
    price = pl.col("price").cast(pl.Float64).clip(0, 1)
    laid = _shaped(bets.with_columns(price.alias("fair_chance"), pl.lit(1.0).alias("weight"), pl.lit(as_of).alias("as_of")))
    before = history.touched_keys(Bet, found.since, part)
    history.remove(before.join(laid, on=["wallet", "token_id"], how="anti"), Bet)
    good = sorted_out(laid, Bet, settings, as_of)
    history.append(good, Bet)
    return good


def _by_name(worth: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """SHOWN of all bets. A name is an Enum: millions of bets have few wallets."""
    known = names.sort("wallet")["wallet"]
    wallet = pl.col("wallet").replace_strict(names["number"], names["wallet"], return_dtype=pl.Enum(known))
    return worth.with_columns(wallet).select(list(SHOWN))


def _worth_laying_out(worth: pl.DataFrame, grades: Grades, laid: set[str]) -> Sequence[str]:
    skills = grades.skills
    if worth.height > FEW_BETS:
        skills = skills.filter((pl.col("skilled") >= PERHAPS_SKILLED) & pl.col("wallet").is_in(list(laid)) | (pl.col("skilled") >= 0.5))
    return skills["wallet"].sort().to_list()


def _laid_out(history: History, wallets: Sequence[str], worth: pl.DataFrame, names: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Bet rows of these wallets with what they were worth: the store tells both in one order."""
    numbers = names.filter(pl.col("wallet").is_in(list(wallets)))["number"]
    mine = worth.filter(pl.col("wallet").is_in(numbers.implode()))
    bets = history.bets(wallets).filter(pl.col("resolved_at") <= as_of).sort("wallet", "token_id")
    return _shaped(bets.with_columns(mine["fair_chance"], mine["weight"], pl.lit(as_of).alias("as_of")))


def _shaped(bets: pl.DataFrame) -> pl.DataFrame:
    schema = schema_of(Bet)
    return bets.select(list(schema)).cast(dict(schema.items()))
