"""A venue that is made up: stakes in SOL, prices above 1 and as small as 1e-9, tokens of 9 decimals, no resolution, quotes for a book."""

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from threading import Event

import polars as pl

from adapters.feeds.feed import Walk
from adapters.venues.simulated import SimulatedVenue
from adapters.venues.venue import Answer, Signed
from data_contracts import Activity, Currency, FeeFormula, Instrument, LeaderHolding, Order, OrderStatus, Rate, Reason, Side, Trade, Venue
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import frame_of
from domain.copying.book import Book, Level, book_of
from domain.ids import row_id

NOTHING = Decimal(0)
VALID_FOR = timedelta(seconds=90)
FEE = Decimal("0.0025")  # of the notional


@dataclass(frozen=True)
class Quote:
    """So many tokens for so many SOL, in all: what a purchase, or a sale, of so many would cost, or bring."""

    tokens: Decimal
    sol: Decimal


def quoted(*pairs: tuple[str, str]) -> list[Quote]:
    """From the smallest amount that was asked about to the largest."""
    return [Quote(Decimal(tokens), Decimal(sol)) for tokens, sol in pairs]


def levels(quotes: Sequence[Quote]) -> list[Level]:
    """What each further amount costs by itself: quotes answer the same question as a book."""
    steps = pairwise([Quote(NOTHING, NOTHING), *quotes])
    return [Level((after.sol - before.sol) / (after.tokens - before.tokens), after.tokens - before.tokens) for before, after in steps]


def open_gate() -> Event:
    gate = Event()
    gate.set()
    return gate


@dataclass
class SecondFeed:
    """What it shows to everybody: trades, what wallets hold, instruments and quotes. Holders and boards it has none."""

    begins_at: datetime
    source: str = "second venue"
    is_away: bool = False
    unsafe: str = ""  # what makes it so
    holds: Event = field(default_factory=open_gate)  # closed, it answers nobody
    lag_s: float = 0.0
    trades: list[Trade] = field(default_factory=list)
    usd: Decimal | None = None  # for one SOL, if it says so
    bids: dict[str, list[Quote]] = field(default_factory=dict)
    asks: dict[str, list[Quote]] = field(default_factory=dict)

    def trade(self, at_s: float, wallet: str, side: str, shares: str, price: str, token_id: str) -> Trade:
        """Somebody traded there."""
        at, amount = self.begins_at + timedelta(seconds=at_s), Decimal(shares)
        self.trades.append(
            Trade(
                trade_id=row_id("second venue", len(self.trades)),
                source=self.source,
                venue=Venue.SOLANA,
                wallet=wallet,
                market_id=token_id,
                token_id=token_id,
                outcome=token_id,
                side=Side(side),
                price=Decimal(price),
                shares=amount,
                notional=amount * Decimal(price),
                traded_at=at,
                seen_at=at,
                tx_hash="",
                ordinal=0,
                sequence=len(self.trades),
            )
        )
        return self.trades[-1]

    def confirmed_until(self, as_of: datetime) -> datetime | None:
        return as_of - timedelta(seconds=self.lag_s)

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        self._answer()
        return Walk(frame_of([trade for trade in self.trades if after < trade.traded_at <= until], Trade), after)

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        return frame_of([], Activity)

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding | None:
        own = [one for one in self.trades if (one.wallet, one.token_id) == (wallet, token_id) and one.traded_at <= as_of]
        shares = sum((one.shares if one.side is Side.BUY else -one.shares for one in own), NOTHING)
        return LeaderHolding(wallet=wallet, token_id=token_id, market_id=market_id, shares=shares, known_at=as_of, asked_at=as_of)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        self._answer()
        return {Instrument: frame_of([a_mint(token_id, as_of) for token_id in sorted(token_ids)], Instrument)}

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        self._answer()
        shown = [token_id for token_id in token_ids if token_id in self.bids.keys() | self.asks.keys()]
        return {name: book_of(name, levels(self.bids.get(name, [])), levels(self.asks.get(name, []))) for name in shown}

    def rates(self, as_of: datetime) -> pl.DataFrame:
        self._answer()
        known = [] if self.usd is None else [Rate(currency=Currency.SOL, seen_at=as_of, usd=self.usd, source=self.source)]
        return frame_of(known, Rate)

    def _answer(self) -> None:
        self.holds.wait(60)
        if self.unsafe:
            raise Unsafe(self.unsafe)
        if self.is_away:
            raise Unavailable("the second venue is away")


def a_mint(token_id: str, as_of: datetime) -> Instrument:
    """A token of 9 decimals whose price nothing bounds, and which never ends."""
    return Instrument(
        venue=Venue.SOLANA,
        token_id=token_id,
        market_id=token_id,
        category="",
        stake_currency=Currency.SOL,
        lowest_price=Decimal("1e-18"),
        highest_price=None,
        price_increment=Decimal("1e-18"),
        share_decimals=9,
        share_increment=Decimal("1e-9"),
        min_shares=NOTHING,
        min_notional=Decimal("0.001"),
        fee_formula=FeeFormula.PROPORTIONAL,
        fee_rate=FEE,
        fee_exponent=1,
        entry_denial=None,
        ends_at=None,
        ended_at=None,
        payout=None,
        updated_at=as_of,
    )


@dataclass
class SignedOrders:
    """Whoever takes orders there: signed as bytes, they die when they expire. `loses` what is posted: no answer, and nothing seen."""

    feed: SecondFeed
    is_simulated: bool = False
    loses: bool = False
    posted: list[Order] = field(default_factory=list)
    seen: dict[str, Answer] = field(default_factory=dict)  # by hash

    def sign(self, order: Order, instrument: Instrument) -> Signed | Reason:
        text = f"{order.side} {order.shares} {order.token_id} at {order.limit_price} or better, {order.order_id}"
        return Signed(row_id(text), b64encode(text.encode()).decode(), order.created_at + VALID_FOR)

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        self.posted += orders
        if self.loses:
            return [Answer(order.order_id, OrderStatus.UNKNOWN) for order in orders]
        return [self.happen(order, instruments[order.token_id], as_of) for order in orders]

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        return self.seen.get(order.order_hash)

    def happen(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer:
        """As it was posted, sooner or later; the same bytes happen once."""
        if order.order_hash not in self.seen:
            (self.seen[order.order_hash],) = SimulatedVenue(self.feed).post([order], {order.token_id: instrument}, as_of)
        return self.seen[order.order_hash]
