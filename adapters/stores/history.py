"""What a store of history can answer: what wallets did, what markets came to. ClickHouse keeps it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl

from data_contracts import Venue

ARRIVALS_BY_SOURCE = pl.Schema(
    {
        "venue": pl.String(),
        "source": pl.String(),
        "trades": pl.Int64(),
        "last_traded_at": pl.Datetime("us", "UTC"),
        "last_seen_at": pl.Datetime("us", "UTC"),
        "median_s": pl.Float64(),
        "p95_s": pl.Float64(),
    }
)


@dataclass(frozen=True, slots=True)
class Since:
    """A time between two looks. What was written after `written` is new (None: everything is), and what fell due after `before`.

    `written` is an instant of the store's own clock. So is `counted`, for TradeTotal rows: profiling alone writes those, so none of
    them is underway. `before` and `until` are ours: a row may be written long before what it says happens.
    """

    written: datetime | None
    counted: datetime | None
    before: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A share of all wallets, by a hash of their names: number `number` of `of`."""

    number: int = 0
    of: int = 1


class Totals(Protocol):
    """What profiling asks: sums of trades by wallet, token and month, and what of them changed."""

    def mark(self, since: Since) -> datetime:
        """From where to go on after this look: whatever is not visible yet, or happens after `until`, was written later than this."""
        ...

    def now(self) -> datetime:
        """An instant of the store's own clock."""
        ...

    def count_trades(self, since: Since, kept_from: datetime) -> None:
        """Brings TradeTotal rows up to date. Months that began before `kept_from` stay as they are: some of their trades are gone."""
        ...

    def touched_rows(self, since: Since) -> int:
        """About how many TradeTotal rows `touched_totals` has in all parts together, and no fewer."""
        ...

    def touched_totals(self, since: Since, part: Part) -> pl.DataFrame:
        """All TradeTotal rows of each wallet and market in which something changed: a trade, the market, or what the wallet did besides."""
        ...

    def touched_activities(self, since: Since, part: Part) -> pl.DataFrame:
        """Activity rows of those wallets that did more than trade. All their totals are among the touched."""
        ...

    def touched_keys(self, row_class: type, since: Since, part: Part) -> pl.DataFrame:
        """`wallet`, `token_id`, `market_id` of the rows that are kept of what was touched: ClosedPosition or Bet."""
        ...

    def outcomes(self, market_ids: Collection[str]) -> pl.DataFrame:
        """`market_id`, `token_id` and `outcome` of every token that was traded in these markets."""
        ...

    def unended_tokens(self) -> pl.DataFrame:
        """One row per `token_id` that was traded and whose payout is not known, its market perhaps neither."""
        ...

    def traders(self, until: datetime) -> pl.DataFrame:
        """`wallet`, `trades` and `usd` of each wallet, over all its trades in store."""
        ...

    def unexplained(self) -> pl.DataFrame:
        """`wallet` and the `proceeds` of what nobody saw it buy, the most first."""
        ...

    def activity_of_wallets(self, until: datetime) -> pl.DataFrame:
        """One row per wallet: how many `trades` are in store and how many positions `closed`, and when it did the last of them, `last_at`.

        `changed_at`: when one of those positions was last written, by the store's own clock; null where there are none.
        """
        ...

    def profiled_wallets(self) -> pl.DataFrame:
        """One row per profiled wallet: the `rows` (trades and closed positions) it was profiled from, `as_of` when, and `written_at`."""
        ...

    def profile_keys(self, wallets: Collection[str]) -> pl.DataFrame:
        """`wallet`, `category` and `window_days` of the WalletProfile rows these wallets have."""
        ...

    def closed_since(self, written: datetime) -> tuple[int, int]:
        """How many ClosedPosition rows were written since, and about how many there are, and no fewer."""
        ...

    def bet_numbers(self, until: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
        """All bets that ended by then, in numbers: `wallet`, `event`, `market`, `price`, `payoff`; and `number` → `wallet` by name.

        Wallets, events and markets are numbers that tell them apart. Bets come wallet by wallet.
        """
        ...

    def closed_positions(self, wallets: Collection[str] | None = None, only: Sequence[str] | None = None) -> pl.DataFrame:
        """ClosedPosition rows of these wallets, or all."""
        ...

    def matched_trades(self, wallets: Collection[str], until: datetime, only: Sequence[str]) -> pl.DataFrame:
        """The trades of these wallets, and all others of the same transactions, in no order."""
        ...

    def steps(self) -> pl.DataFrame:
        """ProfilingStep rows."""
        ...


class History(Totals, Protocol):
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

    def venue_trades(self, venue: Venue, after: datetime, until: datetime, only: Sequence[str] | None = None) -> pl.DataFrame:
        """The same of one venue, whoever made them."""
        ...

    def token_trades(self, token_ids: Collection[str], after: datetime, until: datetime, only: Sequence[str] | None = None) -> pl.DataFrame:
        """The same of these tokens, whoever made them: read where they lie, not among all others."""
        ...

    def arrivals(
        self, after: datetime, until: datetime, wallets: Collection[str], since: datetime, tokens: Collection[str]
    ) -> pl.DataFrame:
        """Trade rows of these wallets with `after` < seen_at <= `until`, in time order.

        Of what was traded before `since` only the SELLs of `tokens`.
        """
        ...

    def trades_seen(self, after: datetime, until: datetime) -> int:
        """How many Trade rows there are with `after` < seen_at <= `until`; of a row that was written twice perhaps both."""
        ...

    def trades_by_id(self, trade_ids: Collection[str], wallets: Collection[str], token_ids: Collection[str]) -> pl.DataFrame:
        """The Trade rows with these ids, in time order; they are of these wallets and tokens."""
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

    def tokens(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        """SolanaToken rows of these mints, or all, as last written."""
        ...

    def findings(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        """TokenFinding rows of these mints, or all."""
        ...

    def chain_readings(self, wallets: Collection[str], signatures: Collection[str]) -> pl.DataFrame:
        """ChainReading rows of these wallets and signatures."""
        ...

    def readings_since(self, since: datetime) -> pl.DataFrame:
        """`signature` and `read_as` of what was seen at or after `since`, once for each of its wallets."""
        ...

    def early_buyers(self, token_ids: Collection[str]) -> pl.DataFrame:
        """EarlyBuyer rows of these tokens, each by rank."""
        ...

    def due_tokens(self, as_of: datetime, most: int) -> list[str]:
        """Mints whose next look is due, the longest overdue first; what was never looked at is due since it was found."""
        ...

    def last_looks(self, token_ids: Collection[str] | None = None) -> pl.DataFrame:
        """The last TokenLook row of each of these mints, or of all."""
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

    def fundings(self, until: datetime) -> pl.DataFrame:
        """Funding rows with funded_at <= `until`: who paid which wallet. One without a time counts from when it was loaded."""
        ...

    def of_wallets(self, row_class: type, wallets: Collection[str] | None = None) -> pl.DataFrame:
        """The rows of a table that people load (payments, labels, reported positions), of these wallets or all, by key."""
        ...

    def top(self, row_class: type, by: str, count: int, only: Sequence[str] | None = None, **where: str | int) -> pl.DataFrame:
        """The `count` rows with the highest values in `by`, the highest first; of those whose columns have these values."""
        ...

    def arrivals_by_source(self, since: datetime) -> pl.DataFrame:
        """A row per `venue` and `source` of Trade rows traded since: how many `trades`, `last_traded_at`, `last_seen_at`, and how many
        seconds passed until they were with us: `median_s` and `p95_s`."""
        ...

    def book_samples(self, after: datetime, until: datetime) -> pl.DataFrame:
        """BookSample rows with `after` < taken_at <= `until`."""
        ...

    def aged(self, row_class: type, before: datetime) -> int:
        """How many rows lie in months that ended by then, of a table by month; of coins' looks, those before then but the last."""
        ...

    def forget(self, row_class: type, before: datetime) -> None:
        """Takes those away, for good."""
        ...
