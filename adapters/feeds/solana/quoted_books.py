"""Books of coins that have none: what a purchase or a sale of so much would get, asked of the router at several sizes.

A quote is without the router's fee there; here it is put back, for the instrument charges it as a fee, on record with each fill.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import pairwise

from adapters.feeds.solana.jupiter import Jupiter, Quote
from data_contracts.errors import Refused, Unavailable
from domain.copying.book import Book, Level, book_of
from domain.solana.programs import LAMPORTS, SOL_DECIMALS, WSOL
from domain.solana.trades import EXACT

SIZES = (Decimal("0.1"), Decimal("1"), Decimal("5"))  # SOL
BASIS_POINTS = 10_000
AT_ONCE = 8
Point = tuple[Decimal, Decimal]  # coins, and SOL for them in all


def quoted_books(jupiter: Jupiter, decimals: dict[str, int], sizes: Sequence[Decimal] = SIZES) -> dict[str, Book]:
    """By coin, of so many decimals. One that no route buys or sells has an empty side; one of which nothing could be asked is left out.

    Raises Unavailable where nothing could be asked of any.
    """
    if not decimals:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(decimals))) as pool:
        asked = dict(zip(decimals, pool.map(lambda mint: _book(jupiter, mint, decimals[mint], sizes), decimals), strict=True))
    books = {mint: book for mint, book in asked.items() if isinstance(book, Book)}
    lost = [error for error in asked.values() if isinstance(error, Unavailable)]
    if lost and not books:
        raise lost[0]
    return books


def _book(jupiter: Jupiter, mint: str, decimals: int, sizes: Sequence[Decimal]) -> Book | Refused | Unavailable:
    """Each sale is of what a purchase of that size got."""
    try:
        bought = [quote for size in sizes if (quote := jupiter.quote(WSOL, mint, int(size * LAMPORTS))) is not None]
        sold = [quote for one in bought if (quote := jupiter.quote(mint, WSOL, one.out_raw)) is not None]
    except (Refused, Unavailable) as error:
        return error
    asks = [(_exact(_gross(one), decimals), _exact(one.in_raw, SOL_DECIMALS)) for one in bought]
    bids = [(_exact(one.in_raw, decimals), _exact(_gross(one), SOL_DECIMALS)) for one in sold]
    return book_of(mint, levels(bids), levels(asks))


def levels(points: Collection[Point]) -> list[Level]:
    """What each further amount costs, or brings, by itself: so quotes answer the same question as a book."""
    steps = pairwise([(Decimal(0), Decimal(0)), *sorted(points)])
    return [
        Level(EXACT.divide(after[1] - before[1], after[0] - before[0]), after[0] - before[0])
        for before, after in steps
        if after[0] > before[0] and after[1] > before[1]
    ]


def _gross(quote: Quote) -> int:
    """What came out before the router's fee was taken of it."""
    return quote.out_raw * BASIS_POINTS // (BASIS_POINTS - min(quote.fee_bps, BASIS_POINTS - 1))


def _exact(raw: int, decimals: int) -> Decimal:
    return Decimal(raw).scaleb(-decimals, EXACT)
