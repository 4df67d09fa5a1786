"""Reads what was seen, says again what would have been said at one instant, and shows it beside what came."""

import json
import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from adapters.connect import open_history, open_results
from adapters.feeds.recorded import RecordedFeed
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import CalibrationFigure, Censoring, Trade
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from domain.backtesting.calibration import Calibration, Figure, Seen, calibrate, seen_in
from domain.ids import row_id
from domain.profiling.censoring import missing_from_bets, missing_from_trades
from tasks.clock import name_run
from tasks.fast_check import breaches
from tasks.operating.artifacts import show_table
from tasks.operating.charts import reliability_plot, show_chart
from tasks.steps import step

MOST_DAYS, TAPE_DAYS = 180, 30
MOST_BETS = 3_000_000
BETS = ["wallet", "market_id", "token_id", "event", "price", "payoff", "bought_at", "resolved_at"]
COLUMNS = ["trade_id", "wallet", "market_id", "token_id", "side", "price", "shares", "notional", "traded_at"]
log = logging.getLogger("walletflow.calibration")


@step
def calibrate_recording(directory: Path, said_at: str) -> Calibration:
    """Of a recording; rows that break their contract are left out. `said_at`: a date, or the part of its time before it (0.5)."""
    feed = RecordedFeed(directory)
    broken = {breach.row for breach in breaches(feed.all_trades, Trade)}
    trades = feed.all_trades.with_row_index().filter(~pl.col("index").is_in(sorted(broken))).select(COLUMNS)
    begins, last, ended = trades["traded_at"].min(), trades["traded_at"].max(), feed.all_markets["ended_at"].max()
    if not isinstance(begins, datetime) or not isinstance(last, datetime):
        raise Refused(f"{directory}: there are no trades to hold anything against")
    until = max(last, ended) if isinstance(ended, datetime) else last
    return calibrate(seen_in(trades, feed.all_markets, instant_between(said_at, begins, last), until))


@step
def calibrate_history(settings: Settings, as_of: datetime, days: int, said_at: str) -> Calibration:
    """Of our own bets, and of the trades of the last month. `said_at` may be a part of the last `days` days.

    Bounded in memory: where there are more than MOST_BETS, those of as many wallets as make that many, chosen by a hash of their names.
    """
    history = open_history(settings)
    bets = history.bets(_some_wallets(history.skills())).filter(pl.col("resolved_at") <= as_of).sort("wallet", "bought_at", "token_id")
    tape_begins = as_of - timedelta(days=TAPE_DAYS)
    tape = history.trades(tape_begins, as_of, only=COLUMNS)
    markets = history.markets(tape["token_id"].unique().to_list())
    said = instant_between(said_at, as_of - timedelta(days=days), as_of)
    tape_said = said if said > tape_begins else tape_begins + timedelta(days=TAPE_DAYS) / 2
    return calibrate(Seen(bets.select(BETS), said, tape, tape_said, markets, as_of, _missing(bets, tape, markets)))


@step
def report_calibration(found: Calibration) -> None:
    """A table and the reliability plots under the run."""
    name_run(f"calibration · {in_short(found)}")
    show_table(records(found), "calibration", summary(found), "Performance")
    if found.bins:
        show_chart("calibration-plots", "Said against what came; dots on the line agree", "Performance", *plots(found))
    log.info("%s", summary(found))


@step
def keep_calibration(found: Calibration, settings: Settings, as_of: datetime) -> None:
    """Into Postgres, for the results page: what our own history came to."""
    open_results(settings).write([Write(CalibrationFigure, frame_of(rows_of_figures(found, as_of), CalibrationFigure), "put")])


def rows_of_figures(found: Calibration, as_of: datetime) -> list[CalibrationFigure]:
    """A row a figure."""
    return [
        CalibrationFigure(
            what=one.what,
            of=one.group,
            count=one.count,
            said=one.said,
            came=one.came,
            low=one.low,
            high=one.high,
            verdict=one.verdict,
            missing=", ".join(found.censoring) if found.flatters(one) else "",
            said_at=found.said_at,
            until_at=found.until,
            as_of=as_of,
        )
        for one in found.figures
    ]


def records(found: Calibration) -> list[dict[str, Any]]:
    """The table, a figure a row; beside a figure that censoring flatters, what is missing."""
    return [_record(figure, found) for figure in found.figures]


def plots(found: Calibration) -> list[str]:
    """One SVG for each kind of forecast that has bins."""
    return [reliability_plot(what, [asdict(bin_) for bin_ in bins]) for what, bins in found.bins.items()]


def summary(found: Calibration) -> str:
    """In a sentence or two."""
    said = f"Said as of {found.said_at:%Y-%m-%d}, came by {found.until:%Y-%m-%d}: "
    said += f"{found.bets:,} bets of {found.wallets:,} wallets, {found.trades:,} trades."
    scores = ""
    if found.overall is not None:
        ours, nobody = found.overall.ours, found.overall.nobody
        scores = (
            f" Being ahead later, {ours.count:,} wallets: Brier score {ours.brier:.4f} (nobody knows: {nobody.brier:.4f}), log loss "
            f"{ours.log_loss:.4f} ({nobody.log_loss:.4f}); came less said {ours.gap:+.3f} ({ours.gap_low:+.3f} to {ours.gap_high:+.3f})."
        )
    missing = f" This record is likely censored: {', '.join(found.censoring)}." if found.censoring else ""
    return said + scores + missing


def in_short(found: Calibration) -> str:
    """For a run's name: what it rests on, and how far what we said of being ahead later was from what came."""
    gap = "" if found.overall is None else f", came less said {found.overall.ours.gap:+.3f}"
    return f"{found.bets:,} bets of {found.wallets:,} wallets{gap}"


def as_json(found: Calibration) -> str:
    """All of it, for a program."""
    return json.dumps(asdict(found), default=str)


def _some_wallets(skills: pl.DataFrame) -> list[str]:
    by_hash = skills.select("wallet", "bets").with_columns(pl.col("wallet").map_elements(row_id, pl.String).alias("hash")).sort("hash")
    return by_hash.filter(pl.col("bets").cum_sum() <= MOST_BETS)["wallet"].to_list()


def _missing(bets: pl.DataFrame, tape: pl.DataFrame, markets: pl.DataFrame) -> list[Censoring]:
    """That the tape begins in the middle is our own doing, and says nothing of the bets."""
    found = missing_from_bets(bets.sort("bought_at").with_columns(pl.lit(1.0).alias("shares")))
    others = missing_from_trades(tape, markets.select("token_id", "payout"))
    return found + [kind for kind in others if kind in (Censoring.ONE_SIDE, Censoring.SALES_MISSING)]


def instant_between(said_at: str, begins: datetime, ends: datetime) -> datetime:
    """A date as it is, a part of the time from `begins` to `ends` as an instant. Raises Refused for neither."""
    try:
        part = float(said_at)
    except ValueError:
        return _instant(said_at, ends)
    if not 0 < part < 1:
        raise Refused(f"{said_at} is no part of a time: write 0.5, or a date")
    return begins + (ends - begins) * part


def _instant(said_at: str, ends: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(said_at)
    except ValueError:
        raise Refused(f"{said_at!r} is neither a date nor a part of the time: write 2026-11-03, or 0.5") from None
    return found.replace(tzinfo=ends.tzinfo) if found.tzinfo is None else found


def _record(figure: Figure, found: Calibration) -> dict[str, Any]:
    between = "" if figure.low is None or figure.high is None else f"{figure.low:.3f} to {figure.high:.3f}"
    return {
        "what": figure.what,
        "of": figure.group,
        "count": figure.count,
        "said": _rounded(figure.said),
        "came": _rounded(figure.came),
        "90 %": between,
        "verdict": figure.verdict,
        "missing": ", ".join(found.censoring) if found.flatters(figure) else "",
    }


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
