"""Who paid a wallet before it ever traded, as a service knows it: a payment, and who that address is where it has a name for it."""

from dataclasses import dataclass
from datetime import datetime

from data_contracts import Funding, LabelKind, WalletLabel
from domain.solana.fundings import LEAST
from domain.solana.programs import NATIVE, SOL_DECIMALS, STABLE_MINTS, WSOL
from domain.solana.services import EXCHANGES
from domain.solana.trades import exact

SOURCE = "helius"
# Kinds of addresses that touch everybody. A person with a name, such as an influencer, is none: whom it pays are its own.
SERVICES = (
    "bridge",
    "decentralized",
    "dex",
    "amm",
    "defi",
    "protocol",
    "program",
    "launchpad",
    "market maker",
    "mixer",
    "payment",
    "validator",
    "pool",
)


@dataclass(frozen=True, slots=True)
class FirstFunder:
    """The first payment that a wallet got: `raw` units of `mint`; `name` and `kind` of the payer are empty where nobody knows it."""

    wallet: str
    funder: str
    name: str
    kind: str
    mint: str
    raw: int
    at: datetime | None
    signature: str

    @property
    def is_exchange(self) -> bool:
        """Who keeps its customers' money. A decentralized one keeps none, and is a service."""
        return "exchange" in self.kind.lower() and not self.is_service

    @property
    def is_service(self) -> bool:
        return any(word in self.kind.lower() for word in SERVICES)


def funding_of(found: FirstFunder, as_of: datetime) -> Funding | None:
    """As payments of the chain are kept; None for dust, for what is no money, and for a wallet that paid itself."""
    is_sol = found.mint in (WSOL, NATIVE)
    if found.wallet == found.funder or not (is_sol or found.mint in STABLE_MINTS) or (is_sol and found.raw < LEAST):
        return None
    return Funding(
        wallet=found.wallet,
        funder=found.funder,
        amount=exact(found.raw, SOL_DECIMALS) if is_sol else None,  # what dollars were in SOL then, nobody said
        funded_at=found.at,
        tx=found.signature,
        source_known=EXCHANGES.get(found.funder) or ((found.name or found.kind) if found.is_exchange else None),
        source=SOURCE,
        loaded_at=as_of,
    )


def label_of(found: FirstFunder, as_of: datetime) -> WalletLabel | None:
    """Who the payer is, if it serves everybody: then it says nothing of its wallets."""
    if not (found.is_exchange or found.is_service):
        return None
    kind = LabelKind.EXCHANGE if found.is_exchange else LabelKind.INFRASTRUCTURE
    return WalletLabel(wallet=found.funder, label=kind, name=found.name or found.kind, source=SOURCE, loaded_at=as_of)
