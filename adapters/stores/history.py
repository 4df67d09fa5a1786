"""What a store of history can answer: what wallets did, what markets came to. ClickHouse keeps it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import polars as pl


class History(Protocol):
    """Trades, markets, holders, profiles. Writing a row twice changes nothing."""

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        """Adds rows; a row with a key that is there replaces it."""
        ...

    def remove(self, keys: pl.DataFrame, row_class: type) -> None:
        """Takes the rows of these keys away. A row of that key that is added later is there again."""
        ...

    def trades(
        self, after: datetime, until: datetime, wallets: Collection[str] | None = None, only: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Trade rows with `after` < traded_at <= `until`, in time order; of these wallets, or of all; all columns or `only` these."""
        ...

    def activities(self, after: datetime, until: datetime, wallets: Collection[str] | None = None) -> pl.DataFrame:
        """Activity rows with `after` < happened_at <= `until`, in time order; of these wallets, or of all that were ever asked for."""
        ...

    def instruments(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        """Instrument rows of these tokens, or all, as last written."""
        ...

    def polymarket_markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        """PolymarketMarket rows of these tokens, or all, as last written."""
        ...

    def markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        """Both, side by side: Instrument rows with what only Polymarket says, `domain.polymarket.markets.SCHEMA`."""
        ...

    def profiles(self, wallets: Collection[str] | None = None, window_days: int = 0, only: Sequence[str] | None = None) -> pl.DataFrame:
        """WalletProfile rows of these wallets, or all, in one window; all columns or `only` these."""
        ...

    def bets(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        """Bet rows of these wallets, or all, in the order their results came."""
        ...

    def skills(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        """WalletSkill rows of these wallets, or all."""
        ...

    def net_shares(self, wallets: Collection[str], token_ids: Collection[str], until: datetime) -> pl.DataFrame:
        """One row per wallet and token: `shares` bought less sold up to `until`, as far as we saw it."""
        ...

    def traded_tokens(self, until: datetime) -> pl.DataFrame:
        """One row per `token_id` that was traded up to `until`."""
        ...

    def fundings(self, until: datetime) -> pl.DataFrame:
        """Funding rows with funded_at <= `until`: who paid which wallet."""
        ...
