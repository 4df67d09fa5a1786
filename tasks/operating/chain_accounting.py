"""What became of all that was seen on a chain: each signature ended as exactly one of five, and every trade has its reading."""

import logging
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import on_record, open_history
from adapters.settings import Settings
from data_contracts import ReadAs, Venue
from data_contracts.errors import WalletflowError
from domain.solana.accounting import Accounting, account_of
from tasks.copying.venues import venues_in_use
from tasks.operating.artifacts import show_table
from tasks.steps import step

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WRITTEN_BY = timedelta(minutes=5)  # trades are written first, their readings next
SOURCES = ("solana", "helius_webhooks")
log = logging.getLogger("walletflow.accounting")


@step
def report_accounting(settings: Settings, as_of: datetime) -> None:
    """Of the last day, under the run. Where nobody trades on a chain there is nothing to say."""
    if Venue.SOLANA not in venues_in_use(settings):
        return
    accounting = accounting_of(settings, as_of)
    said = f"{accounting.seen} signatures seen within a day, each ended as exactly one of these; rates with 95 % bounds"
    show_table(in_lines(accounting), "chain-readings", said, "Feeds")


def accounting_of(settings: Settings, as_of: datetime) -> Accounting:
    """By the readings of the last day."""
    ends = open_history(settings).readings_since(as_of - DAY)
    return account_of((signature, ReadAs(read_as)) for signature, read_as in ends.iter_rows())


def in_lines(accounting: Accounting) -> list[dict[str, str]]:
    """One for each end, and their sum."""
    shares = {read_as: accounting.share(read_as) for read_as in ReadAs}
    lines = [
        {"ended as": read_as, "signatures": str(one.count), "rate": f"{one.rate:.2%}", "from": f"{one.low:.2%}", "to": f"{one.high:.2%}"}
        for read_as, one in shares.items()
    ]
    return [*lines, {"ended as": "all that was seen", "signatures": str(accounting.seen), "rate": "", "from": "", "to": ""}]


def unaccounted_trades(settings: Settings, as_of: datetime) -> list[str]:
    """Signatures of the last hour that have Trade rows of watched wallets, and no reading that calls them a trade.

    Empty where a store cannot say: that it is away is another alert.
    """
    if Venue.SOLANA not in venues_in_use(settings):
        return []
    try:
        return _unaccounted(settings, as_of)
    except WalletflowError as error:
        log.warning("whether each trade of the chain has its reading cannot be said: %s", error)
        return []


def _unaccounted(settings: Settings, as_of: datetime) -> list[str]:
    history, wallets = open_history(settings), on_record(settings).wallets()
    if not wallets:
        return []
    trades = history.trades(as_of - HOUR - WRITTEN_BY, as_of - WRITTEN_BY, wallets, only=["wallet", "tx_hash", "source"])
    ours = trades.filter(pl.col("source").is_in(SOURCES)).select("wallet", signature="tx_hash").unique(maintain_order=True)
    readings = history.chain_readings(ours["wallet"].unique().to_list(), ours["signature"].unique().to_list())
    read = readings.filter(pl.col("read_as") == ReadAs.TRADE)
    return ours.join(read, on=["wallet", "signature"], how="anti")["signature"].to_list()
