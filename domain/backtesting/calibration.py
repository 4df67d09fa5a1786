"""Each probability that is stated somewhere, against what came later: a table of figures with intervals, or why there is no figure.

Where a statement speaks of something nobody ever sees (an edge, an owner), it is held against what it promises to be seen, and the table
says which that is. Everything is said again as it would have been said at one instant, from what was known then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data_contracts import Censoring, Grade
from domain.backtesting.alarm_forecasts import alarm_forecasts
from domain.backtesting.copy_forecasts import copy_forecasts
from domain.backtesting.pair_forecasts import AGAIN, pair_forecasts
from domain.backtesting.skill_forecasts import Flags, SkillForecasts, skill_forecasts
from domain.profiling.bets import bets_of
from domain.profiling.censoring import missing_from_trades
from domain.statistics.calibration import FEWEST, Bin, Floats, Scores, reliability, resampled_ratio, scores_of, widened, wilson

MAX_LUCK = 0.10
FEWEST_WALLETS = 15  # with many bets each
SKILL, GRADE, LUCK, ALARM, PAIR, COPY = "ahead later", "surplus by grade", "luck share", "false alarms", "pairs go on", "copy interval"
FLATTERED = {SKILL, GRADE, LUCK, ALARM, COPY}  # by censoring; who trades with whom is not


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table. `came` lies between `low` and `high` at 90 %; all three are None where `count` is too few."""

    what: str
    group: str
    count: int
    said: float | None
    came: float | None
    low: float | None
    high: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Overall:
    """Scores of the forecasts of one kind, and of one who says that nobody knows anything."""

    what: str
    ours: Scores
    nobody: Scores


@dataclass(frozen=True, slots=True)
class Calibration:
    """The whole answer. `bins`: what → its reliability, for a picture. `events`: how many different ones later bets were on."""

    said_at: datetime
    until: datetime
    bets: int
    trades: int
    wallets: int
    events: int
    figures: list[Figure]
    overall: Overall | None
    bins: dict[str, list[Bin]]
    censoring: list[Censoring]

    def flatters(self, figure: Figure) -> bool:
        """Whether what is missing makes this figure look better, or worse, than it is."""
        return bool(self.censoring) and figure.came is not None and figure.what in FLATTERED


@dataclass(frozen=True, slots=True)
class Seen:
    """What the answer is found in. `bets` as `domain.profiling.bets` has them, and when it is said what they will come to.

    `tape`: Trade rows in time order, on which pairs and copies are looked for, and when these are said; `markets` are its market rows.
    """

    bets: pl.DataFrame
    said_at: datetime
    tape: pl.DataFrame
    tape_said_at: datetime
    markets: pl.DataFrame
    until: datetime
    censoring: list[Censoring]


def seen_in(trades: pl.DataFrame, markets: pl.DataFrame, said_at: datetime, until: datetime) -> Seen:
    """A record as a whole: Trade rows in time order, and market rows."""
    bets, missing = bets_of(trades, markets, until), missing_from_trades(trades, markets.select("token_id", "payout"))
    return Seen(bets, said_at, trades, said_at, markets, until, missing)


def calibrate(seen: Seen) -> Calibration:
    """What would have been said, against what came."""
    skill = skill_forecasts(seen.bets, seen.said_at)
    alarms = alarm_forecasts(skill.rows, skill.bets)
    topics = seen.markets.select("token_id", topic=pl.col("category").fill_null("")).unique("token_id")
    traded = seen.tape.select("wallet", "token_id", "side", "traded_at").join(topics, on="token_id", how="left")
    pairs = pair_forecasts(traded.with_columns(pl.col("topic").fill_null("")), seen.tape_said_at)
    copied = copy_forecasts(seen.tape, seen.markets, seen.tape_said_at, seen.until)
    events = skill.bets.filter("is_later")["event"].n_unique()
    bins = {SKILL: _bins(skill.rows, skill.redrawn.came) if events >= FEWEST else [], ALARM: _bins(alarms)}
    return Calibration(
        said_at=seen.said_at,
        until=seen.until,
        bets=seen.bets.height,
        trades=seen.tape.height,
        wallets=seen.bets["wallet"].n_unique(),
        events=events,
        figures=[*_of_skill(skill, bins[SKILL], events), _of_alarms(alarms), _of_pairs(pairs), *_of_copies(copied)],
        overall=_overall(skill.rows) if events >= FEWEST else None,
        bins={what: found for what, found in bins.items() if found},
        censoring=seen.censoring,
    )


def verdict(said: float, low: float, high: float) -> str:
    """In words: whether what came agrees with what was said."""
    if low <= said <= high:
        return "agrees"
    return "said too much" if said > high else "said too little"


def too_few(what: str, group: str, count: int, needed: int, of: str) -> Figure:
    """In place of a figure."""
    return Figure(what, group, count, None, None, None, None, f"too few: {count} {of} of {needed}")


def _bins(forecasts: pl.DataFrame, redrawn: Floats | None = None) -> list[Bin]:
    return reliability(forecasts["said"].to_numpy(), forecasts["came"].to_numpy(), redrawn) if forecasts.height else []


def _of_skill(skill: SkillForecasts, bins: Sequence[Bin], events: int) -> list[Figure]:
    """Nothing where few events decide: all wallets win and lose by them together."""
    if events < FEWEST:
        return [too_few(what, "all", events, FEWEST, "events") for what in (SKILL, GRADE, LUCK)]
    lines = [_of_bin(SKILL, bin_) for bin_ in bins] or [too_few(SKILL, "all", 0, FEWEST, "wallets")]
    return [*lines, *_of_grades(skill), _of_luck(skill)]


def _of_bin(what: str, bin_: Bin) -> Figure:
    group = f"said {bin_.from_:.0%} to {bin_.to:.0%}"
    if bin_.came is None or bin_.low is None or bin_.high is None:
        return too_few(what, group, bin_.count, FEWEST, "wallets")
    return Figure(what, group, bin_.count, bin_.said, bin_.came, bin_.low, bin_.high, verdict(bin_.said, bin_.low, bin_.high))


def _of_grades(skill: SkillForecasts) -> list[Figure]:
    """Per grade: what a later bet was to bring above its fair chance, and brought."""
    graded = ((grade, (skill.rows["grade"] == grade.value).to_numpy()) for grade in Grade)
    return [_surplus(grade, skill, here) for grade, here in graded if here.any()]


def _surplus(grade: Grade, skill: SkillForecasts, here: Flags) -> Figure:
    own = skill.rows.filter(here)
    if own.height < FEWEST_WALLETS:
        return too_few(GRADE, grade.value, own.height, FEWEST_WALLETS, "wallets")
    bets, came = own["bets"].cast(pl.Float64).to_numpy(), own["surplus_came"].to_numpy()
    said, mean = float(own["surplus_said"].sum() / bets.sum()), float(came.sum() / bets.sum())
    again = skill.redrawn.surplus[:, here].sum(axis=1) / np.maximum(skill.redrawn.bets[:, here].sum(axis=1), 1)
    low, high = widened(*resampled_ratio(came, bets, np.arange(own.height)), mean, again)
    return Figure(GRADE, grade.value, own.height, said, mean, low, high, verdict(said, low, high))


def _of_luck(skill: SkillForecasts) -> Figure:
    """Of those whom a limit on luck would have chosen: the share that knows nothing, by how many too few were ahead later.

    If all knew something, so many would have been ahead (`if_skilled`), if none did, so many (`unskilled`); the truth lies between.
    """
    here = (skill.rows["luck_if_chosen"] <= MAX_LUCK).to_numpy()
    chosen, group = skill.rows.filter(here), f"chosen at {MAX_LUCK:.0%}"
    if chosen.height < FEWEST_WALLETS:
        return too_few(LUCK, group, chosen.height, FEWEST_WALLETS, "wallets")
    ahead, nobody, came = (chosen[name].to_numpy() for name in ("if_skilled", "unskilled", "came"))
    share = float((ahead - came).sum() / (ahead - nobody).sum())
    again = (ahead.sum() - skill.redrawn.came[:, here].sum(axis=1)) / (ahead - nobody).sum()
    low, high = widened(*resampled_ratio(ahead - came, ahead - nobody, np.arange(chosen.height)), share, again, of_signs=True)
    said = float((1 - chosen["skilled"]).sum() / chosen.height)
    return Figure(LUCK, group, chosen.height, said, share, low, high, verdict(said, low, high))


def _of_alarms(alarms: pl.DataFrame) -> Figure:
    """Who rang although it was said to be that rare. Some of them did lose their edge: more than said is no fault of the test's yet."""
    if alarms.height < FEWEST:
        return too_few(ALARM, "in form", alarms.height, FEWEST, "wallets")
    said, hits = float(alarms["said"].sum()) / alarms.height, float(alarms["came"].sum())
    low, high = wilson(hits, alarms.height)
    found = "more ring than keep their edge" if said < low else verdict(said, low, high)
    return Figure(ALARM, "in form", alarms.height, said, hits / alarms.height, low, high, found)


def _of_pairs(pairs: pl.DataFrame) -> Figure:
    """The share that was true, at least: by chance 5 % would seem to go on, and owners stop for reasons of their own."""
    if pairs.height < FEWEST:
        return too_few(PAIR, "both still active", pairs.height, FEWEST, "pairs")
    said, hits = float(pairs["said"][0]), float(pairs["came"].sum())
    share, low, high = (max(0.0, (part - AGAIN) / (1 - AGAIN)) for part in (hits / pairs.height, *wilson(hits, pairs.height)))
    return Figure(
        PAIR, "both still active", pairs.height, said, share, low, high, "agrees" if high >= said else "at least so many were true"
    )


def _of_copies(copied: pl.DataFrame) -> list[Figure]:
    """Of all intervals, and of those that promised a gain: these are the ones that are chosen."""
    parts = {"all": copied, "gain promised": copied.filter(pl.col("low") > 0)}
    return [_coverage(group, own) for group, own in parts.items()]


def _coverage(group: str, own: pl.DataFrame) -> Figure:
    if own.height < FEWEST:
        return too_few(COPY, group, own.height, FEWEST, "wallets")
    low, high = wilson(float(own["came"].sum()), own.height)
    return Figure(COPY, group, own.height, 0.90, float(own["came"].sum()) / own.height, low, high, verdict(0.90, low, high))


def _overall(forecasts: pl.DataFrame) -> Overall | None:
    """Beside somebody who gives every wallet the chance of one that knows nothing."""
    if forecasts.height < FEWEST:
        return None
    came, wallet = forecasts["came"].to_numpy(), np.arange(forecasts.height)
    ours, nobody = (scores_of(forecasts[name].to_numpy(), came, wallet) for name in ("said", "unskilled"))
    return Overall(SKILL, ours, nobody)
