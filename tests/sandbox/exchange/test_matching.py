"""Best price first, then first come; a pair is made or melted where that is what meets; nothing is made or lost."""

from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.exchange import exchange as exchange_module
from sandbox.exchange.auth import Key
from sandbox.exchange.book import MarketBook
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.ledger import USD, VAULT, pair_legs
from sandbox.exchange.matching import WHOLE, Maker, Taker, crosses, match
from sandbox.exchange.orders import Kind, Posted
from sandbox.exchange.refusals import Refusal
from sandbox.exchange.rules import check_amounts, check_expiration
from sandbox.exchange.signing import SignedFields
from sandbox.markets import Market
from sandbox.world import World
from tests.sandbox.exchange.conftest import ORIGIN, PUBLIC_KEYS, StandingClock, address_of

UNIT = 1_000_000
YES, NO = 0, 1


def maker(key: str, outcome: int, is_buy: bool, cents: int, shares: int, since: int = 0) -> Maker:
    return Maker(key, outcome, is_buy, cents * 100, shares * UNIT, (since, since))


def buy_yes(cents: int, shares: int) -> Taker:
    return Taker(YES, True, Fraction(cents * 100), shares=shares * UNIT)


def test_the_best_price_goes_first_and_among_equals_the_first_come() -> None:
    makers = [
        maker("late", YES, False, 50, 10, since=2),
        maker("early", YES, False, 50, 10, since=1),
        maker("dear", YES, False, 51, 10),
        maker("other outcome", NO, True, 51, 10, since=3),  # who pays 51 for a NO gives a YES for 49
        maker("too dear", YES, False, 53, 10),
    ]
    fills = match(makers, buy_yes(52, 100)).fills
    assert [(fill.maker.key, fill.price) for fill in fills] == [("other outcome", 4900), ("early", 5000), ("late", 5000), ("dear", 5100)]


@pytest.mark.parametrize(
    ("outcome", "is_buy", "cents", "is_pair", "maker_usd", "taker_usd"),
    [
        (YES, False, 60, False, 6, 6),  # one sells to the other: 10 x 0.60 change hands
        (NO, True, 40, True, 4, 6),  # ten pairs are made: 10 x 0.40 + 10 x 0.60 = 10
    ],
)
def test_a_buyer_of_yes_meets_a_seller_of_yes_or_a_buyer_of_no(
    outcome: int, is_buy: bool, cents: int, is_pair: bool, maker_usd: int, taker_usd: int
) -> None:
    (fill,) = match([maker("m", outcome, is_buy, cents, 10)], buy_yes(60, 10)).fills
    assert (fill.is_pair, fill.maker_usd, fill.taker_usd) == (is_pair, maker_usd * UNIT, taker_usd * UNIT)


def test_two_sellers_melt_pairs() -> None:
    (fill,) = match([maker("m", NO, False, 40, 10)], Taker(YES, False, Fraction(6000), shares=10 * UNIT)).fills
    assert (fill.is_pair, fill.maker_usd, fill.taker_usd) == (True, 4 * UNIT, 6 * UNIT)


def test_dollars_buy_more_at_a_better_price() -> None:
    """4.95 dollars at 0.98 are 5.051020 shares: 5 were asked for at 0.99. https://github.com/Polymarket/py-clob-client-v2/issues/89"""
    found = match([maker("m", YES, False, 98, 100)], Taker(YES, True, Fraction(9900), budget=4_950_000))
    assert (found.fills[0].shares, found.fills[0].taker_usd, found.is_whole) == (5_051_020, 4_949_999, True)


@given(
    st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.integers(1, 99), st.integers(1, 500)), max_size=12),
    st.tuples(st.integers(0, 1), st.booleans(), st.integers(1, 99), st.integers(1, 900), st.booleans()),
)
def test_whoever_is_filled_could_not_have_had_it_better(
    rows: list[tuple[int, bool, int, int]], wanted: tuple[int, bool, int, int, bool]
) -> None:
    makers = [maker(str(place), *row, since=place) for place, row in enumerate(rows)]
    outcome, is_buy, cents, shares, in_dollars = wanted
    amount = {"budget": shares * UNIT} if in_dollars and is_buy else {"shares": shares * UNIT}
    taker = Taker(outcome, is_buy, Fraction(cents * 100), **amount)
    found = match(makers, taker)
    filled = {fill.maker.key: fill for fill in found.fills}
    order = [(fill.price if is_buy else -fill.price, fill.maker.since) for fill in found.fills]
    assert order == sorted(order), "price first, then time"
    for fill in found.fills:
        assert crosses(fill.maker, taker), "nobody trades beyond a limit, not the taker's and not the maker's"
        assert fill.shares <= fill.maker.left
        exact = Fraction(fill.shares * fill.maker.price, WHOLE)
        assert 0 <= exact - fill.maker_usd < 1
        assert fill.taker_usd == (fill.shares - fill.maker_usd if fill.is_pair else fill.maker_usd)
    left = [one for one in makers if crosses(one, taker) and (one.key not in filled or filled[one.key].shares < one.left)]
    assert found.is_whole or not left, "nothing that could be had is left"
    spent, got = sum(fill.taker_usd for fill in found.fills), sum(fill.shares for fill in found.fills)
    assert spent <= taker.budget if taker.budget is not None else got <= shares * UNIT


@dataclass
class Room:
    """Three traders at one market, without signatures: whether those are checked is tested elsewhere, and they take most of the time."""

    exchange: Exchange
    market: Market
    clock: StandingClock
    salt: int = 0
    posted: list[tuple[Key, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Each has 9,000 dollars and 1,000 pairs."""
        self.keys = [self.exchange.keys.create(address_of(private_key), 0) for private_key in PUBLIC_KEYS[:3]]
        for key in self.keys:
            self.exchange.ledger.account(key.address).allow_everything()
            self.exchange.ledger.move({(key.address, USD): 10_000 * UNIT})
            self.exchange.ledger.move(pair_legs(key.address, self.market.token_ids, 1_000 * UNIT))

    def post(self, who: int, outcome: int, side: int, cents: int, shares: int, kind: Kind) -> None:
        self.salt += 1
        key, usd, size = self.keys[who], cents * shares * UNIT // 100, shares * UNIT
        amounts = (usd, size) if side == 0 else (size, usd)
        token_id = int(self.market.token_ids[outcome])
        fields = SignedFields(self.salt, key.address, key.address, token_id, *amounts, side, 0, 1, bytes(32), bytes(32))
        with suppress(Refusal):
            self.posted.append((key, self.exchange.post(key, Posted(fields, b"", kind, 0, False, key.key)).hash))

    def cancel(self, place: int) -> None:
        if self.posted:
            key, order_id = self.posted[place % len(self.posted)]
            self.exchange.cancel(key, [order_id])

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.exchange.advance()

    def check(self) -> None:
        ledger = self.exchange.ledger
        assert ledger.total(USD) == 3 * 10_000 * UNIT, "no dollar is made or lost"
        vault = ledger.account(VAULT).balances[USD]
        assert [ledger.total(token_id) for token_id in self.market.token_ids] == [vault, vault], "a dollar lies for each pair"
        for key in self.keys:
            for asset in (USD, *self.market.token_ids):
                assert self.exchange.available(key.address, asset) >= 0, "what is promised is there"
        depth = self.exchange.book(self.market, self.clock()).depth(YES, self.clock())
        assert not depth.bids or not depth.asks or depth.bids[0][0] < depth.asks[0][0], "the book is not crossed"


ORDERS = st.tuples(
    st.just("post"),
    st.integers(0, 2),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(36, 44),  # the market is at 40
    st.integers(5, 900),
    st.sampled_from([Kind.GTC, Kind.GTC, Kind.GTC, Kind.FAK, Kind.FOK]),
)
NO_ORDERS = ORDERS.map(lambda order: ("post", order[1], 1 - order[2], order[3], 100 - order[4], *order[5:]))
ACTIONS = st.one_of(
    ORDERS,
    NO_ORDERS,
    st.tuples(st.just("cancel"), st.integers(0, 50)),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 60])),
)


@pytest.mark.parametrize("is_empty", [True, False])  # without the world's quotes the three meet each other
@settings(max_examples=25)
@given(actions=st.lists(ACTIONS, min_size=5, max_size=25), settles_in_s=st.sampled_from([(0, 0), (5, 5)]))
def test_whatever_is_traded_nothing_is_made_or_lost_and_the_book_never_crosses(
    world: World, is_empty: bool, actions: list[Any], settles_in_s: tuple[float, float]
) -> None:
    clock = StandingClock()
    exchange = Exchange(world, clock)
    exchange.settles_in_s = settles_in_s
    room = Room(exchange, a_long_market(world), clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange_module, "check", unsigned_check)
        if is_empty:
            patch.setattr(MarketBook, "_levels", lambda *_: [])
        for name, *arguments in actions:
            getattr(room, name)(*arguments)
            room.check()


def a_long_market(world: World) -> Market:
    now_s = ORIGIN.timestamp()
    markets = [market for market in world.at(now_s).markets() if market.open_at(now_s + 1500) and market.tick_millis == 10]
    return min((m for m in markets if not m.neg_risk), key=lambda market: abs(market.path.belief_at(now_s) - 0.5))


def unsigned_check(order: Any, now_s: float) -> None:
    check_amounts(order)
    check_expiration(order.posted, now_s)
