"""What one wallet did in one token and side between two looks is one intention: fifty fills of one order are not fifty decisions."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from functools import cached_property

from data_contracts import Trade
from domain.copying.amounts import PRICE_UNIT, rounded


@dataclass(frozen=True)
class Intention:
    """Fills of one wallet, token and side, in their order. It is known by the first of them."""

    fills: tuple[Trade, ...]

    @cached_property
    def trade(self) -> Trade:
        """All of it as one trade: its sums, at its average price, at the instant of its first fill."""
        if len(self.fills) == 1:
            return self.fills[0]
        shares = sum((fill.shares for fill in self.fills), Decimal(0))
        notional = sum((fill.notional for fill in self.fills), Decimal(0))
        prices = [fill.price for fill in self.fills]
        average = rounded(notional / shares, PRICE_UNIT, ROUND_DOWN)
        return replace(self.fills[0], shares=shares, notional=notional, price=min(max(average, min(prices)), max(prices)))


def in_order(trades: Iterable[Trade]) -> list[Trade]:
    """As the feed has them: by their instant, and within one by the feed's own order."""
    return sorted(trades, key=place_of)


def place_of(trade: Trade) -> tuple[datetime, int, str]:
    """The sort key of a trade: its instant, the feed's own order within it, its id."""
    return trade.traded_at, trade.sequence, trade.trade_id


def intentions(trades: Iterable[Trade], apart: Callable[[Trade], Hashable]) -> list[Intention]:
    """In the order of their first fills. What `apart` tells apart is not one intention: a stale fill makes no fresh one stale."""
    groups: dict[tuple[object, ...], list[Trade]] = defaultdict(list)
    for trade in trades:
        groups[trade.wallet, trade.token_id, trade.side, apart(trade)].append(trade)
    return [Intention(tuple(fills)) for fills in groups.values()]
