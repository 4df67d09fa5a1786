"""Who owns what, in millionths of a dollar or of a share. They are moved and never made."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sandbox.exchange.contracts import OPERATORS, PUSD, SPENDERS

USD = "pUSD"
UNLIMITED = (1 << 256) - 1
# Accounts nobody trades from. The world lends what others take, so it may owe; the vault holds a dollar for each pair.
WORLD, VAULT, FEES = "world", "vault", "fees"

Legs = dict[tuple[str, str], int]  # (account, asset): units it gains


@dataclass
class Account:
    """What one wallet owns on the chain, and what of it is promised."""

    address: str
    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # by token id, and pUSD
    leaving: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # matched, not settled
    allowances: dict[str, int] = field(default_factory=dict)  # of pUSD, by spender
    operators: set[tuple[str, str]] = field(default_factory=set)  # (share contract, who may move them)
    nonce: int = 0  # of its transactions
    deployed: bool = False  # a contract wallet that exists

    def allow_everything(self) -> None:
        self.allowances.update(dict.fromkeys(SPENDERS, UNLIMITED))
        self.operators.update(OPERATORS)

    def allowance(self, contract: str, spender: str) -> int:
        """Of dollars (`contract` is PUSD) or of shares, which are allowed all or not at all."""
        if contract == PUSD:
            return self.allowances.get(spender, 0)
        return UNLIMITED if (contract, spender) in self.operators else 0


class Ledger:
    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}

    def account(self, address: str) -> Account:
        key = address.lower()
        if key not in self._accounts:
            self._accounts[key] = Account(address)
        return self._accounts[key]

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def move(self, legs: Mapping[tuple[str, str], int]) -> None:
        for (address, asset), units in legs.items():
            self.account(address).balances[asset] += units

    def promise(self, legs: Mapping[tuple[str, str], int], sign: int = 1) -> None:
        """What will leave an account may not be spent again; what will come is not there yet."""
        for (address, asset), units in legs.items():
            if units < 0:
                self.account(address).leaving[asset] -= sign * units

    def total(self, asset: str) -> int:
        return sum(account.balances.get(asset, 0) for account in self)


def pair_legs(address: str, token_ids: tuple[str, str], shares: int) -> Legs:
    """A dollar becomes one share of each outcome; with negative shares a pair becomes a dollar."""
    return {(address, USD): -shares, (VAULT, USD): shares, **{(address, token_id): shares for token_id in token_ids}}


def redeem_legs(address: str, token_ids: tuple[str, str], winner: int, held: tuple[int, int]) -> Legs:
    """Of a resolved market: a dollar for each winning share, nothing for the others."""
    burned = {(address, token_id): -shares for token_id, shares in zip(token_ids, held, strict=True)}
    return {(address, USD): held[winner], (VAULT, USD): -held[winner], **burned}
