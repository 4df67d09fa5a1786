"""Polymarket as one feed: trades and holders of the Data API, markets of Gamma, books of the CLOB. The sandbox speaks the same."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from adapters.feeds.feed import Walk
from adapters.feeds.json_api import JsonApi
from adapters.feeds.pace import Pace
from adapters.feeds.polymarket.clob import ClobBooks
from adapters.feeds.polymarket.data_api import DataApi
from adapters.feeds.polymarket.gamma import Gamma
from adapters.feeds.polymarket.leaderboard import Leaderboard
from data_contracts import LeaderHolding
from domain.copying.book import Book
from domain.polymarket.markets import rows_by_class


class PolymarketFeed:
    """Public data by three addresses."""

    source = DataApi.source

    def __init__(self, data_api_url: str, gamma_url: str, clob_url: str, pace: Pace | None = None) -> None:
        self._data, self._gamma, self._clob = DataApi(data_api_url, pace), Gamma(gamma_url, pace), ClobBooks(clob_url)
        self._boards = Leaderboard(JsonApi(data_api_url, pace=pace))

    def confirmed_until(self, as_of: datetime) -> datetime | None:
        return self._data.confirmed_until(as_of)

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        return self._data.walk(after, until, max_pages, cursor)

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        return self._data.activities(wallets, after, until)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        return rows_by_class(self._gamma.markets(token_ids, as_of))

    def tokens_in(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        return self._gamma.tokens_in(market_ids, as_of)

    def holders(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        return self._data.holders(market_ids, as_of)

    def leaderboard(self, period: str, count: int) -> pl.DataFrame:
        return self._boards.best(period, count)

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding | None:
        return self._data.holding(wallet, market_id, token_id, as_of)

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        return self._clob.books(token_ids)
