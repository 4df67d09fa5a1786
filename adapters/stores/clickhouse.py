"""ClickHouse, through clickhouse-connect. Frames go in and come out as Arrow."""

import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import clickhouse_connect
import polars as pl
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from adapters.batches import batches
from adapters.stores.clickhouse_tables import IS_REMOVED, MONTHS
from data_contracts import Activity, Bet, Funding, Instrument, PolymarketMarket, Trade, WalletProfile, WalletSkill, contract_of
from data_contracts.contract import Contract
from data_contracts.errors import Unavailable
from data_contracts.frames import schema_of
from domain.polymarket.markets import described

MOST_MONTHS = 90  # in one insert
MOST_NAMED = 2_000  # ids in one question: they travel in its address, and a server takes no address above a megabyte
_LOCAL = threading.local()
_tried_thrice = retry(retry=retry_if_exception_type(Unavailable), stop=stop_after_attempt(3), wait=wait_exponential(0.1), reraise=True)


def client_of(url: str) -> Client:
    """One client a thread and address: a client serves one query at a time."""
    clients: dict[str, Client] = _LOCAL.__dict__.setdefault("clients", {})
    if url not in clients:
        try:
            clients[url] = clickhouse_connect.get_client(dsn=url, autogenerate_session_id=False)
        except (DatabaseError, OperationalError) as error:
            raise Unavailable(f"clickhouse: {error}") from error
    return clients[url]


class ClickHouseHistory:
    """The `History` store in ClickHouse."""

    def __init__(self, url: str) -> None:
        self._url = url

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        contract = contract_of(row_class)
        for part in _few_months_each(frame.select(contract.names), contract) if frame.height else ():
            self._insert(part, contract.table)

    def remove(self, keys: pl.DataFrame, row_class: type) -> None:
        contract = contract_of(row_class)
        removed = keys.select(*contract.key, pl.lit(1, pl.UInt8).alias(IS_REMOVED))
        for part in _few_months_each(removed, contract) if keys.height else ():
            self._insert(part, contract.table)

    def trades(
        self, after: datetime, until: datetime, wallets: Collection[str] | None = None, only: Sequence[str] | None = None
    ) -> pl.DataFrame:
        query = (
            f"SELECT {_columns(Trade, only)} FROM trades FINAL "  # noqa: S608 (names are the contract's)
            "WHERE traded_at > {after:DateTime64(6, 'UTC')} AND traded_at <= {until:DateTime64(6, 'UTC')} "
            "AND ({all:Bool} OR wallet IN {among:Array(String)}) ORDER BY traded_at, sequence, trade_id"
        )
        if wallets is not None and len(wallets) > MOST_NAMED:  # all of a cycle's trades are fewer than the wallets that may have made them
            return _made_by(wallets, self._rows(Trade, query, None, only, after=after, until=until))
        return self._rows(Trade, query, wallets, only, after=after, until=until)

    def activities(self, after: datetime, until: datetime, wallets: Collection[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {_columns(Activity)} FROM activities FINAL "  # noqa: S608 (names are the contract's)
            "WHERE happened_at > {after:DateTime64(6, 'UTC')} AND happened_at <= {until:DateTime64(6, 'UTC')} "
            "AND ({all:Bool} OR wallet IN {among:Array(String)}) ORDER BY happened_at, activity_id"
        )
        return self._rows(Activity, query, wallets, after=after, until=until)

    def instruments(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._rows(Instrument, _of_tokens(Instrument), token_ids)

    def polymarket_markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._rows(PolymarketMarket, _of_tokens(PolymarketMarket), token_ids)

    def markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return described(self.instruments(token_ids), self.polymarket_markets(token_ids))

    def profiles(self, wallets: Collection[str] | None = None, window_days: int = 0, only: Sequence[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {_columns(WalletProfile, only)} FROM wallet_profiles FINAL "  # noqa: S608 (names are the contract's)
            "WHERE window_days = {window_days:Int64} AND ({all:Bool} OR wallet IN {among:Array(String)}) ORDER BY wallet, category"
        )
        return self._rows(WalletProfile, query, wallets, only, window_days=window_days)

    def bets(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {_columns(Bet)} FROM bets FINAL "  # noqa: S608 (names are the contract's)
            "WHERE {all:Bool} OR wallet IN {among:Array(String)} ORDER BY resolved_at, wallet, token_id"
        )
        return self._rows(Bet, query, wallets)

    def skills(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {_columns(WalletSkill)} FROM wallet_skills FINAL "  # noqa: S608 (names are the contract's)
            "WHERE {all:Bool} OR wallet IN {among:Array(String)} ORDER BY wallet"
        )
        return self._rows(WalletSkill, query, wallets)

    def net_shares(self, wallets: Collection[str], token_ids: Collection[str], until: datetime) -> pl.DataFrame:
        query = (
            "SELECT wallet, token_id, sum(if(side = 'BUY', shares, -shares)) AS shares FROM trades FINAL "
            "WHERE wallet IN {wallets:Array(String)} AND token_id IN {token_ids:Array(String)} "
            "AND traded_at <= {until:DateTime64(6, 'UTC')} GROUP BY wallet, token_id ORDER BY wallet, token_id"
        )
        return self.query(query, wallets=list(wallets), token_ids=list(token_ids), until=until)

    def traded_tokens(self, until: datetime) -> pl.DataFrame:
        query = "SELECT DISTINCT token_id FROM trades WHERE traded_at <= {until:DateTime64(6, 'UTC')} ORDER BY token_id"
        return self.query(query, until=until)

    def fundings(self, until: datetime) -> pl.DataFrame:
        query = (
            f"SELECT {_columns(Funding)} FROM fundings FINAL "  # noqa: S608 (names are the contract's)
            "WHERE funded_at <= {until:DateTime64(6, 'UTC')} ORDER BY wallet, funder, tx"
        )
        return self.query(query, until=until).cast(dict(schema_of(Funding).items()))

    @_tried_thrice
    def _insert(self, frame: pl.DataFrame, table: str) -> None:
        try:
            client_of(self._url).insert_arrow(table, frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        except (DatabaseError, OperationalError) as error:
            raise Unavailable(f"clickhouse: {error}") from error

    @_tried_thrice
    def query(self, text: str, **parameters: Any) -> pl.DataFrame:
        """Any SELECT as a frame. Values are bound by the server, never pasted. Raises Unavailable when ClickHouse says no.

        No setting goes with it: a user who may only read may set none, and would be refused.
        """
        try:
            answer = client_of(self._url).query_arrow(text, parameters=parameters)
        except (DatabaseError, OperationalError) as error:
            raise Unavailable(f"clickhouse: {error}") from error
        return pl.DataFrame(pl.from_arrow(answer)).with_columns(pl.selectors.binary().cast(pl.String))

    def _rows(
        self, row_class: type, text: str, among: Collection[str] | None, only: Sequence[str] | None = None, **parameters: Any
    ) -> pl.DataFrame:
        parts = [list(part) for part in batches(sorted(among), MOST_NAMED)] if among else [[]]
        frames = [self.query(text, all=among is None, among=part, **parameters) for part in parts]
        schema = schema_of(row_class)
        return pl.concat(frames).cast({name: schema[name] for name in only or schema})


def _columns(row_class: type, only: Sequence[str] | None = None) -> str:
    """Raises ValueError for a column that the contract does not have: it becomes a part of the question."""
    names = contract_of(row_class).names
    return ", ".join(f"`{names[names.index(name)]}`" for name in only or names)


def _few_months_each(frame: pl.DataFrame, contract: Contract) -> Iterator[pl.DataFrame]:
    """A server takes no insert into more than a hundred partitions (max_partitions_per_insert_block)."""
    if contract.table not in MONTHS:
        yield frame
        return
    instant = pl.col(MONTHS[contract.table])
    months = (instant.dt.year().cast(pl.Int32) * 12 + instant.dt.month()).rank("dense")
    for _, part in frame.group_by(months // MOST_MONTHS, maintain_order=True):
        yield part


def _of_tokens(row_class: type) -> str:
    return (
        f"SELECT {_columns(row_class)} FROM {contract_of(row_class).table} FINAL "  # noqa: S608 (names are the contract's)
        "WHERE {all:Bool} OR token_id IN {among:Array(String)} ORDER BY token_id"
    )


def _made_by(wallets: Collection[str], trades: pl.DataFrame) -> pl.DataFrame:
    return trades.join(pl.DataFrame({"wallet": list(wallets)}), on="wallet", how="semi", maintain_order="left")
