"""Rounding, price bounds and dust of each venue and currency, for code that has a row but no instrument at hand."""

from decimal import ROUND_DOWN, Decimal

from data_contracts import Currency, Venue
from data_contracts.words import STAKE_OF

LAMPORT = Decimal("0.000000001")
UNIT_OF = {Currency.USD: Decimal("0.000001"), Currency.SOL: LAMPORT}
SIZED_TO = {Currency.USD: Decimal("0.01"), Currency.SOL: LAMPORT}  # a copy is so many cents, or lamports
CHARGED_IN = {Currency.USD: Decimal("0.00001"), Currency.SOL: LAMPORT}  # a fee is so many of these
PRICE_UNIT = Decimal("1e-18")
WORTH_AT_MOST = {Venue.POLYMARKET: Decimal(1)}  # no share of an outcome is worth more; elsewhere nothing bounds a price
SMALLEST_SALE = {Venue.POLYMARKET: Decimal("0.01")}  # shares: a live BUY comes in millionths, a SELL goes in hundredths


def in_units(stake: Decimal, venue: Venue) -> Decimal:
    """Rounded to the smallest amount that venue's strategies count."""
    return stake.quantize(UNIT_OF[STAKE_OF[venue]])


def sized_down(notional: Decimal, currency: Currency) -> Decimal:
    """Rounded down: a copy never costs more than it was allowed."""
    return notional.quantize(SIZED_TO[currency], ROUND_DOWN)


def possible_price(price: Decimal, venue: Venue) -> Decimal:
    """The price, but never above what a share can be worth at that venue."""
    highest = WORTH_AT_MOST.get(venue)
    return (price if highest is None else min(price, highest)).quantize(PRICE_UNIT, ROUND_DOWN)


def is_dust(shares: Decimal, venue: Venue) -> bool:
    """Whether it is too little to be sold at that venue."""
    return shares <= 0 or shares < SMALLEST_SALE.get(venue, Decimal(0))


def steps_down(shares: Decimal, increment: Decimal) -> Decimal:
    """The most that is a multiple of the increment; 0 divides nothing."""
    return (shares / increment).to_integral_value(ROUND_DOWN) * increment if increment else shares
