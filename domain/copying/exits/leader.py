"""Which part of ours goes when the leader sells."""

from decimal import ROUND_DOWN, Decimal

from domain.copying.exits.rule import FRACTION_UNIT, WHOLE


def exit_fraction(sold_shares: Decimal, held_before: Decimal) -> Decimal:
    """Leader sold / leader held before, clamped to 0 … 1. A leader that sells all, or more than we saw it buy, takes all of ours along."""
    if held_before <= sold_shares:
        return WHOLE
    return (sold_shares / held_before).quantize(FRACTION_UNIT, ROUND_DOWN)
