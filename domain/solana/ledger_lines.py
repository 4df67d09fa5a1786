"""What each lamport and coin of a transaction was for, seen from one wallet: the lines of a mint add up to what the wallet has more of."""

from collections.abc import Iterator
from dataclasses import dataclass

from data_contracts import LineKind
from domain.solana.counterparties import SMALLEST_TRANSFER, Counterparties, total
from domain.solana.programs import WSOL
from domain.solana.rent import is_rent
from domain.solana.tips import TIP_ACCOUNTS
from domain.solana.transactions import BASE_FEE, MOST_DEPOSIT, Payment

# A terminal takes 0.5 to 1 % and tips are small: what a wallet itself sends along with a swap, to an account nobody knows, and is more than
# a tenth of it, is a transfer.
LARGEST_FEE_PART = 10


@dataclass(frozen=True, slots=True)
class Line:
    """Raw, signed as the wallet sees it: below zero where it paid. SOL, native and wrapped, stands under wrapped SOL's mint."""

    kind: LineKind
    mint: str
    raw: int


def lines_of(parties: Counterparties, traded: bool) -> tuple[Line, ...]:
    """Costs by name, and what is left: that went into the trade, or came and went without one."""
    costs = _merged([*_network_fee(parties), *_handed_over(parties), *_costs_in_sol(parties), *_costs_in_coins(parties)])
    rest = LineKind.TRADED if traded else LineKind.MOVED
    costs = costs if traded else tuple(line for line in costs if line.kind is not LineKind.VENUE_FEE)  # of nothing, nobody takes a part
    changes = {WSOL: parties.transaction.sol_change(parties.owner)} | {mint: raw for mint, raw in parties.own.items() if mint != WSOL}
    left = {mint: raw - sum(line.raw for line in costs if line.mint == mint) for mint, raw in changes.items()}
    return _merged([*costs, *(Line(rest, mint, raw) for mint, raw in left.items())])


def sum_of(lines: tuple[Line, ...], mint: str, *kinds: LineKind) -> int:
    """Of these kinds, or of all."""
    return sum(line.raw for line in lines if line.mint == mint and (not kinds or line.kind in kinds))


def _merged(lines: list[Line]) -> tuple[Line, ...]:
    sums: dict[tuple[LineKind, str], int] = {}
    for line in lines:
        sums[line.kind, line.mint] = sums.get((line.kind, line.mint), 0) + line.raw
    return tuple(Line(kind, mint, raw) for (kind, mint), raw in sums.items() if raw)


def _network_fee(parties: Counterparties) -> Iterator[Line]:
    transaction = parties.transaction
    if transaction.fee_payer == parties.owner and transaction.fee:
        base = min(transaction.fee, BASE_FEE * transaction.signatures)
        yield Line(LineKind.NETWORK_FEE, WSOL, -base)
        yield Line(LineKind.PRIORITY_FEE, WSOL, base - transaction.fee)


def _handed_over(parties: Counterparties) -> Iterator[Line]:
    for payment in parties.handed_over:
        if parties.owner in (payment.source, payment.destination):
            yield Line(LineKind.MOVED, WSOL, payment.lamports if payment.destination == parties.owner else -payment.lamports)


def _costs_in_sol(parties: Counterparties) -> Iterator[Line]:
    if not parties.is_told_by_balances:
        yield from _costs_by_payments(parties)
        return
    yield Line(LineKind.RENT, WSOL, -sum(parties.deposits.values()))
    for party, moved in parties.others.items():
        if party not in parties.traders and moved.get(WSOL, 0) > 0:
            yield Line(_kind_of(parties, party, moved[WSOL]), WSOL, -moved[WSOL])


def _costs_by_payments(parties: Counterparties) -> Iterator[Line]:
    """Where others had money in it too, or accounts are missing: what this wallet itself was seen to pay."""
    accounts = parties.transaction.token_accounts
    own = {parties.owner, *(token.account for token in parties.transaction.tokens_of(parties.owner))}
    paid = [one for one in parties.transaction.payments if one.source == parties.owner and one not in parties.handed_over]
    for payment in paid:
        receiver = accounts[payment.destination].owner if payment.destination in accounts else payment.destination
        if payment.destination not in own and receiver not in parties.traders:
            yield Line(_kind_of_payment(parties, payment), WSOL, -payment.lamports)
    yield Line(LineKind.RENT, WSOL, -_own_deposits(parties))


def _own_deposits(parties: Counterparties) -> int:
    """Of the wallet's own token accounts, but for those that somebody else opened for it."""
    accounts = {token.account for token in parties.transaction.tokens_of(parties.owner)}
    given = {one.destination for one in parties.transaction.payments if one.opens and one.source != parties.owner}
    return sum(parties.deposits.get(account, 0) for account in accounts - given)


def _kind_of_payment(parties: Counterparties, payment: Payment) -> LineKind:
    if (payment.opens and payment.lamports <= MOST_DEPOSIT) or (is_rent(payment.lamports) and not payment.is_outer):
        return LineKind.RENT
    return _kind_of(parties, payment.destination, payment.lamports)


def _kind_of(parties: Counterparties, receiver: str, lamports: int) -> LineKind:
    if receiver in TIP_ACCOUNTS:
        return LineKind.TIP
    if lamports > SMALLEST_TRANSFER and lamports * LARGEST_FEE_PART > _size(parties) and _sent_by_hand(parties, receiver):
        return LineKind.MOVED
    return LineKind.VENUE_FEE


def _sent_by_hand(parties: Counterparties, receiver: str) -> bool:
    """A plain transfer that the wallet signed for, not one that a program made on its way."""
    return any(one.is_outer and one.source == parties.owner and one.destination == receiver for one in parties.transaction.payments)


def _size(parties: Counterparties) -> int:
    """Lamports that the pools took or gave, or where no pool shows them, that the wallet's own balance moved."""
    return max([abs(moved.get(WSOL, 0)) for moved in parties.exchanges], default=0) or abs(parties.own.get(WSOL, 0))


def _costs_in_coins(parties: Counterparties) -> Iterator[Line]:
    """Fees taken in the coin or in dollars, and what a coin with a transfer fee keeps of itself."""
    if not parties.is_told_by_balances:
        return
    for mint in total(parties.exchanges).keys() & parties.own.keys() - {WSOL}:
        taken = [moved[mint] for party, moved in parties.others.items() if party not in parties.traders and moved.get(mint, 0) > 0]
        yield Line(LineKind.VENUE_FEE, mint, -sum(taken))
        # A coin that is minted or burned for what is given keeps nothing of itself: nobody's pool gave it.
        yield Line(LineKind.TRANSFER_FEE, mint, min(0, parties.transaction.supply_changes[mint]))
