"""Keeps what became of each signature that was seen on a chain, beside the trades; and takes back what the chain took back."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_history
from adapters.settings import Settings
from data_contracts import ChainReading, Funding, ReadAs, Trade, contract_of
from data_contracts.frames import frame_of, rows_of, with_instant
from domain.operating.alerts import vanished_finding
from domain.solana.accounting import is_later_word
from tasks.operating.alerting import raise_alert
from tasks.quality import sorted_out

SECOND = timedelta(seconds=1)
log = logging.getLogger("walletflow.readings")


def keep_besides(besides: Mapping[type, pl.DataFrame], settings: Settings, as_of: datetime) -> None:
    """What only a source says, beside its trades."""
    if (readings := besides.get(ChainReading)) is not None and readings.height:
        keep_readings(readings, settings, as_of)
    if (fundings := besides.get(Funding)) is not None and fundings.height:
        open_history(settings).append(sorted_out(fundings, Funding, settings, as_of), Funding)


def keep_readings(frame: pl.DataFrame, settings: Settings, as_of: datetime) -> None:
    """Those that say more than what is on record. A trade that vanished with its block never happened, and its rows go."""
    told = rows_of(sorted_out(with_instant(frame, "seen_at", as_of), ChainReading, settings, as_of), ChainReading)
    history = open_history(settings)
    known = rows_of(history.chain_readings({row.wallet for row in told}, {row.signature for row in told}), ChainReading)
    before = {(row.wallet, row.signature): row for row in known}
    later = [row for row in told if is_later_word(row, before.get((row.wallet, row.signature)))]
    gone = {(row.wallet, row.signature) for row in later if row.read_as is ReadAs.GAP}
    for reading in known:
        if (reading.wallet, reading.signature) in gone and reading.read_as is ReadAs.TRADE:
            _take_back(reading, settings, as_of)
    history.append(frame_of(later, ChainReading), ChainReading)


def _take_back(reading: ChainReading, settings: Settings, as_of: datetime) -> None:
    history, at = open_history(settings), reading.happened_at
    if at is None:
        return
    trades = history.trades(at - SECOND, at, [reading.wallet]).filter(pl.col("tx_hash") == reading.signature)
    history.remove(trades.select(contract_of(Trade).key), Trade)
    log.warning("%s of %s vanished with its block: %d trades taken back", reading.signature, reading.wallet, trades.height)
    raise_alert(vanished_finding(reading.wallet, reading.signature, trades.height), settings, as_of)
