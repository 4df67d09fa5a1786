"""What did wallets do? New trades of all wallets come in by one walk, however many wallets are followed."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_feed, open_history, open_results
from adapters.feeds.feed import TooFarBack
from adapters.settings import Settings
from data_contracts import Quarantined, Severity, Trade
from domain.operating.alerts import Finding
from tasks.copying.watermarks import HISTORY, OVERLAP, TRADES, moved, reached
from tasks.operating.health_monitoring import raise_alert
from tasks.steps import step
from tasks.together import together

PAGES_A_CYCLE = 40  # 40,000 rows in 30 s and the overlap: four times what the busiest hours were said to bring
PAGES_A_BACKFILL = 2_000
FIRST_LOOK_BACK = timedelta(minutes=5)
log = logging.getLogger("walletflow.observing")


@dataclass(frozen=True, slots=True)
class Seen:
    """Trade rows we have not stored yet, unchecked, and how far the feed is behind, in seconds."""

    trades: pl.DataFrame
    lag_s: float


@step
def observe_trades(settings: Settings, as_of: datetime) -> Seen:
    """What wallets did since we last looked. Raises TooFarBack, and an alert, when the gap is longer than a cycle reads."""
    watermark = reached(open_results(settings), TRADES) or as_of - FIRST_LOOK_BACK
    try:
        lag_s = open_feed(settings).lag_s(as_of)  # first: the walk goes by the clock that the venue told
        return Seen(_fresh(settings, watermark - OVERLAP, as_of, PAGES_A_CYCLE), lag_s)
    except TooFarBack as error:
        raise_alert(Finding(Severity.CRITICAL, "pages_exhausted", open_feed(settings).source, str(error)), settings, as_of)
        raise


@step
def backfill_trades(settings: Settings, as_of: datetime, days: float) -> pl.DataFrame:
    """Trade rows of the last `days` days, or since the last backfill, unchecked."""
    watermark = reached(open_results(settings), HISTORY)
    start = as_of - timedelta(days=days) if watermark is None else watermark - OVERLAP
    return _fresh(settings, start, as_of, PAGES_A_BACKFILL)


@step
def keep_trades(trades: pl.DataFrame, settings: Settings, as_of: datetime) -> None:
    """Into ClickHouse first; only then the watermark moves."""
    open_history(settings).append(trades, Trade)
    _move(TRADES, settings, as_of)
    log.info("%d new trades up to %s", trades.height, as_of)


@step
def keep_history(trades: pl.DataFrame, settings: Settings, as_of: datetime) -> None:
    """What a backfill read. The cycle goes on from here as well: nothing before is missing now."""
    open_history(settings).append(trades, Trade)
    _move(TRADES, settings, as_of)
    _move(HISTORY, settings, as_of)


def _move(name: str, settings: Settings, as_of: datetime) -> None:
    """Forward only: a backfill takes longer than a cycle, which may be further already."""
    results = open_results(settings)
    before = reached(results, name)
    if before is None or before < as_of:
        results.write([moved(name, as_of)])


def _fresh(settings: Settings, after: datetime, until: datetime, max_pages: int) -> pl.DataFrame:
    seen, known, set_aside = together(
        lambda: open_feed(settings).trades(after, until, max_pages),
        lambda: open_history(settings).trades(after, until, only=["trade_id"]),
        lambda: open_results(settings).since(Quarantined, "seen_at", after, only=["row"]),
    )
    counted = set_aside.select(pl.col("row").str.json_path_match("$.trade_id").alias("trade_id"))  # once, not in each cycle of the overlap
    return seen.join(pl.concat([known, counted]), on="trade_id", how="anti", maintain_order="left")
