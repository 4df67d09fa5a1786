"""What a wallet holds of a coin, as of a whole second of the chain: a sale of the next is told from it for certain."""

from datetime import datetime
from decimal import Decimal

from adapters.feeds.solana.accounts import coins_of
from adapters.feeds.solana.chain_transactions import Transactions
from adapters.feeds.solana.listing import list_signatures
from adapters.feeds.solana.node import SECOND, NodeClock
from adapters.feeds.solana.rpc import SolanaRpc
from data_contracts import LeaderHolding
from domain.solana.trades import exact
from domain.solana.transactions import ChainTransaction


def holding_of(
    rpc: SolanaRpc, clock: NodeClock, transactions: Transactions, wallet: str, token_id: str, as_of: datetime
) -> LeaderHolding | None:
    """The slot's block has a whole second's time, as later ones may have: so it is what was held when that second began.

    None where nobody can say yet: the time of that slot, or what the wallet did in its second.
    """
    raw, decimals, slot = coins_of(rpc, wallet, token_id, clock.last.slot)
    at = clock.time_of(slot)
    if at is None:
        return None
    known_at = at - SECOND
    listed = list_signatures(rpc, [wallet], known_at, 1, {}, slot)
    in_it = [one.signature for one in listed.all if one.at is not None and one.at > known_at and one.slot <= slot and not one.error]
    for part in transactions.some(in_it):
        for read in part.values():
            if not isinstance(read, ChainTransaction):
                return None
            raw -= read.token_change(wallet, token_id)
            decimals = next((token.decimals for token in read.tokens if token.mint == token_id), decimals)
    shares = exact(max(raw, 0), decimals) if raw > 0 else Decimal(0)
    return LeaderHolding(wallet=wallet, token_id=token_id, market_id=token_id, shares=shares, known_at=known_at, asked_at=as_of)
