"""A venue at which nothing is traded: what a recording of another venue says of it."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from adapters.feeds.feed import Walk
from data_contracts import Activity, LeaderHolding, Trade
from data_contracts.frames import empty
from domain.copying.book import Book


class NothingTraded:
    """Complete, and empty."""

    source = "nothing"

    def confirmed_until(self, as_of: datetime) -> datetime:
        return as_of

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        return Walk(empty(Trade), after)

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        return empty(Activity)

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding | None:
        return None

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        return {}

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        return {}
