"""Rounding of each currency, and the steps prices and shares come in. What bounds one token only is said by its Instrument."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal

from data_contracts import Currency, Venue
from data_contracts.words import STAKE_OF

LAMPORT = Decimal("0.000000001")
UNIT_OF = {Currency.USD: Decimal("0.000001"), Currency.SOL: LAMPORT}
SIZED_TO = {Currency.USD: Decimal("0.01"), Currency.SOL: LAMPORT}  # a copy is so many cents, or lamports
CHARGED_IN = {Currency.USD: Decimal("0.00001"), Currency.SOL: LAMPORT}  # a fee is so many of these
PRICE_UNIT = Decimal("1e-18")
EVERY_DIGIT = Context(prec=80)  # a column has 38; Python's own 28 refuse to round a price of 1e11 to its eighteenth decimal


def rounded(number: Decimal, unit: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """To a multiple of `unit`, however large it is: a billionth of a token for 100 SOL is a price, and no reason to stop a cycle."""
    return number.quantize(unit, rounding, EVERY_DIGIT)


def in_units(stake: Decimal, venue: Venue) -> Decimal:
    """Rounded to the smallest amount that venue's strategies count."""
    return rounded(stake, UNIT_OF[STAKE_OF[venue]])


def sized_down(notional: Decimal, currency: Currency) -> Decimal:
    """Rounded down: a copy never costs more than it was allowed."""
    return rounded(notional, SIZED_TO[currency], ROUND_DOWN)


def possible_price(price: Decimal, highest: Decimal | None) -> Decimal:
    """The price, but never above the most a share can be worth, if there is such a thing."""
    return rounded(price if highest is None else min(price, highest), PRICE_UNIT, ROUND_DOWN)


def is_dust(shares: Decimal, increment: Decimal) -> bool:
    """Whether it is less than the smallest sale there is."""
    return shares <= 0 or shares < increment


def steps_down(shares: Decimal, increment: Decimal) -> Decimal:
    """The most that is a multiple of the increment; 0 divides nothing."""
    return (shares / increment).to_integral_value(ROUND_DOWN) * increment if increment else shares
