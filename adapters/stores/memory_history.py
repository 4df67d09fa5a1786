"""A store of history that lasts as long as its process, for replays: the frames themselves."""

from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl

from adapters.stores.memory_totals import MemoryTotals
from data_contracts import Activity, Bet, Funding, Instrument, PolymarketMarket, Side, Trade, WalletProfile, WalletSkill
from domain.polymarket.markets import described


class MemoryHistory(MemoryTotals):
    """The `History` store in polars frames."""

    def trades(
        self, after: datetime, until: datetime, wallets: Collection[str] | None = None, only: Sequence[str] | None = None
    ) -> pl.DataFrame:
        table = self._table(Trade)
        first, last = (table["traded_at"].search_sorted(instant, side="right") for instant in (after, until))
        window = table.slice(first, last - first)
        mine = window if wallets is None else window.filter(pl.col("wallet").is_in(list(wallets)))
        return mine if only is None else mine.select(only)

    def activities(self, after: datetime, until: datetime, wallets: Collection[str] | None = None) -> pl.DataFrame:
        told = self._among(Activity, "wallet", wallets)
        return told.filter((pl.col("happened_at") > after) & (pl.col("happened_at") <= until)).sort("happened_at", "activity_id")

    def markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return described(self.instruments(token_ids), self.polymarket_markets(token_ids))

    def instruments(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(Instrument, "token_id", token_ids)

    def polymarket_markets(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(PolymarketMarket, "token_id", token_ids)

    def profiles(self, wallets: Collection[str] | None = None, window_days: int = 0, only: Sequence[str] | None = None) -> pl.DataFrame:
        rows = self._among(WalletProfile, "wallet", wallets).filter(pl.col("window_days") == window_days)
        return rows if only is None else rows.select(only)

    def bets(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(Bet, "wallet", wallets).sort("resolved_at", "wallet", "token_id")

    def skills(self, wallets: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(WalletSkill, "wallet", wallets).sort("wallet")

    def net_shares(self, wallets: Collection[str], token_ids: Collection[str], until: datetime) -> pl.DataFrame:
        seen = self.trades(datetime.min.replace(tzinfo=until.tzinfo), until, wallets)
        signed = pl.when(pl.col("side") == Side.BUY).then(pl.col("shares")).otherwise(-pl.col("shares"))
        own = seen.filter(pl.col("token_id").is_in(list(token_ids)))
        return own.group_by("wallet", "token_id").agg(signed.sum().alias("shares")).sort("wallet", "token_id")

    def traded_tokens(self, until: datetime) -> pl.DataFrame:
        return self.trades(datetime.min.replace(tzinfo=until.tzinfo), until).select("token_id").unique().sort("token_id")

    def fundings(self, until: datetime) -> pl.DataFrame:
        return self._table(Funding).filter(pl.col("funded_at") <= until).sort("wallet", "funder", "tx")
