"""Solana as one feed: watched wallets' trades from any node, what a purchase or sale would get from Jupiter. So does the sandbox."""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from decimal import Decimal

import polars as pl

from adapters.feeds.feed import TradeSource, Walk
from adapters.feeds.pace import granted, slots_in
from adapters.feeds.solana.accounts import mints_of
from adapters.feeds.solana.address_stream import AddressStream
from adapters.feeds.solana.chain_activities import activities_of
from adapters.feeds.solana.chain_transactions import Remembered, Transactions
from adapters.feeds.solana.chain_walk import ChainWalk
from adapters.feeds.solana.delivered import SOURCE as DELIVERED
from adapters.feeds.solana.helius_history import HeliusHistory
from adapters.feeds.solana.holding import holding_of
from adapters.feeds.solana.jupiter import Jupiter
from adapters.feeds.solana.listing import Seen, list_signatures
from adapters.feeds.solana.node import NodeClock
from adapters.feeds.solana.quoted_books import quoted_books
from adapters.feeds.solana.recorded_rates import RateAt
from adapters.feeds.solana.rpc import SHARES, SolanaRpc
from adapters.feeds.solana.watchlist import Known
from data_contracts import Activity, Currency, Instrument, LeaderHolding, Rate
from data_contracts.frames import frame_of
from domain.copying.book import Book
from domain.solana.instruments import Mint, instrument_of
from domain.solana.programs import WSOL
from domain.solana.swaps import read_swaps
from domain.solana.trades import trades_of
from domain.solana.transactions import ChainTransaction

SOURCE = "solana"
SLOW_S = 120.0  # of one slice of a gap
CYCLE_S = 30.0  # between two looks
MOST_PAGES = 200  # of one wallet's history
MOST_MINTS = 10_000  # remembered: a worker that lives for months meets every coin there is
log = logging.getLogger("walletflow.solana")


class SolanaFeed:
    """A node, Jupiter, what we have on record, and Helius' history where a key of it is set."""

    source = SOURCE

    def __init__(
        self,
        rpc: SolanaRpc,
        jupiter: Jupiter,
        known: Known,
        history: HeliusHistory | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rpc, self._jupiter, self._known = rpc, jupiter, known
        self._clock, self._transactions = NodeClock(rpc), Transactions(rpc, Remembered(clock))
        stream = AddressStream(rpc, self._transactions, history)
        self._walk = ChainWalk(SOURCE, rpc, self._transactions, stream, clock=clock)
        slow = rpc.unhurried()
        read = self._transactions.asked_of(slow)
        stream = AddressStream(slow, read, history)
        self._slow_walks = {name: ChainWalk(name, slow, read, stream, SLOW_S, True, clock) for name in (SOURCE, DELIVERED)}
        self._mints: dict[str, Mint] = {}  # a mint's decimals never change; its authorities only go

    def confirmed_until(self, as_of: datetime) -> datetime | None:
        """By the node's own slot; never after `as_of`: clocks differ by a second."""
        confirmed = self._clock.look().confirmed_until
        return None if confirmed is None else min(confirmed, as_of)

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        wallets = self._known.wallets()
        if len(wallets) > self.most:
            log.warning("%d wallets are beyond what this node grants at a look: they are read between looks", len(wallets) - self.most)
        return self._walk.walk(wallets[: self.most], after, until, max_pages, cursor, self._known.rates(), self._clock.last)

    @property
    def most(self) -> int:
        """About so many wallets, the first of the watchlist, a look asks: that takes a third of what its node grants in a cycle."""
        return max(1, slots_in(CYCLE_S, granted(self._rpc.calls_per_s)) // SHARES)

    def unhurried(self) -> TradeSource:
        return Unhurried(SOURCE, self)

    def beyond(self) -> TradeSource | None:
        return Unhurried(DELIVERED, self) if len(self._known.wallets()) > self.most else None

    def walk_unhurried(self, source: str, after: datetime, until: datetime, max_pages: int, cursor: str) -> Walk:
        """What looks had no time for; of DELIVERED, all that is watched: who is asked about at a look now may not have been before."""
        wallets = self._known.wallets() if source == DELIVERED else self._known.wallets()[: self.most]
        return self._slow_walks[source].walk(wallets, after, until, max_pages, cursor, self._known.rates(), self._clock.last)

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        rate_at = self._known.rates()
        rows = [row for wallet in wallets for row in self._of_wallet(wallet, after, until, rate_at)]
        return frame_of(rows, Activity)

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding | None:
        return holding_of(self._rpc, self._clock, self._transactions, wallet, token_id, as_of)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        """What is no mint is left out."""
        mints = self._learn(token_ids)
        known = self._known.tokens(mints)
        launched = {name: known[name].launched_at if name in known else None for name in mints}
        rows = [row for name in sorted(mints) if (row := instrument_of(mints[name], launched[name], as_of)) is not None]
        return {Instrument: frame_of(rows, Instrument)}

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        return quoted_books(self._jupiter, {name: mint.decimals for name, mint in sorted(self._learn(token_ids).items())})

    def rates(self, as_of: datetime) -> pl.DataFrame:
        usd = self._jupiter.prices([WSOL]).get(WSOL)
        rows = [] if usd is None else [Rate(currency=Currency.SOL, seen_at=as_of, usd=usd, source="jupiter")]
        return frame_of(rows, Rate)

    def _learn(self, token_ids: Collection[str]) -> dict[str, Mint]:
        unknown = [name for name in token_ids if name not in self._mints]
        known = {name: self._mints[name] for name in token_ids if name in self._mints}
        if unknown:
            known |= mints_of(self._rpc, unknown)
            self._mints = dict([*self._mints.items(), *known.items()][-MOST_MINTS:])
        return known

    def _of_wallet(self, wallet: str, after: datetime, until: datetime, rate_at: RateAt) -> Iterator[Activity]:
        """Oldest first."""
        listed = list_signatures(self._rpc, [wallet], after, MOST_PAGES, {}, None)
        wanted = [seen for seen in listed.all if seen.error is None and seen.at is not None and after < seen.at <= until]
        read = {name: one for part in self._transactions.some([seen.signature for seen in wanted]) for name, one in part.items()}
        for seen in reversed(wanted):
            transaction = read[seen.signature]
            if isinstance(transaction, ChainTransaction) and seen.at is not None:
                yield from _told(transaction, seen, seen.at, rate_at(seen.at))


class Unhurried:
    """Where nobody waits: gaps of looks, or what webhooks are to bring and their retries lost, read from the chain itself."""

    def __init__(self, source: str, feed: SolanaFeed) -> None:
        self.source, self._feed = source, feed

    def confirmed_until(self, as_of: datetime) -> datetime | None:
        return self._feed.confirmed_until(as_of)

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        return self._feed.walk_unhurried(self.source, after, until, max_pages, cursor)


def _told(transaction: ChainTransaction, seen: Seen, at: datetime, usd_per_sol: Decimal | None) -> Iterator[Activity]:
    reading = read_swaps(transaction, seen.wallet)
    trades = list(trades_of(reading, transaction, SOURCE, at, usd_per_sol))
    return activities_of(reading, transaction, trades, SOURCE, at)
