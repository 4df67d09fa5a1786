"""What a match means in money: whom it moves from and to, and what the taker pays the venue for it. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby

from sandbox.exchange.book import MarketBook
from sandbox.exchange.ledger import FEES, USD, VAULT, WORLD, Legs
from sandbox.exchange.matching import WHOLE, Fill, Maker, Taker
from sandbox.exchange.orders import Order
from sandbox.exchange.twists import Twist
from sandbox.markets import Market
from sandbox.world import Snapshot

_FEE_UNIT = 10  # fees have five decimals, dollars six
_PER_MILLI = 10
_PER_HUNDREDTH = 10_000


def by_price(fills: list[Fill]) -> list[list[Fill]]:
    """The fills come best price first."""
    return [list(group) for _, group in groupby(fills, lambda fill: fill.price)]


def taker_fee(market: Market, fills: list[Fill]) -> int:
    """Millionths of a dollar: shares x rate x p x (1 - p), rounded to five decimals at the end. The fills are of one price.

    Source: https://docs.polymarket.com/trading/fees"""
    price = Decimal(fills[0].price) / WHOLE
    fee = sum(fill.shares for fill in fills) * Decimal(str(market.category.fee_rate)) * price * (1 - price)
    return int((fee / _FEE_UNIT).quantize(Decimal(1), ROUND_HALF_UP)) * _FEE_UNIT


def legs_of(market: Market, taker: Taker, fills: list[Fill], account: str, makers: Mapping[str, Order], fee: int) -> Legs:
    legs: Legs = defaultdict(int)
    for fill in fills:
        maker = makers[fill.maker.key].account if fill.maker.key in makers else WORLD
        _add_party(legs, account, market.token_ids[taker.outcome], taker.is_buy, fill.shares, fill.taker_usd)
        _add_party(legs, maker, market.token_ids[fill.maker.outcome], fill.maker.is_buy, fill.shares, fill.maker_usd)
        if fill.is_pair:  # the vault takes a dollar for each new pair and gives it back for each melted one
            legs[VAULT, USD] += fill.shares if taker.is_buy else -fill.shares
    if fee:
        legs[account, USD] -= fee
        legs[FEES, USD] += fee
    return dict(legs)


def _add_party(legs: Legs, account: str, token_id: str, is_buy: bool, shares: int, usd: int) -> None:
    sign = 1 if is_buy else -1
    legs[account, token_id] += sign * shares
    legs[account, USD] -= sign * usd


def thinned(makers: list[Maker], twist: Twist) -> list[Maker]:
    return [] if twist.unmatched else [maker._replace(left=int(maker.left * twist.share)) for maker in makers]


def world_trades(book: MarketBook, snapshot: Snapshot) -> Iterator[tuple[float, Taker]]:
    """The world's takers since the book last looked, oldest first. What rests here and is better than the price they got
    comes before the world's own makers; at the same price those were first."""
    found = []
    for _, trade in snapshot.trades(snapshot.market_sequences(book.market)):
        if trade.at_s <= book.seen_s:
            break
        if trade.is_taker:
            better = Fraction(2 * trade.price_millis * _PER_MILLI + (-1 if trade.is_buy else 1), 2)
            found.append((trade.at_s, Taker(trade.outcome, trade.is_buy, better, shares=trade.hundredths * _PER_HUNDREDTH)))
    return reversed(found)
