"""Who paid a wallet first, as the chain has it."""

from sandbox.solana.chain import Chain
from sandbox.solana.transfers import payments_of


def first_funding(chain: Chain, wallet: str) -> tuple[int, str, int] | None:
    """The place of the transaction, who paid, and how many lamports."""
    place = chain.blocks.first_paid.get(wallet)
    if place is None:
        return None
    return next((place, payer, lamports) for payer, paid, lamports in payments_of(chain.blocks[place].did) if paid == wallet)
