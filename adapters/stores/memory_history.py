"""A store of history that lasts as long as its process, for replays: the frames themselves."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile

import polars as pl

from adapters.stores.clickhouse_tables import LAST_STAYS, MONTHS
from adapters.stores.history import ARRIVALS_BY_SOURCE
from adapters.stores.memory_arrivals import Arrivals
from adapters.stores.memory_totals import MemoryTotals
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
from data_contracts.frames import empty
from domain.polymarket.markets import described


class MemoryHistory(MemoryTotals):
    """The `History` store in polars frames."""

    def __init__(self) -> None:
        super().__init__()
        self._arrivals = Arrivals()

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        super().append(frame, row_class)
        if row_class is Trade and frame.height:
            names = contract_of(Trade).names
            self._arrivals.add(frame if frame.columns == names else frame.select(names))

    def trades(
        self, after: datetime, until: datetime, wallets: Collection[str] | None = None, only: Sequence[str] | None = None
    ) -> pl.DataFrame:
        window = self._late(after)
        first, last = (bisect_right(window["traded_at"], instant) for instant in (after, until))
        window = window.slice(first, max(0, last - first))
        mine = window if wallets is None else window.filter(pl.col("wallet").is_in(list(wallets)))
        return pl.DataFrame([mine[name] for name in only or contract_of(Trade).names])

    def venue_trades(self, venue: Venue, after: datetime, until: datetime, only: Sequence[str] | None = None) -> pl.DataFrame:
        mine = self.trades(after, until).filter(pl.col("venue") == venue)
        return mine if only is None else mine.select(only)

    def token_trades(self, token_ids: Collection[str], after: datetime, until: datetime, only: Sequence[str] | None = None) -> pl.DataFrame:
        mine = self.trades(after, until).filter(pl.col("token_id").is_in(list(token_ids)))
        return mine if only is None else mine.select(only)

    def _late(self, after: datetime) -> pl.DataFrame:
        """Trade rows in time order, all that happened after this instant among them."""
        whole = self._laid(Trade)
        if whole.height and not whole["traded_at"][-1] <= after:
            return self._with_write_times(Trade)
        late = list(takewhile(lambda trades: trades["traded_at"][-1] > after, reversed(self._beside[Trade])))
        return pl.concat(late[::-1]) if late else whole.clear()

    def arrivals(
        self, after: datetime, until: datetime, wallets: Collection[str], since: datetime, tokens: Collection[str]
    ) -> pl.DataFrame:
        return self._arrivals.find(after, until, wallets, since, tokens)

    def trades_seen(self, after: datetime, until: datetime) -> int:
        return self._with_write_times(Trade).filter((pl.col("seen_at") > after) & (pl.col("seen_at") <= until)).height

    def trades_by_id(self, trade_ids: Collection[str], wallets: Collection[str], token_ids: Collection[str]) -> pl.DataFrame:
        return self._among(Trade, "trade_id", trade_ids) if trade_ids else empty(Trade)

    def activities(self, after: datetime, until: datetime, wallets: Collection[str] | None = None) -> pl.DataFrame:
        told = self._among(Activity, "wallet", wallets)
        return told.filter((pl.col("happened_at") > after) & (pl.col("happened_at") <= until)).sort("happened_at", "activity_id")

    def markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return described(self.instruments(token_ids), self.polymarket_markets(token_ids))

    def tokens(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(SolanaToken, "token_id", token_ids)

    def findings(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(TokenFinding, "token_id", token_ids)

    def chain_readings(self, wallets: Collection[str], signatures: Collection[str]) -> pl.DataFrame:
        return self._among(ChainReading, "wallet", wallets).filter(pl.col("signature").is_in(list(signatures))).sort("wallet", "signature")

    def readings_since(self, since: datetime) -> pl.DataFrame:
        late = self._with_write_times(ChainReading).filter(pl.col("seen_at") >= since)
        return late.sort("signature", "wallet").select("signature", "read_as")

    def due_tokens(self, as_of: datetime, most: int) -> list[str]:
        found = self.findings().group_by("token_id").agg(pl.col("found_at").min())
        looked = self.last_looks().select("token_id", "looked_at", "next_look_at")
        due = found.join(looked, on="token_id", how="left")
        since = pl.when(pl.col("looked_at").is_null()).then("found_at").otherwise("next_look_at").alias("since")
        waiting = due.with_columns(since).filter(pl.col("looked_at").is_null() | (pl.col("since") <= as_of))
        return waiting.sort("since", "token_id").head(most)["token_id"].to_list()

    def early_buyers(self, token_ids: Collection[str]) -> pl.DataFrame:
        return self._among(EarlyBuyer, "token_id", token_ids).sort("token_id", "buy_rank")

    def last_looks(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        looks = self._among(TokenLook, "token_id", token_ids).sort("token_id", "looked_at")
        return looks.unique("token_id", keep="last", maintain_order=True)

    def instruments(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(Instrument, "token_id", token_ids)

    def polymarket_markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(PolymarketMarket, "token_id", token_ids)

    def profiles(self, wallets: Collection[str] | None = None, window_days: int = 0, only: Sequence[str] | None = None) -> pl.DataFrame:
        asked = pl.col("window_days") == window_days
        mine = asked if wallets is None else asked & pl.col("wallet").is_in(list(wallets))
        return self._with_write_times(WalletProfile).filter(mine).select(contract_of(WalletProfile).names if only is None else only)

    def bets(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(Bet, "wallet", wallets).sort("resolved_at", "wallet", "token_id")

    def skills(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(WalletSkill, "wallet", wallets).sort("wallet")

    def fundings(self, until: datetime) -> pl.DataFrame:
        return self._table(Funding).filter(pl.coalesce("funded_at", "loaded_at") <= until).sort("wallet", "funder", "tx")

    def of_wallets(self, row_class: type, wallets: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(row_class, "wallet", wallets).sort(contract_of(row_class).key)

    def top(self, row_class: type, by: str, count: int, only: Sequence[str] | None = None, **where: str | int) -> pl.DataFrame:
        asked = [pl.col(name) == value for name, value in where.items()]
        known = self._table(row_class).filter(pl.col(by).is_not_null(), *asked)
        keys = contract_of(row_class).key
        return known.sort(by, *keys, descending=[True, *[False] * len(keys)]).head(count).select(only or known.columns)

    def arrivals_by_source(self, since: datetime) -> pl.DataFrame:
        lag = (pl.col("seen_at") - pl.col("traded_at")).dt.total_milliseconds() / 1000
        groups = self._table(Trade).filter(pl.col("traded_at") >= since).group_by("venue", "source")
        figures = groups.agg(
            pl.len().cast(pl.Int64).alias("trades"),
            pl.col("traded_at").max().alias("last_traded_at"),
            pl.col("seen_at").max().alias("last_seen_at"),
            lag.quantile(0.5, "linear").alias("median_s"),
            lag.quantile(0.95, "linear").alias("p95_s"),
        )
        return figures.sort("venue", "source").select(list(ARRIVALS_BY_SOURCE))

    def book_samples(self, after: datetime, until: datetime) -> pl.DataFrame:
        within = (pl.col("taken_at") > after) & (pl.col("taken_at") <= until)
        return self._table(BookSample).filter(within).sort("taken_at", "token_id")

    def aged(self, row_class: type, before: datetime) -> int:
        return self._table(row_class).filter(_is_aged(row_class, before)).height

    def forget(self, row_class: type, before: datetime) -> None:
        gone = self._table(row_class).filter(_is_aged(row_class, before))
        self.remove(gone.select(contract_of(row_class).key), row_class)


def _is_aged(row_class: type, before: datetime) -> pl.Expr:
    """By the month, or but for the last of each thing: as ClickHouse lays them."""
    contract = contract_of(row_class)
    if contract.table in MONTHS:
        return pl.col(MONTHS[contract.table]) < before.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    instant = pl.col(LAST_STAYS[contract.table])
    return (instant < before) & (instant != instant.max().over(contract.key[0]))
