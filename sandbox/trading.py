"""Everything that is traded in one market, from its opening to its close.

A market's trades depend on the seed and on the market alone, so any stretch of time can be drawn without what came before."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sandbox.books import Quote, quote_at
from sandbox.categories import CATEGORIES
from sandbox.decisions import Held, Moment, Order, decide, estimate
from sandbox.markets import Market
from sandbox.noise import hex_id
from sandbox.wallets import KNOWING, Crowd, Wallet

_GROUP_TURNS = 0.15  # of the markets a group looks at
_TURN_OUT = 0.65  # of its members


class Trade(NamedTuple):
    """One wallet's side of one fill. Every fill has two: the taker's and the maker's."""

    at_s: float
    market: Market
    wallet: Wallet
    outcome: int
    is_buy: bool
    price_millis: int  # of this outcome's own token
    hundredths: int  # of a share
    order: int  # the taker's order, counted in its market: one order is one transaction
    is_taker: bool

    @property
    def notional_usd(self) -> float:
        return self.price_millis * self.hundredths / 100_000


class Fill(NamedTuple):
    maker: Wallet
    price_millis: int
    hundredths: int


def transaction_hash(trade: Trade) -> str:
    return _transaction_hash(trade.market.condition_id, trade.order)


@lru_cache(maxsize=10_000)
def _transaction_hash(condition_id: str, order: int) -> str:
    """Kept: pages overlap, and of the time a page took four parts in five were its hashes."""
    return hex_id(64, condition_id, "tx", order)


def trade_market(seed: int, market: Market, crowd: Crowd, luck_ends_s: float) -> list[Trade]:
    rng = np.random.default_rng([seed, 3, market.number])
    floor = Floor(market, crowd, rng)
    turns = [*_turns(market, crowd, luck_ends_s, rng), *_group_turns(seed, market, crowd)]
    turns.sort(key=lambda turn: turn[1].at_s)
    for number, (taker, moment) in enumerate(turns):
        floor.turn(number, taker, moment)
    return floor.trades


class Floor:
    """Where orders meet, and who holds how much by now."""

    def __init__(self, market: Market, crowd: Crowd, rng: np.random.Generator) -> None:
        self.market, self.crowd, self.rng = market, crowd, rng
        self.trades: list[Trade] = []
        self._held: dict[Wallet, list[int]] = defaultdict(lambda: [0, 0])

    def turn(self, number: int, taker: Wallet, moment: Moment) -> None:
        if self._held and taker.group is None and self.rng.random() < 0.3:  # people come back to what they hold
            taker = list(self._held)[int(self.rng.integers(len(self._held)))]
        order = decide(taker, moment, self._holds(taker))
        if order is not None:
            for fill in self._fills(taker, order, moment):
                self._record(number, taker, order, fill, moment.at_s)

    def _holds(self, wallet: Wallet) -> Held:
        held = self._held.get(wallet)
        return (held[0], held[1]) if held else (0, 0)

    def _fills(self, taker: Wallet, order: Order, moment: Moment) -> list[Fill]:
        """Mostly one maker. Else two, the second maybe a tick worse; or one that fills two equal halves."""
        price = moment.quote.buy(order.outcome) if order.is_buy else moment.quote.sell(order.outcome)
        partner = self.crowd.partner(taker)
        if partner is not None:
            return [Fill(partner, price, order.hundredths)]
        first, chance = self._maker(taker, order, price, moment), self.rng.random()
        half = order.hundredths // 2
        if chance < 0.70 or half < 500:
            return [Fill(first, price, order.hundredths)]
        if chance < 0.76 and order.hundredths % 2 == 0:
            return [Fill(first, price, half)] * 2
        worse = self._worse(price, order) if chance > 0.9 else price
        second = self._maker(taker, order, worse, moment)
        return [Fill(first, price, half), Fill(second, worse, order.hundredths - half)]

    def _worse(self, price: int, order: Order) -> int:
        tick = self.market.tick_millis
        return min(max(price + (tick if order.is_buy else -tick), tick), 1000 - tick)

    def _maker(self, taker: Wallet, order: Order, price: int, moment: Moment) -> Wallet:
        """Usually a market maker; sometimes anybody, and someone who knows only at a price that suits."""
        if self.rng.random() < 0.25:
            other = self.crowd.pick(CATEGORIES.index(self.market.category), self.rng.random(1))[0]
            if other is not taker and (other.kind not in KNOWING or _suits(other, order, price, moment)):
                return other
        makers = [maker for maker in self.crowd.makers if maker is not taker] or [w for w in self.crowd.wallets if w is not taker]
        return makers[int(self.rng.integers(len(makers)))]

    def _record(self, number: int, taker: Wallet, order: Order, fill: Fill, at_s: float) -> None:
        self._book(Trade(at_s, self.market, taker, order.outcome, order.is_buy, fill.price_millis, fill.hundredths, number, True))
        self._book(self._other_side(number, order, fill, at_s))

    def _other_side(self, number: int, order: Order, fill: Fill, at_s: float) -> Trade:
        """Who meets a buyer sells that outcome or, without any to sell, buys the opposite one: a pair is worth a dollar."""
        given = order.outcome if order.is_buy else 1 - order.outcome
        owns = self._holds(fill.maker)[given] >= fill.hundredths
        outcome = given if owns else 1 - given
        price = fill.price_millis if outcome == order.outcome else 1000 - fill.price_millis
        return Trade(at_s, self.market, fill.maker, outcome, not owns, price, fill.hundredths, number, False)

    def _book(self, trade: Trade) -> None:
        self._held[trade.wallet][trade.outcome] += trade.hundredths if trade.is_buy else -trade.hundredths
        self.trades.append(trade)


def _suits(maker: Wallet, order: Order, price: int, moment: Moment) -> bool:
    worth = estimate(maker, moment) if order.outcome == 0 else 1 - estimate(maker, moment)
    return worth < price / 1000 if order.is_buy else worth > price / 1000


def _turns(market: Market, crowd: Crowd, luck_ends_s: float, rng: np.random.Generator) -> Iterator[tuple[Wallet, Moment]]:
    """Whose turn it is, when, and what there is to see."""
    count = int(rng.poisson(market.orders))
    instants = np.sort(rng.uniform(market.opens_s, market.closes_s - 1, count)).round(3).tolist()
    takers = crowd.pick(CATEGORIES.index(market.category), rng.random(count))
    dice, swings = rng.random((count, 3)).tolist(), rng.normal(0, 1, count).tolist()
    fortune = market.winner if market.closes_s < luck_ends_s else None
    for at_s, taker, (a, b, c), swing in zip(instants, takers, dice, swings, strict=True):
        quote: Quote = quote_at(market, at_s)
        truth, belief = market.path.truth_at(at_s), market.path.belief_at(at_s)
        yield taker, Moment(at_s, truth, belief, quote, market.category, fortune, (a, b, c), swing)


def _group_turns(seed: int, market: Market, crowd: Crowd) -> Iterator[tuple[Wallet, Moment]]:
    """Insiders come together: of every group some, now and then, the first at a random instant and the others after their jitter."""
    for group, members in crowd.groups.items():
        rng = np.random.default_rng([seed, 5, market.number, group or 0])
        first_s = float(rng.uniform(market.opens_s, market.closes_s - 1))
        if rng.random() > _GROUP_TURNS:
            continue
        swing = float(rng.normal())  # what one knows they all know
        for member in members:
            at_s = round(first_s + float(rng.exponential(member.jitter_s)), 3)
            dice = rng.random(3).tolist()
            if dice[0] < _TURN_OUT and at_s < market.closes_s - 1:
                truth, belief = market.path.truth_at(first_s), market.path.belief_at(at_s)
                yield member, Moment(at_s, truth, belief, quote_at(market, at_s), market.category, None, (dice[0], dice[1], dice[2]), swing)
