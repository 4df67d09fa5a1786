"""The store of history in ClickHouse: what the other jobs ask of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl

from adapters.stores.clickhouse_server import MOST_NAMED, client_of, columns
from adapters.stores.clickhouse_tables import LAST_STAYS, MONTHS
from adapters.stores.clickhouse_totals import ClickHouseTotals, newest_rows
from adapters.stores.history import ARRIVALS_BY_SOURCE
from data_contracts import (
    Activity,
    Bet,
    BookSample,
    ChainReading,
    EarlyBuyer,
    Funding,
    Instrument,
    PolymarketMarket,
    SolanaToken,
    TokenFinding,
    TokenLook,
    Trade,
    Venue,
    WalletProfile,
    WalletSkill,
    contract_of,
)
from data_contracts.frames import empty, schema_of
from domain.polymarket.markets import described

__all__ = ["ClickHouseHistory", "client_of"]

ARRIVED = """seen_at > {after:DateTime64(6, 'UTC')} AND seen_at <= {until:DateTime64(6, 'UTC')}
AND (traded_at > {since:DateTime64(6, 'UTC')} OR (side = 'SELL' AND token_id IN {tokens:Array(String)}))"""
# What arrived after an instant was written after it, give or take the clocks of two machines. A simulated world's clock may run years ahead
# of the server's: there it was written within these days. So nothing of old is read, and what was stored before a house was off still is.
WRITTEN_SINCE = "written_at > least({after:DateTime64(6, 'UTC')}, now64(6, 'UTC')) - INTERVAL 7 DAY"


class ClickHouseHistory(ClickHouseTotals):
    """The `History` store in ClickHouse."""

    def trades(
        self, after: datetime, until: datetime, wallets: Collection[str] | None = None, only: Sequence[str] | None = None
    ) -> pl.DataFrame:
        query = (
            f"SELECT {columns(Trade, only)} FROM trades FINAL "  # noqa: S608 (names are the contract's)
            "WHERE traded_at > {after:DateTime64(6, 'UTC')} AND traded_at <= {until:DateTime64(6, 'UTC')} "
            "AND ({all:Bool} OR wallet IN {among:Array(String)}) ORDER BY traded_at, sequence, trade_id"
        )
        if wallets is not None and len(wallets) > MOST_NAMED:  # all of a cycle's trades are fewer than the wallets that may have made them
            return _made_by(wallets, self.rows(Trade, query, None, only, after=after, until=until))
        return self.rows(Trade, query, wallets, only, after=after, until=until)

    def venue_trades(self, venue: Venue, after: datetime, until: datetime, only: Sequence[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {columns(Trade, only)} FROM trades FINAL "  # noqa: S608 (names are the contract's)
            "WHERE traded_at > {after:DateTime64(6, 'UTC')} AND traded_at <= {until:DateTime64(6, 'UTC')} AND venue = {venue:String} "
            "ORDER BY traded_at, sequence, trade_id"
        )
        return self.rows(Trade, query, None, only, after=after, until=until, venue=venue.value)

    def token_trades(self, token_ids: Collection[str], after: datetime, until: datetime, only: Sequence[str] | None = None) -> pl.DataFrame:
        names, order = only or contract_of(Trade).names, ("traded_at", "sequence", "trade_id")
        read = list(dict.fromkeys((*names, *order)))
        within = "traded_at > {after:DateTime64(6, 'UTC')} AND traded_at <= {until:DateTime64(6, 'UTC')}"
        mine = newest_rows(Trade, f"{within} AND token_id IN {{among:Array(String)}}", read)
        found = self.rows(Trade, f"SELECT {columns(Trade, read)} FROM {mine}", token_ids, read, after=after, until=until)  # noqa: S608
        return found.sort(order).select(names)

    def arrivals(
        self, after: datetime, until: datetime, wallets: Collection[str], since: datetime, tokens: Collection[str]
    ) -> pl.DataFrame:
        key = columns(Trade, contract_of(Trade).key)
        there = f"SELECT {key} FROM trades WHERE {WRITTEN_SINCE} AND {ARRIVED} AND ({{all:Bool}} OR wallet IN {{among:Array(String)}})"  # noqa: S608
        newest = newest_rows(Trade, f"{WRITTEN_SINCE} AND ({key}) IN ({there})")
        query = f"SELECT {columns(Trade)} FROM {newest} WHERE {ARRIVED} ORDER BY traded_at, sequence, trade_id"  # noqa: S608
        named = wallets if len(wallets) <= MOST_NAMED else None
        found = self.rows(Trade, query, named, after=after, until=until, since=since, tokens=sorted(tokens))
        return found if named is not None else _made_by(wallets, found)

    def trades_seen(self, after: datetime, until: datetime) -> int:
        query = (
            "SELECT count() AS trades FROM trades WHERE seen_at > {after:DateTime64(6, 'UTC')} AND seen_at <= {until:DateTime64(6, 'UTC')}"
        )
        return int(self.query(query, after=after, until=until)["trades"][0])

    def trades_by_id(self, trade_ids: Collection[str], wallets: Collection[str], token_ids: Collection[str]) -> pl.DataFrame:
        if not trade_ids:
            return empty(Trade)
        query = (
            f"SELECT {columns(Trade)} FROM trades FINAL "  # noqa: S608 (names are the contract's)
            "WHERE wallet IN {wallets:Array(String)} AND token_id IN {token_ids:Array(String)} "
            "AND ({all:Bool} OR trade_id IN {among:Array(String)}) ORDER BY traded_at, sequence, trade_id"
        )
        return self.rows(Trade, query, trade_ids, wallets=sorted(wallets), token_ids=sorted(token_ids))

    def activities(self, after: datetime, until: datetime, wallets: Collection[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {columns(Activity)} FROM activities FINAL "  # noqa: S608 (names are the contract's)
            "WHERE happened_at > {after:DateTime64(6, 'UTC')} AND happened_at <= {until:DateTime64(6, 'UTC')} "
            "AND ({all:Bool} OR wallet IN {among:Array(String)}) ORDER BY happened_at, activity_id"
        )
        return self.rows(Activity, query, wallets, after=after, until=until)

    def instruments(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self.rows(Instrument, _of_tokens(Instrument), token_ids)

    def polymarket_markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self.rows(PolymarketMarket, _of_tokens(PolymarketMarket), token_ids)

    def tokens(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self.rows(SolanaToken, _of_tokens(SolanaToken), token_ids)

    def findings(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self.rows(TokenFinding, _of_tokens(TokenFinding), token_ids)

    def due_tokens(self, as_of: datetime, most: int) -> list[str]:
        query = (
            "WITH found AS (SELECT token_id, min(found_at) AS at FROM token_findings FINAL GROUP BY token_id), "
            "looked AS (SELECT token_id, next_look_at FROM token_looks FINAL ORDER BY token_id, looked_at DESC LIMIT 1 BY token_id) "
            "SELECT found.token_id AS token_id FROM found LEFT JOIN looked ON found.token_id = looked.token_id "
            "WHERE looked.token_id = '' OR looked.next_look_at <= {as_of:DateTime64(6, 'UTC')} "
            "ORDER BY if(looked.token_id = '', found.at, looked.next_look_at), token_id LIMIT {most:UInt32}"
        )
        return [str(name) for name in self.query(query, as_of=as_of, most=most)["token_id"].to_list()]

    def chain_readings(self, wallets: Collection[str], signatures: Collection[str]) -> pl.DataFrame:
        query = (
            f"SELECT {columns(ChainReading)} FROM chain_readings FINAL "  # noqa: S608 (names are the contract's)
            "WHERE ({all:Bool} OR wallet IN {among:Array(String)}) AND signature IN {signatures:Array(String)} ORDER BY wallet, signature"
        )
        return self.rows(ChainReading, query, wallets, signatures=sorted(signatures))

    def readings_since(self, since: datetime) -> pl.DataFrame:
        only = ("signature", "read_as")
        query = (
            f"SELECT {columns(ChainReading, only)} FROM chain_readings FINAL "  # noqa: S608 (names are the contract's)
            "WHERE seen_at >= {since:DateTime64(6, 'UTC')} ORDER BY signature, wallet"
        )
        return self.rows(ChainReading, query, None, only, since=since)

    def early_buyers(self, token_ids: Collection[str]) -> pl.DataFrame:
        query = (
            f"SELECT {columns(EarlyBuyer)} FROM early_buyers FINAL "  # noqa: S608 (names are the contract's)
            "WHERE {all:Bool} OR token_id IN {among:Array(String)} ORDER BY token_id, buy_rank"
        )
        return self.rows(EarlyBuyer, query, token_ids)

    def last_looks(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {columns(TokenLook)} FROM token_looks FINAL "  # noqa: S608 (names are the contract's)
            "WHERE {all:Bool} OR token_id IN {among:Array(String)} ORDER BY token_id, looked_at DESC LIMIT 1 BY token_id"
        )
        return self.rows(TokenLook, query, token_ids)

    def markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return described(self.instruments(token_ids), self.polymarket_markets(token_ids))

    def profiles(self, wallets: Collection[str] | None = None, window_days: int = 0, only: Sequence[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {columns(WalletProfile, only)} FROM wallet_profiles FINAL "  # noqa: S608 (names are the contract's)
            "WHERE window_days = {window_days:Int64} AND ({all:Bool} OR wallet IN {among:Array(String)}) ORDER BY wallet, category"
        )
        return self.rows(WalletProfile, query, wallets, only, window_days=window_days)

    def bets(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {columns(Bet)} FROM bets FINAL "  # noqa: S608 (names are the contract's)
            "WHERE {all:Bool} OR wallet IN {among:Array(String)} ORDER BY resolved_at, wallet, token_id"
        )
        return self.rows(Bet, query, wallets)

    def skills(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        query = (
            f"SELECT {columns(WalletSkill)} FROM wallet_skills FINAL "  # noqa: S608 (names are the contract's)
            "WHERE {all:Bool} OR wallet IN {among:Array(String)} ORDER BY wallet"
        )
        return self.rows(WalletSkill, query, wallets)

    def fundings(self, until: datetime) -> pl.DataFrame:
        query = (
            f"SELECT {columns(Funding)} FROM fundings FINAL "  # noqa: S608 (names are the contract's)
            "WHERE coalesce(funded_at, loaded_at) <= {until:DateTime64(6, 'UTC')} ORDER BY wallet, funder, tx"
        )
        return self.query(query, until=until).cast(dict(schema_of(Funding).items()))

    def of_wallets(self, row_class: type, wallets: Collection[str] | None = None) -> pl.DataFrame:
        contract = contract_of(row_class)
        query = (
            f"SELECT {columns(row_class)} FROM {contract.table} FINAL "  # noqa: S608 (names are the contract's)
            f"WHERE {{all:Bool}} OR wallet IN {{among:Array(String)}} ORDER BY {', '.join(contract.key)}"
        )
        return self.rows(row_class, query, wallets)

    def top(self, row_class: type, by: str, count: int, only: Sequence[str] | None = None, **where: str | int) -> pl.DataFrame:
        contract = contract_of(row_class)
        asked = [
            f"{columns(row_class, [name])} = {{is_{name}:{'String' if isinstance(value, str) else 'Int64'}}}"
            for name, value in where.items()
        ]
        query = (
            f"SELECT {columns(row_class, only)} FROM {contract.table} FINAL "  # noqa: S608 (names are the contract's)
            f"WHERE isNotNull({columns(row_class, [by])}){''.join(f' AND {one}' for one in asked)} "
            f"ORDER BY {columns(row_class, [by])} DESC, {', '.join(contract.key)} LIMIT {{count:UInt32}}"
        )
        values = {f"is_{name}": value for name, value in where.items()}
        return self.rows(row_class, query, None, only, count=count, **values)

    def arrivals_by_source(self, since: datetime) -> pl.DataFrame:
        lag = "dateDiff('millisecond', traded_at, seen_at) / 1000"
        query = (
            "SELECT toString(venue) AS venue, source, toInt64(count()) AS trades, max(traded_at) AS last_traded_at, "  # noqa: S608
            f"max(seen_at) AS last_seen_at, quantile(0.5)({lag}) AS median_s, quantile(0.95)({lag}) AS p95_s "
            "FROM trades WHERE traded_at >= {since:DateTime64(6, 'UTC')} GROUP BY venue, source ORDER BY venue, source"
        )
        return self.query(query, since=since).cast(ARRIVALS_BY_SOURCE)

    def book_samples(self, after: datetime, until: datetime) -> pl.DataFrame:
        query = (
            f"SELECT {columns(BookSample)} FROM book_samples FINAL "  # noqa: S608 (names are the contract's)
            "WHERE taken_at > {after:DateTime64(6, 'UTC')} AND taken_at <= {until:DateTime64(6, 'UTC')} ORDER BY taken_at, token_id"
        )
        return self.query(query, after=after, until=until).cast(dict(schema_of(BookSample).items()))

    def aged(self, row_class: type, before: datetime) -> int:
        if contract_of(row_class).table in MONTHS:
            return sum(self._months_before(row_class, before).values())
        return int(self.query(f"SELECT count() {_but_the_last(row_class)}", before=before).item())

    def forget(self, row_class: type, before: datetime) -> None:
        """Of a table by month whole parts, for nothing; of another the parts are written anew."""
        table = contract_of(row_class).table
        if table in MONTHS:
            for month in self._months_before(row_class, before):
                self.command(f"ALTER TABLE {table} DROP PARTITION {month:d}")
        elif self.aged(row_class, before):
            where = _but_the_last(row_class).partition("WHERE ")[2]
            self.command(f"ALTER TABLE {table} DELETE WHERE {where} SETTINGS mutations_sync = 1", before=before)

    def _months_before(self, row_class: type, before: datetime) -> dict[int, int]:
        """Rows by month, of the months that ended by then."""
        table = contract_of(row_class).table
        instant, first = MONTHS[table], before.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        query = (
            f"SELECT toYYYYMM({instant}) AS month, count() AS rows FROM {table} "  # noqa: S608 (names are the contract's)
            f"WHERE {instant} < {{first:DateTime64(6, 'UTC')}} GROUP BY month ORDER BY month"
        )
        return {int(month): int(rows) for month, rows in self.query(query, first=first).iter_rows()}


def _but_the_last(row_class: type) -> str:
    """What is before an instant, but for the last of each thing."""
    contract = contract_of(row_class)
    instant, thing = LAST_STAYS[contract.table], contract.key[0]
    return (
        f"FROM {contract.table} WHERE {instant} < {{before:DateTime64(6, 'UTC')}} "  # noqa: S608 (names are the contract's)
        f"AND ({thing}, {instant}) NOT IN (SELECT {thing}, max({instant}) FROM {contract.table} GROUP BY {thing})"
    )


def _of_tokens(row_class: type) -> str:
    return (
        f"SELECT {columns(row_class)} FROM {contract_of(row_class).table} FINAL "  # noqa: S608 (names are the contract's)
        "WHERE {all:Bool} OR token_id IN {among:Array(String)} ORDER BY token_id"
    )


def _made_by(wallets: Collection[str], trades: pl.DataFrame) -> pl.DataFrame:
    return trades.join(pl.DataFrame({"wallet": list(wallets)}), on="wallet", how="semi", maintain_order="left")
