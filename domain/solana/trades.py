"""Swaps as the house's Trade rows: a memecoin is its own market, priced in SOL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

from data_contracts import ReadAs, Trade, Venue
from domain.ids import row_id
from domain.solana.deeds import lamports_of
from domain.solana.pools import Pools
from domain.solana.programs import SOL_DECIMALS
from domain.solana.readings import Reading, Swap
from domain.solana.transactions import ChainTransaction

# 2^64 raw units with 18 decimals, times as many lamports: Python's own 28 digits would round.
EXACT = Context(prec=60)
PRICE_STEP = Decimal(1).scaleb(-18)
MOST_DIGITS = 20  # before the point
MOST_IN_BLOCK = 10_000  # transactions; a block of 2026 holds a fifth of it
MOST_SWAPS = 16  # of one transaction


def trades_of(
    reading: Reading, transaction: ChainTransaction, source: str, seen_at: datetime, usd_per_sol: Decimal | None = None
) -> Iterator[Trade]:
    """One row per swap of a coin for money, fees apart: `notional` is what the pools took or gave, to the lamport; price is per coin.

    Dollars are SOL at what passed on the way, else at the rate on record for that instant: without a rate, and where a coin went for a coin
    with no money in between, there is no price and no row. Such swaps stay on record in their Reading: see `unpriced`.
    Raises ValueError for a transaction whose block's time is not known: a Trade has one.
    """
    if reading.read_as is not ReadAs.TRADE:
        return
    if transaction.block_time is None:
        raise ValueError(f"{transaction.signature}: the time of its block is not known: ask for it before making rows")
    pools = Pools(transaction, reading.owner)
    for ordinal, swap in enumerate(reading.swaps):
        lamports = None if swap.is_rotation else lamports_of(swap, usd_per_sol)
        if lamports:
            trade = _trade(swap, lamports, ordinal, reading.owner, transaction, transaction.block_time, source, seen_at)
            yield replace(trade, pool=pools.of(swap))


def unpriced(reading: Reading, usd_per_sol: Decimal | None = None) -> tuple[Swap, ...]:
    """Swaps of a trade that give no Trade row."""
    trades = reading.swaps if reading.read_as is ReadAs.TRADE else ()
    return tuple(swap for swap in trades if swap.is_rotation or not lamports_of(swap, usd_per_sol))


def _trade(
    swap: Swap, lamports: int, ordinal: int, wallet: str, transaction: ChainTransaction, at: datetime, source: str, seen_at: datetime
) -> Trade:
    shares, notional = exact(swap.coin.raw, swap.coin.decimals), exact(lamports, SOL_DECIMALS)
    return Trade(
        trade_id=row_id(Venue.SOLANA, transaction.signature, wallet, swap.coin.mint, swap.side, ordinal),
        source=source,
        venue=Venue.SOLANA,
        wallet=wallet,
        market_id=swap.coin.mint,
        token_id=swap.coin.mint,
        outcome=swap.coin.mint,
        side=swap.side,
        price=_price(notional, shares),
        shares=shares,
        notional=notional,
        traded_at=at,
        seen_at=seen_at,
        tx_hash=transaction.signature,
        ordinal=ordinal,
        sequence=sequence_of(transaction) * MOST_SWAPS + min(ordinal, MOST_SWAPS - 1),
    )


def _price(notional: Decimal, shares: Decimal) -> Decimal:
    """To the digits of its column. One that no column holds, of a coin with 100 decimals, stays as it is: the checks set its row aside."""
    price = EXACT.divide(notional, shares)
    return price.quantize(PRICE_STEP, ROUND_HALF_EVEN, EXACT) if price.adjusted() < MOST_DIGITS else price


def exact(raw: int, decimals: int) -> Decimal:
    """A raw amount in its unit, every digit of it."""
    return Decimal(raw).scaleb(-decimals, EXACT)


def sequence_of(transaction: ChainTransaction) -> int:
    """The chain's own order, where several blocks have one second: by slot, then by place in the block, as far as these are known."""
    return (transaction.slot or 0) * MOST_IN_BLOCK + min(transaction.index or 0, MOST_IN_BLOCK - 1)
