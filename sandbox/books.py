"""The order book around the market's belief at an instant: a pure function of the market and the time."""

from typing import NamedTuple

from sandbox.markets import Market
from sandbox.noise import mix

LEVELS = 12
REFRESH_S = 10  # how long one set of resting orders stays
_WHOLE = 1000  # one dollar in thousandths


class Quote(NamedTuple):
    """Best prices of the first outcome, in thousandths of a dollar."""

    bid: int
    ask: int

    def buy(self, outcome: int) -> int:
        """What a buyer of this outcome pays: buying the second is selling the first."""
        return self.ask if outcome == 0 else _WHOLE - self.bid

    def sell(self, outcome: int) -> int:
        return self.bid if outcome == 0 else _WHOLE - self.ask


class Level(NamedTuple):
    price_millis: int
    hundredths: int  # of a share


class Book(NamedTuple):
    """Both sides, best level first. (The venue's wire format puts the best last.)"""

    bids: list[Level]
    asks: list[Level]


def quote_at(market: Market, at_s: float) -> Quote:
    tick = market.tick_millis
    spread = 1 + mix(market.number, int(at_s / REFRESH_S), 1) % 3
    bid = round(market.path.belief_at(at_s) * _WHOLE / tick - spread / 2)
    bid = min(max(bid, 1), _WHOLE // tick - 1 - spread)
    return Quote(bid * tick, (bid + spread) * tick)


def book_at(market: Market, outcome: int, at_s: float) -> Book:
    """The second outcome's book mirrors the first's: a bid for one is an offer of the other."""
    quote, tick, refresh = quote_at(market, at_s), market.tick_millis, int(at_s / REFRESH_S)
    bids = _levels(market, quote.bid, -tick, refresh, 2)
    asks = _levels(market, quote.ask, tick, refresh, 3)
    return Book(bids, asks) if outcome == 0 else Book(_mirrored(asks), _mirrored(bids))


def midpoint_millis(market: Market, outcome: int, at_s: float) -> float:
    quote = quote_at(market, at_s)
    return (quote.buy(outcome) + quote.sell(outcome)) / 2


def _levels(market: Market, best: int, step: int, refresh: int, side: int) -> list[Level]:
    prices = range(best, 0 if step < 0 else _WHOLE, step)[:LEVELS]
    return [Level(price, _depth(market, price, refresh, side)) for price in prices]


def _depth(market: Market, price: int, refresh: int, side: int) -> int:
    """Hundredths of a share: between 200 and 2,000 shares a level."""
    return 20_000 + mix(market.number, price, refresh, side) % 180_000


def _mirrored(levels: list[Level]) -> list[Level]:
    return [Level(_WHOLE - level.price_millis, level.hundredths) for level in levels]
