"""What a signed order gives and asks for, in whole units: millionths of a USD and of a share. Decimal and integers only.

It is arithmetic of our own: what the venue's client signs is compared with it before it leaves.
Source of the digits: https://docs.polymarket.com/developers/CLOB/orders/orders (tick sizes), and both official clients agree on them.
"""

from dataclasses import dataclass
from decimal import Decimal

from data_contracts import Side

UNITS = 1_000_000  # of a USD, and of a share
SHARE_DECIMALS = 6
MIN_MARKETABLE_NOTIONAL = Decimal(1)  # USD, for a BUY that crosses the book
HIGHEST_PAYOUT = Decimal(1)  # USD a share, of the outcome that wins
CENT = Decimal("0.01")  # shares and USD are named to two digits, whatever the tick


@dataclass(frozen=True, slots=True)
class Amounts:
    """`maker` is what we give, `taker` what we ask for it: USD for shares when buying, shares for USD when selling."""

    maker: int
    taker: int


# Digits behind the point that the computed side of an order may have, by tick.
COMPUTED_DIGITS = {
    Decimal("0.1"): 3,
    Decimal("0.01"): 4,
    Decimal("0.005"): 5,
    Decimal("0.0025"): 6,
    Decimal("0.001"): 5,
    Decimal("0.0001"): 6,
}


HIGHEST, LOWEST = Decimal("0.99"), Decimal("0.01")  # beyond these a copy pays for nothing but the fee


def is_on_tick(price: Decimal, tick_size: Decimal) -> bool:
    """Whether an order may name this price: a multiple of the tick, one tick away from 0 and from 1 at least."""
    return tick_size <= price <= 1 - tick_size and price % tick_size == 0


def limit_amounts(side: Side, price: Decimal, shares: Decimal, tick_size: Decimal) -> Amounts:
    """An order for `shares` that may rest. Raises ValueError for a price or a tick the venue does not know."""
    digits = _digits(price, tick_size)
    named = _floor(shares, CENT)
    computed = _floor(named * price, digits)
    return Amounts(_units(computed), _units(named)) if side is Side.BUY else Amounts(_units(named), _units(computed))


def market_amounts(side: Side, price: Decimal, size: Decimal, tick_size: Decimal) -> Amounts:
    """A fill-and-kill order with `price` as its limit. `size` is USD to spend when buying, shares to sell when selling.

    Buying, the shares asked for are rounded down, so the price the two units encode is never below `price`: an ask at
    exactly that price is met. Raises ValueError for a price or a tick the venue does not know.
    """
    digits = _digits(price, tick_size)
    named = _floor(size, CENT)
    computed = _quotient(named, price, digits) if side is Side.BUY else _floor(named * price, digits)
    return Amounts(_units(named), _units(computed))


def keeps_limit(amounts: Amounts, price: Decimal) -> bool:
    """Whether a buyer's two units stay below the next price of the finest tick: rounding may not reach a dearer ask."""
    return amounts.taker > 0 and Decimal(amounts.maker) < (price + min(COMPUTED_DIGITS)) * amounts.taker


def _digits(price: Decimal, tick_size: Decimal) -> Decimal:
    if tick_size not in COMPUTED_DIGITS:
        raise ValueError(f"the venue has no tick of {tick_size}")
    if not is_on_tick(price, tick_size):
        raise ValueError(f"{price} is not a price on the tick of {tick_size}")
    return Decimal(1).scaleb(-COMPUTED_DIGITS[tick_size])


def _floor(value: Decimal, step: Decimal) -> Decimal:
    return value // step * step


def _quotient(value: Decimal, divisor: Decimal, step: Decimal) -> Decimal:
    """`value / divisor` rounded down to `step`, without a division that could round up on the way."""
    return value // (divisor * step) * step


def _units(value: Decimal) -> int:
    return int(value * UNITS)
