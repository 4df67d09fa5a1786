"""Token amounts of a trimmed payload: what accountData leaves out is taken from tokenTransfers, as far as that is exact."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from adapters.feeds.solana.values import Fault, Json, items, text, text_or_empty
from domain.solana.programs import WSOL
from domain.solana.transactions import TokenBalance

EXACT_DIGITS = 15  # a float holds every number of so many digits


def balances_of_transfers(row: Json, known: Sequence[TokenBalance], coin_decimals: Mapping[str, int]) -> Iterator[TokenBalance]:
    """A change for whoever gave and for whoever got a coin of which no account is listed. Wrapped SOL is told by accountData alone."""
    mints = {token.mint for token in known} | {WSOL}
    for transfer in items(row.get("tokenTransfers"), "tokenTransfers"):
        mint = text(transfer.get("mint"), "mint")
        if mint in mints:
            continue
        raw = _raw(transfer.get("tokenAmount"), mint, coin_decimals)
        for side, change in (("from", -raw), ("to", raw)):
            if owner := text_or_empty(transfer.get(f"{side}UserAccount"), f"{side}UserAccount"):
                account = text_or_empty(transfer.get(f"{side}TokenAccount"), f"{side}TokenAccount")
                yield TokenBalance(account, owner, mint, coin_decimals[mint], change)


def _raw(amount: Any, mint: str, coin_decimals: Mapping[str, int]) -> int:
    """Raises Fault unless the amount is exact: a float of more digits may have lost the last ones."""
    if mint not in coin_decimals or isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):
        raise Fault(f"the raw amount of {mint} is missing: accountData leaves it out")
    scaled = Decimal(str(amount)).scaleb(coin_decimals[mint])
    if scaled != int(scaled) or len(str(int(scaled)).lstrip("-")) > EXACT_DIGITS:
        raise Fault(f"the raw amount of {mint} is missing, and {amount} may have lost digits")
    return int(scaled)
