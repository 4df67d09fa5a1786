"""Loads a recording: every row is stored, in its table or in quarantine with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from adapters.connect import open_history, open_recording, open_results
from adapters.feeds.recorded_conditions import AS_RECORDED, Conditions
from adapters.feeds.recorded_winners import RefusedMarket
from adapters.feeds.solana.recorded import RecordedSolana
from adapters.feeds.solana.recorded_rows import RecordedChain
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Instrument, Quarantined, SolanaToken, Trade
from data_contracts.frames import frame_of, schema_of
from domain.polymarket.markets import rows_by_class
from tasks.quality import quarantined
from tasks.steps import step

MARKETS = "markets.parquet"


@dataclass(frozen=True, slots=True)
class Recording:
    """The rows of a recording as they were read, unchecked, and when its books changed; and the markets that are left out."""

    trades: pl.DataFrame
    markets: pl.DataFrame
    bids: pl.DataFrame
    refused: tuple[RefusedMarket, ...] = ()
    chain: RecordedChain | None = None

    @property
    def rows(self) -> dict[type, pl.DataFrame]:
        """What is known of its markets, or of its coins, by row class."""
        if self.chain is None:
            return rows_by_class(self.markets)
        return {Instrument: self.markets.select(list(schema_of(Instrument))), SolanaToken: self.chain.tokens}

    @property
    def ends_at(self) -> datetime:
        """The last instant anything happens in it."""
        instants = [self.trades["traded_at"].max(), self.markets["ended_at"].max()]
        return max(instant for instant in instants if isinstance(instant, datetime))

    @property
    def begins_at(self) -> datetime:
        """When its first trade happened."""
        begin = self.trades["traded_at"].min()
        assert isinstance(begin, datetime)  # noqa: S101 (a recording without trades is refused when it is read)
        return begin


@step
def read_recording(directory: Path, conditions: Conditions = AS_RECORDED) -> Recording:
    """All rows. Raises Refused when the directory holds no recording."""
    feed = open_recording(directory, conditions)
    chain = feed.chain if isinstance(feed, RecordedSolana) else None
    return Recording(feed.all_trades, feed.all_markets, feed.best_bids, tuple(feed.refused_markets), chain)


@step
def set_refused_aside(seen: Recording, settings: Settings) -> None:
    """The markets that are left out go to quarantine, each with why."""
    rows = [quarantined(one.record, MARKETS, [one.why], seen.ends_at) for one in seen.refused]
    open_results(settings).write([Write(Quarantined, frame_of(rows, Quarantined))])


@step
def keep_recording(
    directory: Path,
    trades: pl.DataFrame,
    instruments: Mapping[type, pl.DataFrame],
    settings: Settings,
    conditions: Conditions = AS_RECORDED,
) -> None:
    """Into ClickHouse; from here on the recording is the rows that kept their contract."""
    history = open_history(settings)
    for row_class, frame in instruments.items():
        history.append(frame, row_class)
    history.append(trades, Trade)
    open_recording(directory, conditions).accept(trades)


@step
def summarize_recording(seen: Recording, trades: pl.DataFrame, closed: pl.DataFrame, settings: Settings) -> dict[str, object]:
    """Counts of a loaded recording: rows in and out, and what wallets realized."""
    usable = closed.filter(~pl.col("oversold"))
    results = open_results(settings)
    reasons = pl.concat([results.read(Quarantined, table="trades"), results.read(Quarantined, table=MARKETS)])
    return {
        "rows": seen.trades.height,
        "accepted": trades.height,
        "quarantined": seen.trades.height - trades.height,
        "quarantine_reasons": dict(reasons.group_by("rules").len().sort("rules").iter_rows()),
        "repeated_rows_kept": trades.filter(pl.col("ordinal") > 0).height,
        "markets_left_out": len(seen.refused),
        "markets": seen.markets["market_id"].n_unique(),
        "wallets": trades["wallet"].n_unique(),
        "closed_positions": closed.height,
        "oversold_positions": closed.height - usable.height,
        "realized_pnl": str(usable["realized_pnl"].sum()),
        "wallet_positions": _wallet_positions(closed),
    }


def _wallet_positions(closed: pl.DataFrame) -> list[dict[str, object]]:
    columns = closed.select(
        "wallet", "market_id", "outcome", pl.col("realized_pnl").cast(pl.String), "oversold", pl.col("payout").cast(pl.String)
    )
    return columns.sort("wallet", "market_id", "outcome").to_dicts()
