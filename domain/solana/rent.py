"""What it costs to keep an account open: paid when it is opened, returned when it is closed, and no price of anything.

Source: https://solana.com/docs/core/accounts#rent: two years' rent of its bytes and 128 more, 3,480 lamports a byte and year.
"""

from domain.solana.transactions import MOST_DEPOSIT, Account, ChainTransaction

PER_BYTE = 6_960  # lamports for two years
OVERHEAD = 128  # bytes that each account counts beside its own
LARGEST = 10_240  # bytes that one instruction can open; none of what is seen in swaps is larger


def is_rent(lamports: int) -> bool:
    """The exact deposit of an account of some size."""
    return lamports % PER_BYTE == 0 and OVERHEAD <= lamports // PER_BYTE <= OVERHEAD + LARGEST


def rent_of(transaction: ChainTransaction, account: Account) -> int:
    """Lamports of its change that are a deposit, paid or returned. What is sent to a new account beside its deposit is not."""
    if account.address in transaction.token_accounts:
        return _of_token_account(transaction, account)
    if account.address in transaction.opened:
        return max(0, min(_paid_to_open(transaction, account), account.change))
    return account.change if is_rent(abs(account.change)) and _may_be_new_or_closed(transaction, account) else 0


def _of_token_account(transaction: ChainTransaction, account: Account) -> int:
    """The change of what it holds beside its coins. Wrapped SOL is no deposit."""
    wrapped = sum(token.change for token in transaction.tokens if token.account == account.address and token.is_wrapped_sol)
    deposit = account.change - wrapped
    return deposit if is_rent(abs(deposit)) else 0


def _paid_to_open(transaction: ChainTransaction, account: Account) -> int:
    """With what was added because it grew, again a multiple of the price of a byte. More than any deposit is not one: a stake, say."""
    received = [payment.lamports for payment in transaction.payments if payment.destination == account.address]
    opening = [payment.lamports for payment in transaction.payments if payment.destination == account.address and payment.opens]
    grown = [lamports for lamports in received if lamports not in opening and lamports % PER_BYTE == 0]
    return sum(lamports for lamports in opening + grown if lamports <= MOST_DEPOSIT)


def _may_be_new_or_closed(transaction: ChainTransaction, account: Account) -> bool:
    """By its balance, where that is known; else by the instructions, which say of every account that it was opened."""
    if account.before is not None:
        return 0 in (account.before, account.after)
    return account.change < 0 or not transaction.instructions
