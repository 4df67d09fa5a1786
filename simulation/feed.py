"""What everybody sees of the simulated venue: trades that come late, early, twice or in pages that run out; books, terms and holdings."""

from collections.abc import Callable, Collection, Container
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import polars as pl

from adapters.feeds.feed import Walk
from data_contracts import Activity, Instrument, LeaderHolding, PolymarketMarket, Side, Trade
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of
from domain.activities import activity_of
from domain.copying.book import Book, Level, book_of
from domain.polymarket.amounts import UNITS
from sandbox.exchange.exchange import Exchange
from simulation.clock import WorldClock
from simulation.markets import FewMarkets, terms_of
from simulation.plan import SOURCE, Deed, Plan
from tasks.copying.watermarks import OVERLAP

WHOLE = 10_000


class SeededFeed:
    """One venue's feed, which all processes ask. `rates` are the faults' chances: empty when it is calm."""

    source = SOURCE

    def __init__(
        self,
        plan: Plan,
        world: FewMarkets,
        exchange: Exchange,
        clock: WorldClock,
        chance: Random,
        rates: dict[str, float],
        spoil: Callable[[str, str], None],
    ) -> None:
        self._plan, self._world, self._exchange, self._clock = plan, world, exchange, clock
        self._chance, self._rates, self._spoil = chance, rates, spoil
        self._frontier_s = 0.0
        self.stored: Container[str] = ()  # the ids of the trades that we have
        self.claimed_until: datetime | None = None  # the latest instant up to which it ever said to have everything

    def confirmed_until(self, as_of: datetime) -> datetime | None:
        if self._chance.random() < self._rates["feed"] / 4:
            self._spoil("feed", "does not know how late it is")
            return None
        self._move()
        confirmed = datetime.fromtimestamp(int(self._clock() - self._lag_s()), UTC)
        self.claimed_until = confirmed if self.claimed_until is None else max(confirmed, self.claimed_until)
        return confirmed

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        if cursor and self._chance.random() < self._rates["feed"]:
            self._spoil("feed", "forgot a cursor")
            raise Refused("this cursor is too old")
        begins = datetime.fromtimestamp(int(cursor), UTC) if cursor else until
        rows = [deed for deed in self.shown() if after < deed.trade.traded_at <= begins]
        odd = self._chance.random() if rows else 1.0
        if odd < self._rates["feed"]:
            return self._spoiled(rows, after, odd < self._rates["feed"] / 3)
        return Walk(self._frame(rows), after, has_ended=False)

    def _spoiled(self, rows: list[Deed], after: datetime, ends: bool) -> Walk:
        """Only the newest of them: its pages ran out, or it says that there is nothing older.

        It ends too early only where that can be told: when it told us of older trades once, and its oldest lies after our watermark.
        """
        late = [deed for deed in rows if deed.trade.traded_at > after + OVERLAP]
        ends = ends and bool(late) and any(one.trade.traded_at <= after and one.trade.trade_id in self.stored for one in self._plan.deeds)
        cut = self._chance.choice(late if ends else rows).trade.traded_at
        self._spoil("feed", f"{'ends at' if ends else 'has pages down to'} {cut:%H:%M:%S}")
        newest = self._frame([deed for deed in rows if deed.trade.traded_at > cut])
        return Walk(newest, after, has_ended=True) if ends else Walk(newest, cut, str(int(cut.timestamp())))

    def shown(self) -> list[Deed]:
        """What can be seen by now, by anybody who asks."""
        self._move()
        return [deed for deed in self._plan.deeds if self._is_shown(deed)]

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        mine = [one for one in self._confirmed() if one.wallet in wallets and after < one.traded_at <= until]
        return frame_of([activity_of(one, self._world.outcome_of(one.token_id), one.notional) for one in mine], Activity)

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding | None:
        """As its last trade that it knows left it."""
        mine = [one for one in self._confirmed() if (one.wallet, one.token_id) == (wallet, token_id)]
        if not mine:
            return None
        shares = sum((one.shares if one.side is Side.BUY else -one.shares for one in mine), Decimal(0))
        known_at = min(max(one.traded_at for one in mine), as_of)
        return LeaderHolding(wallet=wallet, token_id=token_id, market_id=market_id, shares=shares, known_at=known_at, asked_at=as_of)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        markets = {self._world.market_of(token_id).number: self._world.market_of(token_id) for token_id in token_ids}
        pairs = [pair for number in sorted(markets) for pair in terms_of(markets[number], markets[number].resolved_at(self._clock()))]
        instruments = [replace(one, updated_at=as_of) for one, _ in pairs]
        return {
            Instrument: frame_of(instruments, Instrument),
            PolymarketMarket: frame_of([replace(words, updated_at=as_of) for _, words in pairs], PolymarketMarket),
        }

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        if self._chance.random() < self._rates["feed"] / 4:
            self._spoil("feed", "shows no books: 429")
            raise Unavailable("clob: 429 Too Many Requests")
        open_now = [token_id for token_id in sorted(token_ids) if self._world.market_of(token_id).open_at(self._clock())]
        return {token_id: self._book(token_id) for token_id in open_now}

    def _book(self, token_id: str) -> Book:
        book = self._exchange.book(self._world.market_of(token_id), self._clock())
        depth = book.depth(self._world.outcome_of(token_id), self._clock())
        return book_of(token_id, [_level(*level) for level in depth.bids], [_level(*level) for level in depth.asks])

    def _lag_s(self) -> float:
        return self._plan.lag_s(self._clock() - self._plan.begins_at.timestamp())

    def _move(self) -> None:
        self._frontier_s = max(self._frontier_s, self._clock() - self._lag_s())

    def _is_shown(self, deed: Deed) -> bool:
        at_s = deed.trade.traded_at.timestamp()
        return at_s + deed.late_s <= self._frontier_s or (deed.early and at_s + 1 <= self._clock())

    def _confirmed(self) -> list[Trade]:
        self._move()
        return [deed.trade for deed in self._plan.deeds if deed.trade.traded_at.timestamp() <= self._frontier_s]

    def _frame(self, deeds: list[Deed]) -> pl.DataFrame:
        """Newest first, as pages are. What was shown before is shown again as long as it is asked for."""
        return frame_of(sorted([deed.trade for deed in deeds], key=lambda one: one.traded_at, reverse=True), Trade)


def _level(price: int, shares: int) -> Level:
    return Level(Decimal(price) / WHOLE, Decimal(shares) / UNITS)
