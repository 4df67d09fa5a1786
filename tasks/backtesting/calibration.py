"""Reads what was seen, says again what would have been said at one instant, and shows it beside what came."""

import json
import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from prefect.artifacts import create_table_artifact

from adapters.connect import open_history
from adapters.feeds.recorded import RecordedFeed
from adapters.settings import Settings
from data_contracts import Trade
from data_contracts.errors import Refused
from domain.backtesting.calibration import Calibration, Figure, calibrate
from tasks.fast_check import breaches
from tasks.operating.charts import reliability_plot, show_chart
from tasks.steps import step

MOST_DAYS = 180
COLUMNS = ["trade_id", "wallet", "market_id", "token_id", "side", "price", "shares", "notional", "traded_at"]
log = logging.getLogger("walletflow.calibration")


@step
def calibrate_recording(directory: Path, said_at: str) -> Calibration:
    """Of a recording; rows that break their contract are left out. `said_at`: a date, or the part of its time before it (0.5)."""
    feed = RecordedFeed(directory)
    broken = {breach.row for breach in breaches(feed.all_trades, Trade)}
    trades = feed.all_trades.with_row_index().filter(~pl.col("index").is_in(sorted(broken))).select(COLUMNS)
    return _calibrated(trades, feed.all_markets, said_at, None)


@step
def calibrate_history(settings: Settings, as_of: datetime, days: int, said_at: str) -> Calibration:
    """Of the trades in store of the last `days` days."""
    history = open_history(settings)
    trades = history.trades(as_of - timedelta(days=days), as_of, only=COLUMNS)
    return _calibrated(trades, history.markets(trades["token_id"].unique().to_list()), said_at, as_of)


@step
def report_calibration(found: Calibration) -> None:
    """A table and the reliability plots under the run."""
    create_table_artifact(records(found), key="calibration", description=summary(found))
    if found.bins:
        show_chart("calibration-plots", "Said against what came; dots on the line agree", *plots(found))
    log.info("%s", summary(found))


def records(found: Calibration) -> list[dict[str, Any]]:
    """The table, a figure a row; beside a figure that censoring flatters, what is missing."""
    return [_record(figure, found) for figure in found.figures]


def plots(found: Calibration) -> list[str]:
    """One SVG for each kind of forecast that has bins."""
    return [reliability_plot(what, [asdict(bin_) for bin_ in bins]) for what, bins in found.bins.items()]


def summary(found: Calibration) -> str:
    """In a sentence or two."""
    said = f"Said as of {found.said_at:%Y-%m-%d}, came by {found.until:%Y-%m-%d}: {found.trades:,} trades of {found.wallets:,} wallets."
    scores = ""
    if found.overall is not None:
        ours, nobody = found.overall.ours, found.overall.nobody
        scores = (
            f" Being ahead later, {ours.count:,} wallets: Brier score {ours.brier:.4f} (nobody knows: {nobody.brier:.4f}), log loss "
            f"{ours.log_loss:.4f} ({nobody.log_loss:.4f}); came less said {ours.gap:+.3f} ({ours.gap_low:+.3f} to {ours.gap_high:+.3f})."
        )
    missing = f" This record is likely censored: {', '.join(found.censoring)}." if found.censoring else ""
    return said + scores + missing


def as_json(found: Calibration) -> str:
    """All of it, for a program."""
    return json.dumps(asdict(found), default=str)


def _calibrated(trades: pl.DataFrame, markets: pl.DataFrame, said_at: str, as_of: datetime | None) -> Calibration:
    if not trades.height:
        raise Refused("there are no trades to hold anything against")
    begins, last = (trades["traded_at"].min(), trades["traded_at"].max())
    ends = markets["ended_at"].max()
    until = as_of or max(instant for instant in (last, ends) if isinstance(instant, datetime))
    assert isinstance(begins, datetime) and isinstance(last, datetime)  # noqa: S101, PT018 (there are trades)
    return calibrate(trades, markets, instant_between(said_at, begins, last), until)


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
