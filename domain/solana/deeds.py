"""What a reading means for a wallet's holdings: swaps at all their costs, and coins that came or went beside them."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from data_contracts import LineKind, ReadAs
from domain.solana.holdings import Deed
from domain.solana.programs import LAMPORTS, MONEY_MINTS, STABLE_MINTS, WSOL
from domain.solana.readings import Reading, Swap

COSTS = (LineKind.VENUE_FEE, LineKind.NETWORK_FEE, LineKind.PRIORITY_FEE, LineKind.TIP)
DOLLAR = 10**6  # units of every dollar coin we know; each counts as a dollar


def deeds_of(reading: Reading, usd_per_sol: Decimal | None = None) -> Iterator[Deed]:
    """In lamports. Dollars that met no SOL on their way count at the rate of that instant; without one their swap's cost is not known.

    A deposit is no cost: it comes back. What a failed transaction cost belongs to no coin.
    """
    if reading.read_as is ReadAs.TRADE:
        yield from _swap_deeds(reading, usd_per_sol)
    if reading.read_as in (ReadAs.TRADE, ReadAs.NOT_A_TRADE):
        yield from _transfers(reading)


def lamports_of(swap: Swap, usd_per_sol: Decimal | None) -> int | None:
    """What was paid or got in SOL, fees apart: as it passed on the way, or dollars at this rate; None where neither tells."""
    if swap.lamports is not None:
        return swap.lamports
    money = swap.counter
    return lamports_for_dollars(money.raw, usd_per_sol) if money.mint in STABLE_MINTS else None


def lamports_for_dollars(raw: int, usd_per_sol: Decimal | None) -> int | None:
    """Rounded down."""
    return None if usd_per_sol is None else int(Fraction(raw * LAMPORTS, DOLLAR) / Fraction(usd_per_sol))


def costs_of(reading: Reading, usd_per_sol: Decimal | None) -> int:
    """Lamports that the transaction cost beside the price; fees in dollars at this rate, or not at all without one."""
    dollars = -sum(reading.raw(mint, *COSTS) for mint in STABLE_MINTS)
    return -reading.raw(WSOL, *COSTS) + (lamports_for_dollars(dollars, usd_per_sol) or 0)


def _swap_deeds(reading: Reading, usd_per_sol: Decimal | None) -> Iterator[Deed]:
    """Each with its part of the costs; the last has what rounding left.."""
    values = [lamports_of(swap, usd_per_sol) for swap in reading.swaps]
    left, whole = costs_of(reading, usd_per_sol), sum(value or 0 for value in values)
    for number, (swap, value) in enumerate(zip(reading.swaps, values, strict=True), 1):
        part = left if number == len(values) else costs_of(reading, usd_per_sol) * (value or 0) // (whole or 1)
        left -= part
        yield _deed(swap, value, part)


def _deed(swap: Swap, value: int | None, costs: int) -> Deed:
    if swap.is_rotation:
        return Deed(swap.gave.mint, swap.gave.raw, swap.got.mint, swap.got.raw)
    if swap.got.is_money:
        return Deed(swap.gave.mint, swap.gave.raw, None, 0, None if value is None else value - costs, value is None)
    return Deed(None, 0, swap.got.mint, swap.got.raw, None if value is None else value + costs, value is None)


def _transfers(reading: Reading) -> Iterator[Deed]:
    """Of each coin, what its lines say beyond its swaps."""
    for mint in dict.fromkeys(line.mint for line in reading.lines if line.mint not in MONEY_MINTS):
        swapped = sum(swap.got.raw * (swap.got.mint == mint) - swap.gave.raw * (swap.gave.mint == mint) for swap in reading.swaps)
        came = reading.raw(mint) - swapped
        if came > 0:
            yield Deed(None, 0, mint, came)
        elif came < 0:
            yield Deed(mint, -came, None, 0)
