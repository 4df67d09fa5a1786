"""Who paid whom on Polygon: dollars that were sent to a wallet. What the venue's contracts paid, and what a trade brought, is no payment.

Amounts are dollars. Less than one is dust: whoever sends that to many strangers has nothing to do with them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from data_contracts import Funding
from domain.discovery.infrastructure import what_is

# pUSD, USDC and USDC.e: each of 6 decimals. Source: developers.circle.com/stablecoins/usdc-contract-addresses, and the venue's own.
DOLLARS = (
    "0xc011a7e12a19f7b1f670d46f03b03f3342e82dfb",
    "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359",
    "0x2791bca1f2de4661ed88a30c99a7a9449aa84174",
)
DECIMALS = 6
LEAST = Decimal(1)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Dollars from one address to another, as a token's contract wrote it down; addresses in small letters."""

    payer: str
    paid: str
    raw: int
    at: datetime
    tx: str


def fundings_of(transfers: Iterable[Transfer], traded: Collection[str]) -> Iterator[Funding]:
    """One row per payer, wallet and transaction. `traded`: transactions in which a wallet traded."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    at: dict[str, datetime] = {}
    for one in transfers:
        if one.payer != one.paid and one.tx not in traded and what_is(one.payer) is None:
            sums[one.paid, one.payer, one.tx] += one.raw
            at[one.tx] = one.at
    for (wallet, funder, tx), raw in sums.items():
        amount = Decimal(raw).scaleb(-DECIMALS)
        if amount >= LEAST:
            yield Funding(wallet=wallet, funder=funder, amount=amount, funded_at=at[tx], tx=tx, source_known=None)
