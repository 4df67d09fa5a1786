"""What a source of trades can be asked. Polymarket, the sandbox and recordings answer alike, in our words."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import polars as pl

from data_contracts.errors import Unsafe
from domain.copying.book import Book


class TooFarBack(Unsafe):
    """The walk's pages ended before it reached what is known: going on from here would leave a hole."""


class Feed(Protocol):
    """Public data only: no key is needed to ask any of this."""

    source: str

    def lag_s(self, as_of: datetime) -> float:
        """How many seconds the data is behind."""
        ...

    def trades(self, after: datetime, until: datetime, max_pages: int) -> pl.DataFrame:
        """All wallets' Trade rows with `after` < traded_at <= `until`; cells that cannot be read are null.

        A row after `until` lies ahead of the venue's own clock: none that is merely new comes so.
        Raises TooFarBack when `max_pages` do not reach back to `after`.
        """
        ...

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        """Activity rows of these wallets with `after` < happened_at <= `until`, wallet by wallet, each oldest first."""
        ...

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        """By row class: Instrument rows of every token of the markets these tokens belong to, and the rows of what only this venue says."""
        ...

    def holders(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """HolderPosition rows of these markets, the largest holders of each token."""
        ...

    def leaderboard(self, period: str, count: int) -> pl.DataFrame:
        """`rank`, `wallet`, `pnl` in USD, `volume` in shares: the first `count` by realized PnL over a day, week, month or all."""
        ...

    def held_shares(self, wallet: str, token_id: str, as_of: datetime) -> float | None:
        """What a wallet holds of a token; None when nobody can say."""
        ...

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        """Visible order books by token. A token without a book is left out."""
        ...
