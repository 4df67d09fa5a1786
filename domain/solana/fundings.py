"""Who paid whom, out of a transaction that was read for a wallet: SOL, wrapped or not, and dollars. Coins that were sent on are no money.

What a swap brought is no payment, and no fee, tip or deposit is one. Less than a hundredth of a SOL is dust: whoever sends that to many
strangers has nothing to do with them.
"""

from collections.abc import Iterator
from decimal import Decimal

from data_contracts import Funding, ReadAs
from domain.solana.counterparties import Counterparties
from domain.solana.deeds import lamports_for_dollars
from domain.solana.programs import LAMPORTS, SOL_DECIMALS, STABLE_MINTS, WSOL
from domain.solana.readings import Reading
from domain.solana.services import EXCHANGES
from domain.solana.tips import TIP_ACCOUNTS
from domain.solana.trades import exact
from domain.solana.transactions import ChainTransaction

LEAST = LAMPORTS // 100
MONEY = frozenset({WSOL}) | STABLE_MINTS
Paid = tuple[str, str]  # who paid, and who was paid


def fundings_of(reading: Reading, transaction: ChainTransaction, usd_per_sol: Decimal | None = None) -> Iterator[Funding]:
    """What the wallet got from somebody, and what it sent to somebody. In a trade, only what one who signed sent to another who signed."""
    if reading.read_as not in (ReadAs.TRADE, ReadAs.NOT_A_TRADE):
        return
    is_trade = reading.read_as is ReadAs.TRADE
    sums: dict[Paid, int] = {}
    handed = Counterparties(transaction, reading.owner).handed_over if is_trade else transaction.payments
    for payment in handed:
        if not payment.opens:
            _add(sums, (payment.source, payment.destination), payment.lamports)
    if not is_trade:
        for paid, mint, raw in _sent(transaction, reading.owner):
            _add(sums, paid, raw if mint == WSOL else lamports_for_dollars(raw, usd_per_sol) or 0)
    for (funder, wallet), lamports in sums.items():
        if reading.owner in (funder, wallet) and lamports >= LEAST and not {funder, wallet} & TIP_ACCOUNTS:
            yield Funding(
                wallet=wallet,
                funder=funder,
                amount=exact(lamports, SOL_DECIMALS),
                funded_at=transaction.block_time,
                tx=transaction.signature,
                source_known=EXCHANGES.get(funder),
            )


def has_dollars(transaction: ChainTransaction, owner: str) -> bool:
    """Whether a rate is needed to say what the wallet was paid."""
    return any(token.owner == owner and token.change and token.mint in STABLE_MINTS for token in transaction.tokens)


def _sent(transaction: ChainTransaction, owner: str) -> Iterator[tuple[Paid, str, int]]:
    """Money in token accounts that went from one party to another, one of them the wallet: from or to whom most of it moved."""
    for mint in MONEY:
        moved: dict[str, int] = {}
        for token in transaction.tokens:
            if token.mint == mint:
                moved[token.owner] = moved.get(token.owner, 0) + token.change
        own = moved.pop(owner, 0)
        others = [(change, party) for party, change in moved.items() if change * own < 0]
        if own and others:
            change, party = max(others, key=lambda other: abs(other[0]))
            paid = (party, owner) if own > 0 else (owner, party)
            yield paid, mint, min(abs(own), abs(change))


def _add(sums: dict[Paid, int], paid: Paid, lamports: int) -> None:
    if paid[0] != paid[1]:
        sums[paid] = sums.get(paid, 0) + lamports
