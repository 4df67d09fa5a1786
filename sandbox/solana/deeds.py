"""What a transaction does, before it is written: whose lamports and coins move, and by which calls.

A token account is named by its owner and mint until it is written: its address costs more to derive than all the rest."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.solana.calls import UNITS, Call, limit, transfer, unit_price

Key = str | tuple[str, str]  # an account, or the token account of an owner and a mint
BASE_FEE = 5_000  # lamports a signature
LEGACY = -1
TIPS = (
    "96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5",
    "HFqU5x63VTqvQss8hp11i4wVV8bD44PvwucfZ2bU7gRe",
    "Cw8CFyM9FkoMi7K7Crf6HNQqf4uEMzpKw6QNghXLvLkY",
    "NextbLoCkVtMGcV47JzewQdvBpLqT9TxQFozQkN98pE",
    "4ACfpUFoaSD9bfPdeu6DBt89gB6ENTeHBXCAi87NhDEE",
)


@dataclass(frozen=True, slots=True)
class Costs:
    """How it is brought into a block. `version` is LEGACY, 0 or 1; of version 0 some take accounts from a lookup table."""

    version: int = LEGACY
    priority: int = 0
    tip: int = 0
    tip_to: str = TIPS[0]
    uses_table: bool = False
    signatures: int = 1

    @property
    def fee(self) -> int:
        return BASE_FEE * self.signatures + self.priority


PLAIN = Costs()


@dataclass(slots=True)
class Moves:
    """What every account it touches gains or loses, of lamports and of coins. What is touched and stays as it is has 0."""

    lamports: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    coins: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def pay(self, source: Key, destination: Key, lamports: int) -> None:
        self.lamports[source] -= lamports
        self.lamports[destination] += lamports

    def send(self, source: str, destination: str, mint: str, raw: int) -> None:
        """Of one owner to another."""
        self.coins[source, mint] -= raw
        self.coins[destination, mint] += raw


@dataclass(frozen=True, slots=True)
class Truth:
    """What it was for one wallet: what nobody tells. `lamports` is the trade itself, fees apart; rent is below 0 where it came back."""

    wallet: str
    kind: str  # buy, sell, none
    mint: str = ""
    tokens: int = 0
    lamports: int = 0
    venue_fee: int = 0
    network_fee: int = 0
    priority_fee: int = 0
    tip: int = 0
    rent: int = 0


class Deed(Protocol):
    """One transaction. `error` is what a failed one failed with: (which instruction, the program's code)."""

    @property
    def payer(self) -> str: ...
    @property
    def costs(self) -> Costs: ...
    @property
    def error(self) -> tuple[int, int] | None: ...
    @property
    def about(self) -> tuple[str, ...]:
        """Accounts that it names and does not change: mints, programs, owners."""

    def moves(self) -> Moves: ...
    def calls(self, slot: int, at_s: int) -> list[Call]: ...
    def truths(self) -> list[Truth]: ...


def with_costs(costs: Costs, payer: str, moves: Moves, failed: bool = False) -> Moves:
    """The network's fee is nobody's afterwards. A failed transaction pays it and nothing else."""
    if failed:
        moves = Moves(dict.fromkeys(moves.lamports, 0), dict.fromkeys(moves.coins, 0))
        moves.lamports[payer] = -costs.fee
        moves.lamports.update({costs.tip_to: 0} if costs.tip else {})
        return moves
    moves.lamports[payer] -= costs.fee
    if costs.tip:
        moves.pay(payer, costs.tip_to, costs.tip)
    return moves


def with_budget(costs: Costs, payer: str, calls: list[Call]) -> list[Call]:
    """Version 1 names its budget itself, in no call."""
    asked = [] if costs.version == 1 else [limit(UNITS), *([unit_price(costs.priority)] if costs.priority else [])]
    tip = [transfer(payer, costs.tip_to, costs.tip)] if costs.tip else []
    return [*asked, *calls, *tip]


def asked_before(costs: Costs) -> int:
    """How many calls stand before the deed's own: a failure names its call by number."""
    return 0 if costs.version == 1 else 1 + bool(costs.priority)
