"""What is no trade: SOL from one wallet to others, coins to another wallet of the same owner, SOL that is wrapped or unwrapped."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.solana.calls import Call, closed, opened, sent, token_rent, transfer, wrapped
from sandbox.solana.deeds import BASE_FEE, Costs, Moves, Truth, with_budget, with_costs
from sandbox.solana.keys import SYSTEM, WSOL, token_account

DUST = 1_000  # lamports that pay for nothing


@dataclass(frozen=True, slots=True)
class Payments:
    """One wallet pays one or several."""

    payer: str
    paid: tuple[tuple[str, int], ...]
    costs: Costs

    @property
    def error(self) -> None:
        return None

    @property
    def about(self) -> tuple[str, ...]:
        return ()

    def moves(self) -> Moves:
        moves = Moves()
        for wallet, lamports in self.paid:
            moves.pay(self.payer, wallet, lamports)
        return with_costs(self.costs, self.payer, moves)

    def calls(self, slot: int, at_s: int) -> list[Call]:
        return with_budget(self.costs, self.payer, [transfer(self.payer, wallet, lamports) for wallet, lamports in self.paid])

    def truths(self) -> list[Truth]:
        return [_no_trade(self.payer, self.costs), *(Truth(wallet, "none") for wallet, _ in self.paid)]


@dataclass(frozen=True, slots=True)
class Gift:
    """Coins to another wallet, with a little SOL so that it can sell them. `opens` that wallet's account of them."""

    payer: str
    receiver: str
    mint: str
    tokens: int
    lamports: int
    opens: bool
    costs: Costs

    @property
    def error(self) -> None:
        return None

    @property
    def about(self) -> tuple[str, ...]:
        return (self.mint,)

    def moves(self) -> Moves:
        moves = Moves()
        moves.pay(self.payer, self.receiver, self.lamports)
        moves.pay(self.payer, (self.receiver, self.mint), token_rent(self.mint) * self.opens)
        moves.lamports[self.payer, self.mint] += 0
        moves.send(self.payer, self.receiver, self.mint, self.tokens)
        return with_costs(self.costs, self.payer, moves)

    def calls(self, slot: int, at_s: int) -> list[Call]:
        source, destination = token_account(self.payer, self.mint), token_account(self.receiver, self.mint)
        calls = [
            transfer(self.payer, self.receiver, self.lamports),
            opened(self.payer, self.receiver, self.mint, self.opens),
            sent(source, destination, self.mint, self.tokens, self.payer),
        ]
        return with_budget(self.costs, self.payer, calls)

    def truths(self) -> list[Truth]:
        return [_no_trade(self.payer, self.costs), Truth(self.receiver, "none")]


@dataclass(frozen=True, slots=True)
class Wrapping:
    """SOL put into the wallet's own account of wrapped SOL, or taken out of it again by closing it."""

    payer: str
    lamports: int
    unwraps: bool
    costs: Costs

    @property
    def error(self) -> None:
        return None

    @property
    def about(self) -> tuple[str, ...]:
        return WSOL, SYSTEM

    def moves(self) -> Moves:
        moves, purse, way = Moves(), (self.payer, WSOL), -1 if self.unwraps else 1
        moves.pay(self.payer, purse, way * (self.lamports + token_rent(WSOL)))
        moves.coins[purse] += way * self.lamports
        return with_costs(self.costs, self.payer, moves)

    def calls(self, slot: int, at_s: int) -> list[Call]:
        purse = token_account(self.payer, WSOL)
        if self.unwraps:
            return with_budget(self.costs, self.payer, [closed(purse, self.payer, WSOL)])
        calls = [opened(self.payer, self.payer, WSOL, True), transfer(self.payer, purse, self.lamports), wrapped(purse)]
        return with_budget(self.costs, self.payer, calls)

    def truths(self) -> list[Truth]:
        return [_no_trade(self.payer, self.costs)]


def payments_of(did: object) -> Iterator[tuple[str, str, int]]:
    """Payer, paid and lamports of a transaction that sends SOL; dust is none."""
    if isinstance(did, Payments):
        yield from ((did.payer, wallet, lamports) for wallet, lamports in did.paid if lamports > DUST)
    elif isinstance(did, Gift):
        yield did.payer, did.receiver, did.lamports


def _no_trade(wallet: str, costs: Costs) -> Truth:
    return Truth(wallet, "none", network_fee=BASE_FEE * costs.signatures, priority_fee=costs.priority, tip=costs.tip)
