"""When the prices of a market that is over are what it pays: one outcome everything, or all the same; never what is merely near it.

A void pays each of n outcomes 1/n, and says so with the digits it has: a third is 0.33, 0.333 or 0.333333, and the market pays a third.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

PAYOUT_UNIT = Decimal("0.000001")  # of a USD: the smallest that is paid
LOST_TO_ROUNDING = Decimal("0.02")  # at most, of the dollar that a set is worth


def payouts_of(prices: Sequence[Decimal | None]) -> list[Decimal]:
    """What a share of each outcome is paid; empty where these prices are no payouts."""
    known = [price for price in prices if price is not None and price.is_finite()]
    if len(known) < 2 or len(known) < len(prices):
        return []
    if sorted(known) == [Decimal(0)] * (len(known) - 1) + [Decimal(1)]:
        return known
    part = (1 / Decimal(len(known))).quantize(PAYOUT_UNIT, ROUND_DOWN)
    return [part] * len(known) if _is_void(known) else []


def _is_void(prices: Sequence[Decimal]) -> bool:
    """Whether each is the same part of a dollar, rounded or cut off after as many digits as are written."""
    one, part = prices[0].normalize(), 1 / Decimal(len(prices))
    exponent = one.as_tuple().exponent
    if set(prices) != {one} or one <= 0 or not isinstance(exponent, int):
        return False
    written = Decimal(1).scaleb(exponent)
    is_part = one in {part.quantize(written, rounding) for rounding in (ROUND_DOWN, ROUND_HALF_EVEN)}
    return is_part and abs(one * len(prices) - 1) < LOST_TO_ROUNDING
