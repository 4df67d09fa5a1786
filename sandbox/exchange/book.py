"""One market's book: the world's quotes, less what was taken of them, and the orders that rest here."""

from collections import defaultdict
from typing import NamedTuple

from sandbox.books import REFRESH_S, book_at
from sandbox.exchange.matching import WHOLE, Maker, price_for
from sandbox.exchange.orders import Order
from sandbox.markets import Market

_PER_MILLI = 10
_PER_HUNDREDTH = 10_000
_WORLD = "world"


class Depth(NamedTuple):
    """What is shown: (price in ten-thousandths, shares), best first."""

    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]


class Last(NamedTuple):
    """The latest trade of an order of ours."""

    at_s: float
    price: int  # of the first outcome
    side: str


class MarketBook:
    def __init__(self, market: Market, now_s: float) -> None:
        self.market = market
        self.resting: dict[str, Order] = {}
        self.seen_s = now_s  # what the world did until then has met what rested
        self.last: Last | None = None
        self._taken: dict[tuple[bool, int], int] = defaultdict(int)  # of the world's levels, by side and price
        self._window = -1  # the set of world orders that this was taken of

    def makers(self, now_s: float) -> list[Maker]:
        return self.ours() + self.worlds(now_s)

    def ours(self) -> list[Maker]:
        return [order.as_maker() for order in self.resting.values()]

    def worlds(self, now_s: float) -> list[Maker]:
        """The world's orders came when its quotes were last drawn anew: before whatever was posted since."""
        levels, since = self._levels(now_s), (self._window * REFRESH_S, -1)
        return [Maker(f"{_WORLD}:{is_buy}:{price}", 0, is_buy, price, left, since) for is_buy, price, left in levels]

    def take(self, maker: Maker, shares: int) -> None:
        """Gone until the world's quotes move on."""
        self._taken[maker.is_buy, maker.price] += shares

    def depth(self, outcome: int, now_s: float) -> Depth:
        sides: tuple[dict[int, int], dict[int, int]] = (defaultdict(int), defaultdict(int))
        for is_buy, price, left in self._levels(now_s):
            sides[is_buy == (outcome == 1)][price if outcome == 0 else WHOLE - price] += left
        for maker in self.ours():
            sides[maker.is_buy == (maker.outcome != outcome)][price_for(maker, outcome)] += maker.left
        return Depth(sorted(sides[0].items(), reverse=True), sorted(sides[1].items()))

    def _levels(self, now_s: float) -> list[tuple[bool, int, int]]:
        """What is left of the world's bids and offers of the first outcome: (is a bid, price, shares)."""
        if not self.market.open_at(now_s):
            return []
        self._renew(now_s)
        book, taken = book_at(self.market, 0, now_s), self._taken
        drawn = [
            (is_buy, level.price_millis * _PER_MILLI, level.hundredths * _PER_HUNDREDTH)
            for is_buy, side in ((True, book.bids), (False, book.asks))
            for level in side
        ]
        if not taken:
            return drawn
        return [(is_buy, price, left) for is_buy, price, shares in drawn if (left := shares - taken.get((is_buy, price), 0)) > 0]

    def note(self, at_s: float, outcome: int, is_buy: bool, price: int) -> None:
        self.last = Last(at_s, price if outcome == 0 else WHOLE - price, "BUY" if is_buy else "SELL")

    def _renew(self, now_s: float) -> None:
        window = int(now_s / REFRESH_S)
        if window != self._window:
            self._window = window
            self._taken.clear()
