"""When the prices of a market that is over are what it pays: one outcome everything, or all the same; never what is merely near it."""

from collections.abc import Sequence
from decimal import Decimal

ROUNDING = Decimal("0.001")  # a void of three outcomes pays 0.3333 each


def pinned(prices: Sequence[Decimal | None]) -> bool:
    """Whether these prices are payouts: they add up to 1, one outcome has all of it or each has the same part (a void)."""
    known = [price for price in prices if price is not None and price.is_finite()]
    if len(known) < 2 or len(known) < len(prices):
        return False
    one_won = sorted(known) == [Decimal(0)] * (len(known) - 1) + [Decimal(1)]
    is_void = len(set(known)) == 1 and abs(sum(known, Decimal(0)) - 1) < ROUNDING
    return one_won or is_void
