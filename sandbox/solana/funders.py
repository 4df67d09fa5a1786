"""Who paid a wallet first, as the chain has it."""

from collections.abc import Iterator

from sandbox.solana.blocks import Placed
from sandbox.solana.chain import Chain
from sandbox.solana.transfers import Gift, Payments

DUST = 1_000  # lamports that pay for nothing


def first_funding(chain: Chain, wallet: str) -> tuple[int, str, int] | None:
    """The place of the transaction, who paid, and how many lamports."""
    for place in chain.blocks.places_of(wallet):
        for payer, paid, lamports in payments_of(chain.blocks.all[place]):
            if paid == wallet:
                return place, payer, lamports
    return None


def payments_of(placed: Placed) -> Iterator[tuple[str, str, int]]:
    """Payer, paid and lamports of a transaction that sends SOL; dust is none."""
    if isinstance(placed.did, Payments):
        yield from ((placed.did.payer, wallet, lamports) for wallet, lamports in placed.did.paid if lamports > DUST)
    elif isinstance(placed.did, Gift):
        yield placed.did.payer, placed.did.receiver, placed.did.lamports
