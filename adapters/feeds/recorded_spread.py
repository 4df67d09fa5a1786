"""What stands around a recorded trade where nobody recorded books: levels of which buying or selling costs what recorded books cost.

The price that was traded at is taken for the middle, as in the ratings. Cost is that of the trade's category, price, hour and time to the
scheduled end, in the mean (`domain/profiling/spreads.py`); marks are of the middle, so nothing is worth less by it until it is sold.
"""

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

import numpy as np
import polars as pl

from domain.copying.book import Book, Level
from domain.profiling.spreads import FITTED, SIZES, Spreads, cost_of

COSTS = [f"cost_{size:g}" for size in SIZES]
TICK = Decimal("0.0001")
SHARE_UNIT = Decimal("0.01")


def with_costs(trades: pl.DataFrame, markets: pl.DataFrame, spreads: Spreads = FITTED) -> pl.DataFrame:
    """Trade rows and, of each fitted size, what buying for so many USD costs above the price, USD a share."""
    known = trades.join(markets.select("token_id", "category", "ends_at"), on="token_id", how="left", maintain_order="left")
    category, price = known["category"].fill_null("").to_numpy(), known["price"].cast(pl.Float64).to_numpy()
    to_end_s = (known["ends_at"] - known["traded_at"]).dt.total_seconds(fractional=True).fill_null(np.nan).to_numpy()
    hour = known["traded_at"].dt.hour().cast(pl.Float64).to_numpy()
    costs = [cost_of(category.astype(object), price, size, spreads, to_end_s, hour).mean for size in SIZES]
    return trades.with_columns(pl.Series(name, cost) for name, cost in zip(COSTS, costs, strict=True))


def ladder(token_id: str, price: Decimal, shares: Decimal, costs: Sequence[float]) -> Book:
    """As many shares as were traded on either side, dearer level by level: so many USD cost what is said of that size."""
    middle = float(price)
    asks = _levels([middle + cost for cost in costs], shares, price, buys=True)
    bids = _levels([middle - cost for cost in costs], shares, price, buys=False)
    return Book(token_id, tuple(bids), tuple(asks))


def _levels(averages: Sequence[float], shares: Decimal, price: Decimal, *, buys: bool) -> Iterator[Level]:
    """`averages`: of 10, 100 and 1,000 USD. The last level is as deep as there are shares."""
    steps = list(_steps(averages, buys=buys))
    left = shares
    for number, (marginal, quantity) in enumerate(steps):
        part = left if number == len(steps) - 1 else min(left, quantity)
        if part > 0:
            yield Level(_on_tick(marginal, price, buys=buys), part)
        left -= part


def _steps(averages: Sequence[float], *, buys: bool) -> Iterator[tuple[float, Decimal]]:
    """Price and shares of each further step, never better than the one before it."""
    usd = quantity = 0.0
    worst = 0.0 if buys else 1.0
    for average, size in zip(averages, SIZES, strict=True):
        further = size / average - quantity if average > 0 else 0.0
        if further <= 0:  # so thin that more USD would be fewer shares: nobody sells there
            return
        worst = max(worst, (size - usd) / further) if buys else min(worst, (size - usd) / further)
        yield worst, Decimal(further).quantize(SHARE_UNIT, ROUND_DOWN)
        usd, quantity = size, quantity + further


def _on_tick(marginal: float, price: Decimal, *, buys: bool) -> Decimal:
    """Rounded against us, within 0 and 1, and never better than the middle."""
    if buys:
        return max(price, min(1 - TICK, Decimal(marginal).quantize(TICK, ROUND_CEILING)))
    return min(price, max(TICK, Decimal(marginal).quantize(TICK, ROUND_FLOOR)))
