"""How much of our position we sell when the leader sells."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from data_contracts import Trade
from domain.copying.exits.rule import FRACTION_UNIT, NOTHING, WHOLE

CRUMBS = 1_000  # a leader that keeps a thousandth or less of what it held has left: the rest are crumbs of rounding and fees


def exit_fraction(sold_shares: Decimal, held_before: Decimal) -> Decimal:
    """Leader sold / leader held before, clamped to 0 … 1. A leader that sells all, or more than we saw it buy, takes all of ours along."""
    if (held_before - sold_shares) * CRUMBS <= max(held_before, NOTHING):
        return WHOLE
    return (sold_shares / held_before).quantize(FRACTION_UNIT, ROUND_DOWN)


def sold_fraction(sales: Sequence[Trade], held_before: Mapping[str, Decimal | None]) -> Decimal | None:
    """The same of several sales, one after the other: half, and half of the rest, is three quarters. None where a holding is unknown."""
    left = Fraction(1)
    for sale in sales:
        held = held_before.get(sale.trade_id)
        if held is None:
            return None
        left *= 1 - Fraction(sale.shares) / Fraction(held) if held > sale.shares else 0
    sold = 1 - left
    return exit_fraction(Decimal(sold.numerator), Decimal(sold.denominator))
