"""Who meets whom, at what price and for how much: best price first, then who came first. Pure, in whole numbers.

Prices are ten-thousandths of a dollar, shares and dollars millionths. One market, both outcomes: who buys one outcome meets
who sells it, and who buys the other (together they pay for a new pair), and the same for sellers (a pair is worth a dollar)."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

WHOLE = 10_000  # one dollar


class Maker(NamedTuple):
    """What stands in the book. Everything is in terms of its own outcome."""

    key: str
    outcome: int
    is_buy: bool
    price: int
    left: int  # shares
    since: tuple[float, int]  # when it came, and its number: earlier goes first


class Taker(NamedTuple):
    """What comes in. Exactly one of `shares` and `budget` says how much: a market BUY is in dollars, and a better price buys more."""

    outcome: int
    is_buy: bool
    limit: Fraction  # ten-thousandths, of its own outcome, and not always a whole number of them
    shares: int | None = None
    budget: int | None = None


class Fill(NamedTuple):
    maker: Maker
    price: int  # of the taker's outcome
    shares: int
    maker_usd: int  # paid or received by the maker
    taker_usd: int
    is_pair: bool  # made or melted: then both pay, or both are paid


class Match(NamedTuple):
    fills: list[Fill]
    is_whole: bool  # nothing of what was asked for is left


def crosses(maker: Maker, taker: Taker) -> bool:
    price = price_for(maker, taker.outcome)
    return meets(maker, taker.outcome, taker.is_buy) and (price <= taker.limit if taker.is_buy else price >= taker.limit)


def meets(maker: Maker, outcome: int, is_buy: bool) -> bool:
    return (maker.is_buy != is_buy) if maker.outcome == outcome else (maker.is_buy == is_buy)


def price_for(maker: Maker, outcome: int) -> int:
    """What its price means for an outcome: a NO at 40 cents is a YES at 60."""
    return maker.price if maker.outcome == outcome else WHOLE - maker.price


def match(makers: Iterable[Maker], taker: Taker) -> Match:
    fills: list[Fill] = []
    shares, budget = taker.shares, taker.budget
    for maker in queue(makers, taker):
        price = price_for(maker, taker.outcome)
        wanted = shares if shares is not None else _affordable(budget or 0, price)
        fill = fill_of(maker, taker, min(maker.left, wanted))
        if fill.shares and fill.taker_usd:
            fills.append(fill)
            shares = None if shares is None else shares - fill.shares
            budget = None if budget is None else budget - fill.taker_usd
        if maker.left >= wanted:
            return Match(fills, True)
    return Match(fills, False)


def queue(makers: Iterable[Maker], taker: Taker) -> list[Maker]:
    """Those the taker may meet, in the order in which it does."""
    sign = 1 if taker.is_buy else -1
    able = (maker for maker in makers if crosses(maker, taker))
    return sorted(able, key=lambda maker: (sign * price_for(maker, taker.outcome), maker.since))


def fill_of(maker: Maker, taker: Taker, shares: int) -> Fill:
    """The maker's dollars are rounded down, whether it pays or is paid; the taker has the rest, so that nothing is made or lost."""
    is_pair, maker_usd = maker.outcome != taker.outcome, shares * maker.price // WHOLE
    return Fill(maker, price_for(maker, taker.outcome), shares, maker_usd, shares - maker_usd if is_pair else maker_usd, is_pair)


def _affordable(budget: int, price: int) -> int:
    return budget * WHOLE // price
