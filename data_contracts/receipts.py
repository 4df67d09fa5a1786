"""What transactions of ours did on a chain, to the smallest unit: the other half of the ledger."""

from data_contracts.columns import Count, Instant, Name, RowId, SignedShares, SignedStake, Stake, TokenId, Wallet
from data_contracts.contract import row


@row(table="swap_receipts", store="postgres", key=("order_hash",))
class SwapReceipt:
    """One row per transaction of an Order that came into a block of Solana, failed or not: what each lamport was for.

    `sol_change` is what the wallet's SOL did, native and wrapped: `traded` less all costs and with `rent`, the deposits of accounts, which
    come back and are no cost of a Fill. Over all rows of a wallet it is what the chain says of it. A failed one moved nothing but its fees;
    these, and deposits, are no part of any Fill and are taken from what its strategy may spend.
    """

    order_hash: Name
    order_id: RowId
    strategy_id: Name
    token_id: TokenId
    wallet: Wallet
    slot: Count
    landed_at: Instant
    succeeded: bool
    token_change: SignedShares
    sol_change: SignedStake
    traded: SignedStake
    venue_fee: Stake
    network_fee: Stake
    priority_fee: Stake
    tip: Stake
    rent: SignedStake
