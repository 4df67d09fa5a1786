"""Who traded on a curve whose program names the pool only, and in what money: by what the balances of its transaction did."""

from collections.abc import Iterator
from dataclasses import replace

from data_contracts import Side
from domain.solana.happenings import Launch, PoolTrade
from domain.solana.programs import MONEY_MINTS, NATIVE, WSOL
from domain.solana.transactions import ChainTransaction


def with_trader(trade: PoolTrade, read: ChainTransaction) -> PoolTrade:
    """The same with its wallet and its quote, each empty where balances do not show it."""
    return replace(trade, user=trade.user or _trader(trade, read), quote_mint=trade.quote_mint or _quote(trade, read))


def with_signer(launch: Launch, read: ChainTransaction, mint: str) -> Launch:
    """The same with its mint, where the program leaves it to the instruction, and with who signed: who pays for a launch signs it."""
    return replace(launch, mint=launch.mint or mint, user=launch.user or read.fee_payer)


def _trader(trade: PoolTrade, read: ChainTransaction) -> str:
    """Whose coins grew, or shrank, by just as many; of several the one who pays for the transaction."""
    side = 1 if trade.side is Side.BUY else -1
    changes: dict[str, int] = {}
    for token in read.tokens:
        if token.mint == trade.mint:
            changes[token.owner] = changes.get(token.owner, 0) + token.change * side
    exact = [owner for owner, change in changes.items() if change == trade.token_raw]
    if len(exact) == 1:
        return exact[0]
    # Several trades in one transaction, or a coin that keeps a fee of itself: then whoever signed, if it got or gave any.
    return read.fee_payer if changes.get(read.fee_payer, 0) > 0 else ""


def _quote(trade: PoolTrade, read: ChainTransaction) -> str:
    """The money of which an account moved what the curve took or gave, its fees in it or not."""
    low, high = sorted((trade.quote_raw, trade.user_quote_raw))
    found = {mint for mint, moved in _money(read) if low <= abs(moved) <= high}
    return found.pop() if len(found) == 1 else ""


def _money(read: ChainTransaction) -> Iterator[tuple[str, int]]:
    for token in read.tokens:
        if token.mint in MONEY_MINTS and token.change:
            yield (WSOL if token.mint == NATIVE else token.mint), token.change
