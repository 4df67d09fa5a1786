"""A store of history that lasts as long as its process, for replays: the frames themselves."""

from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl

from adapters.stores.memory_totals import MemoryTotals
from data_contracts import (
    Activity,
    Bet,
    BookSample,
    Funding,
    Instrument,
    PolymarketMarket,
    Side,
    SolanaToken,
    TokenFinding,
    TokenLook,
    Trade,
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
        self._arrivals: list[tuple[datetime, pl.DataFrame]] = []  # Trade rows as they were added, and when the last of them was seen

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        super().append(frame, row_class)
        if row_class is Trade and frame.height:
            new = frame.select(contract_of(Trade).names)
            self._arrivals.append((new["seen_at"].max(), new))  # type: ignore[arg-type]

    def trades(
        self, after: datetime, until: datetime, wallets: Collection[str] | None = None, only: Sequence[str] | None = None
    ) -> pl.DataFrame:
        table = self._table(Trade)
        first, last = (table["traded_at"].search_sorted(instant, side="right") for instant in (after, until))
        window = table.slice(first, last - first)
        mine = window if wallets is None else window.filter(pl.col("wallet").is_in(list(wallets)))
        return mine if only is None else mine.select(only)

    def arrivals(
        self, after: datetime, until: datetime, wallets: Collection[str], since: datetime, tokens: Collection[str]
    ) -> pl.DataFrame:
        """Looks at the latest additions only: in a replay each cycle adds what it saw."""
        added = [frame for last_seen_at, frame in self._arrivals if last_seen_at > after]
        both = pl.concat([empty(Trade), *added]).unique("trade_id", keep="last", maintain_order=True)
        at, late = pl.col("seen_at"), (pl.col("side") == Side.SELL) & pl.col("token_id").is_in(list(tokens))
        found = both.filter((at > after) & (at <= until) & pl.col("wallet").is_in(list(wallets)) & ((pl.col("traded_at") > since) | late))
        return found.sort("traded_at", "sequence", "trade_id")

    def named(self, trade_ids: Collection[str], wallets: Collection[str], token_ids: Collection[str]) -> pl.DataFrame:
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

    def due_tokens(self, as_of: datetime, most: int) -> list[str]:
        found = self.findings().group_by("token_id").agg(pl.col("found_at").min())
        looked = self.last_looks().select("token_id", "looked_at", "next_look_at")
        due = found.join(looked, on="token_id", how="left")
        since = pl.when(pl.col("looked_at").is_null()).then("found_at").otherwise("next_look_at").alias("since")
        waiting = due.with_columns(since).filter(pl.col("looked_at").is_null() | (pl.col("since") <= as_of))
        return waiting.sort("since", "token_id").head(most)["token_id"].to_list()

    def last_looks(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        looks = self._among(TokenLook, "token_id", token_ids).sort("token_id", "looked_at")
        return looks.unique("token_id", keep="last", maintain_order=True)

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

    def traded_tokens(self, until: datetime) -> pl.DataFrame:
        return self.trades(datetime.min.replace(tzinfo=until.tzinfo), until).select("token_id").unique().sort("token_id")

    def fundings(self, until: datetime) -> pl.DataFrame:
        return self._table(Funding).filter(pl.coalesce("funded_at", "loaded_at") <= until).sort("wallet", "funder", "tx")

    def of_wallets(self, row_class: type, wallets: Collection[str] | None = None) -> pl.DataFrame:
        return self._among(row_class, "wallet", wallets).sort(contract_of(row_class).key)

    def book_samples(self, after: datetime, until: datetime) -> pl.DataFrame:
        within = (pl.col("taken_at") > after) & (pl.col("taken_at") <= until)
        return self._table(BookSample).filter(within).sort("taken_at", "token_id")
