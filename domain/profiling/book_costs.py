"""What a visible book costs: the average price of so many USD, against the middle between the best bid and the best ask."""

from collections.abc import Sequence

Levels = Sequence[tuple[float, float]]  # price, shares: best first
THIN = 0.5  # USD a share: a book that cannot fill us costs as much as we would lose by staying out
WHOLE = 1.0  # USD: what an outcome share is worth at most
NEARLY = 0.999  # of the USD: the rest is dust


def average_price(levels: Levels, notional: float) -> float | None:
    """Of so many USD at once; None where there is less."""
    spent = shares = 0.0
    for price, size in levels:
        part = min(notional - spent, price * size)
        spent, shares = spent + part, shares + part / price
        if spent >= notional * NEARLY:
            return spent / shares
    return None


def cost_or_thin(asks: Levels, notional: float, middle: float) -> float:
    """USD a share above the middle; half a USD above the best, but no more than a share can be worth, where the book is too thin."""
    price = average_price(asks, notional)
    return (min(asks[0][0] + THIN, WHOLE) if price is None else price) - middle
