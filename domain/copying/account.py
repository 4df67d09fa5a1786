"""The account's view: what stakes of any venue are worth in USD, at the rate on record for an instant. Exact; nothing is guessed."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, localcontext

from data_contracts import Currency, Rate

DIGITS = 76  # of a product of two amounts of 38: none of them is rounded


def usd_rate(currency: Currency, at: datetime, rates: Iterable[Rate]) -> Decimal | None:
    """USD for one of `currency` by the last rate that was on record at that instant; None without one: a later one is no answer."""
    if currency is Currency.USD:
        return Decimal(1)
    known = [rate for rate in rates if rate.currency is currency and rate.seen_at <= at]
    return max(known, key=lambda rate: rate.seen_at).usd if known else None


def in_usd(stake: Decimal, currency: Currency, at: datetime, rates: Iterable[Rate]) -> Decimal | None:
    """What a stake was worth at that instant, to its last digit; None where nobody knows."""
    rate = usd_rate(currency, at, rates)
    if rate is None:
        return None
    with localcontext() as exact:
        exact.prec = DIGITS
        return stake * rate
