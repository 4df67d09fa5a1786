"""A transaction somebody wants us to sign, and what a node says it would do: what drainer_check.py judges. Amounts are whole units."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.solana.transactions import Instruction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a swap of ours may take and must bring. SOL stands under wrapped SOL's mint; `most_costs`: lamports of fees, tips and rent."""

    owner: str
    gives: str
    gets: str
    most_in: int
    least_out: int
    most_costs: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """The transaction, its lookup tables resolved. `priority_fee` is what a v1 transaction names itself; the others ask for it."""

    fee_payer: str
    signers: tuple[str, ...]
    instructions: tuple[Instruction, ...]
    priority_fee: int | None = None


@dataclass(frozen=True, slots=True)
class TokenState:
    """What a token account holds, and who may dispose of it."""

    mint: str
    owner: str
    raw: int
    delegate: str | None = None
    close_authority: str | None = None


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as it is, or would be. `program` owns it."""

    lamports: int
    program: str
    bytes: int = 0
    token: TokenState | None = None


@dataclass(frozen=True)
class Outcome:
    """Every account the transaction may write to, before and after; None where there is none. `called` are programs asked on the way.

    With an `error` it would fail, and leave everything as it is.
    """

    before: Mapping[str, AccountState | None]
    after: Mapping[str, AccountState | None]
    called: frozenset[str]
    error: str = ""

    @property
    def is_known(self) -> bool:
        return not self.error

    @cached_property
    def tokens_before(self) -> dict[str, TokenState]:
        return {address: state.token for address, state in self.before.items() if state is not None and state.token is not None}

    @cached_property
    def tokens_after(self) -> dict[str, TokenState]:
        return {address: state.token for address, state in self.after.items() if state is not None and state.token is not None}

    def own_accounts(self, owner: str) -> frozenset[str]:
        """Token accounts that are the owner's before; and those that were not there, and are its afterwards."""
        before = {address for address, token in self.tokens_before.items() if token.owner == owner}
        opened = {address for address, token in self.tokens_after.items() if token.owner == owner}
        return frozenset(before | (opened - self.tokens_before.keys()))
