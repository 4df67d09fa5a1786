"""What a source can be asked, in our words. Each question is a capability of its own: a venue may lack boards or resolutions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

import polars as pl

from data_contracts import LeaderHolding
from domain.copying.book import Book


@dataclass(frozen=True, slots=True)
class Walk:
    """What one walk over a source brought, newest first and page by page.

    All of it after `complete_from` is among the Trade rows. `cursor` is where older ones go on, "" when the walk got as far as it was asked
    to; `has_ended` when the source has nothing older. `besides` are rows of what only this source says, by row class.
    """

    trades: pl.DataFrame
    complete_from: datetime
    cursor: str = ""
    has_ended: bool = False
    besides: Mapping[type, pl.DataFrame] = field(default_factory=dict)


class TradeSource(Protocol):
    """Where trades come from: a feed that is read, a chain, or what was posted to us."""

    source: str

    def confirmed_until(self, as_of: datetime) -> datetime | None:
        """Up to when it says that it has everything; None when it cannot say."""
        ...

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        """All wallets' Trade rows with `after` < traded_at <= `until`, from the newest page or from `cursor` on; unreadable cells are null.

        A row after `until` lies ahead of the venue's own clock: none that is merely new comes so.
        Raises Refused when it does not know the cursor any more.
        """
        ...


class Accounts(Protocol):
    """What single wallets did and hold."""

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        """Activity rows of these wallets with `after` < happened_at <= `until`, wallet by wallet, each oldest first."""
        ...

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding | None:
        """What a wallet holds of a token, and up to when that answer knows; None when nobody can say."""
        ...


class Instruments(Protocol):
    """What there is to trade, and how it ended."""

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        """By row class: Instrument rows of every token of the markets these tokens belong to, and the rows of what only this venue says."""
        ...


@runtime_checkable
class MarketNames(Protocol):
    """What the outcomes of a market are: whoever names a market and an outcome means a token."""

    def tokens_in(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """`market_id`, `token_id` and `outcome` of every token of these markets; a market nobody knows is left out."""
        ...


@runtime_checkable
class Holders(Protocol):
    """Who holds a market."""

    def holders(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """HolderPosition rows of these markets, the largest holders of each token."""
        ...


@runtime_checkable
class Wider(Protocol):
    """A source that may watch more wallets than it can ask about at each look: others tell of those, and may lose some."""

    def beyond(self) -> TradeSource | None:
        """The chain's own word of all it watches, as a source whose gaps are filled like any other's; None where looks ask about each."""
        ...

    def unhurried(self) -> TradeSource:
        """The same source for whoever fills its gaps: a walk takes its time, and leaves looks theirs."""
        ...


class Boards(Protocol):
    """Who earned most."""

    def leaderboard(self, period: str, count: int) -> pl.DataFrame:
        """`rank`, `wallet`, `pnl` in USD, `volume` in shares: the first `count` by realized PnL over a day, week, month or all."""
        ...


class Books(Protocol):
    """What a sale or a purchase would get now."""

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        """Visible order books by token. A token without a book is left out."""
        ...


class RateSource(Protocol):
    """What the currency that a venue's strategies count in is worth. Of USD nobody is asked."""

    def rates(self, as_of: datetime) -> pl.DataFrame:
        """Rate rows as it says them now, `seen_at` being `as_of`; none where it cannot say."""
        ...


class VenueFeed(TradeSource, Accounts, Instruments, Books, Protocol):
    """What the copy cycle needs of a venue. All else is a capability that it may lack."""


class Feed(VenueFeed, MarketNames, Holders, Boards, Protocol):
    """Polymarket, the sandbox and recordings have all of it. Public data only: no key is needed to ask any of this."""


def lag_s(source: TradeSource, as_of: datetime) -> float:
    """How many seconds a source is behind; infinite when it cannot say."""
    confirmed = source.confirmed_until(as_of)
    return float("inf") if confirmed is None else max(0.0, (as_of - confirmed).total_seconds())
