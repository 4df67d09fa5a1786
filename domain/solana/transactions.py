"""One form for a transaction of Solana, whichever service told of it. What it means for a wallet is read in swaps.py."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from domain.solana.programs import WSOL

MOST_DEPOSIT = 72_000_000  # lamports: no account that is opened in a transaction needs more
BASE_FEE = 5_000  # lamports of each signature; what is paid above it is for priority


class Version(StrEnum):
    """How a transaction is written. V0 takes accounts from lookup tables, V1 (since 2026-09-15) has none and names its whole fee."""

    LEGACY = "legacy"
    V0 = "0"
    V1 = "1"


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a transaction and its lamports. `before` and `after` are None where a service gives the change only."""

    address: str
    change: int
    before: int | None = None
    after: int | None = None
    is_signer: bool = False
    from_lookup_table: bool = False


@dataclass(frozen=True, slots=True)
class TokenBalance:
    """What one token account held before and after, raw. An account that was opened held 0 before, one that was closed holds 0 after."""

    account: str
    owner: str
    mint: str
    decimals: int
    change: int
    before: int | None = None
    after: int | None = None
    program: str | None = None

    @property
    def is_wrapped_sol(self) -> bool:
        return self.mint == WSOL


@dataclass(frozen=True, slots=True)
class Payment:
    """Lamports that the system program moved. `opens` an account that did not exist; `is_outer` where the signer itself asked for it."""

    source: str
    destination: str
    lamports: int
    opens: bool = False
    is_outer: bool = False


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a program was asked to do. `outer` is the signer's instruction it belongs to, `inner` its place among those it called.

    `data` is None where a service gives its own reading (`parsed`, the name of what was asked) instead of the bytes.
    """

    program: str
    accounts: tuple[str, ...]
    data: bytes | None
    outer: int
    inner: int | None = None
    depth: int = 1
    parsed: str = ""


@dataclass(frozen=True)
class ChainTransaction:
    """A transaction that is in a block, failed or not. Amounts are whole: lamports and raw token amounts.

    `fee` is the whole network fee, None where the service left it out. `index` is its place in its block. Signers are unknown (None) in
    payloads that leave them out.
    """

    signature: str
    slot: int | None
    index: int | None
    block_time: datetime | None
    version: Version | None
    fee_payer: str
    fee: int | None
    signatures: int
    accounts: tuple[Account, ...]
    tokens: tuple[TokenBalance, ...]
    payments: tuple[Payment, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    logs: tuple[str, ...] = ()
    signers: tuple[str, ...] | None = None
    error: str | None = None

    @cached_property
    def token_accounts(self) -> dict[str, TokenBalance]:
        """By address."""
        return {token.account: token for token in self.tokens}

    @cached_property
    def opened(self) -> frozenset[str]:
        """Accounts that did not exist before, as far as instructions tell."""
        return frozenset(payment.destination for payment in self.payments if payment.opens)

    @cached_property
    def is_whole(self) -> bool:
        """Every lamport is accounted for: what all accounts lost is the fee. A trimmed payload has accounts missing, or changes of them."""
        if self.fee is None or sum(account.change for account in self.accounts) != -self.fee:
            return False
        wrapped = [(token.change, self.native_change(token.account)) for token in self.tokens if token.is_wrapped_sol]
        return all(abs(native - change) <= MOST_DEPOSIT for change, native in wrapped)

    @cached_property
    def born_mints(self) -> frozenset[str]:
        """Coins nobody held before. Where that is not told, those whose own account was paid for here."""
        paid_for = {account.address for account in self.accounts if account.before is None and account.change > 0}
        held = {token.mint for token in self.tokens if (token.mint not in paid_for if token.before is None else token.before > 0)}
        return frozenset({token.mint for token in self.tokens} - held)

    @cached_property
    def supply_changes(self) -> dict[str, int]:
        """By mint, what all accounts together gained or lost: minted, burned, or kept by the coin itself."""
        sums: defaultdict[str, int] = defaultdict(int)
        for token in self.tokens:
            sums[token.mint] += token.change
        return dict(sums)

    def native_change(self, address: str) -> int:
        """Lamports the account itself gained or lost, the network fee included."""
        return sum(account.change for account in self.accounts if account.address == address)

    def token_change(self, owner: str, mint: str) -> int:
        """Raw, over all accounts of the owner."""
        return sum(token.change for token in self.tokens_of(owner) if token.mint == mint)

    def sol_change(self, owner: str) -> int:
        """Lamports, native and wrapped together: wrapping and unwrapping change nothing."""
        return self.native_change(owner) + self.token_change(owner, WSOL)

    def tokens_of(self, owner: str) -> Iterator[TokenBalance]:
        return (token for token in self.tokens if token.owner == owner)

    def has(self, address: str) -> bool:
        return any(account.address == address for account in self.accounts) or any(token.owner == address for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A transaction that was received and cannot be read: kept with its reason, never skipped. The signature may be lost too."""

    signature: str | None
    why: str
