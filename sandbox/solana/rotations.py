"""A coin sold and another bought in one transaction, by way of a router: two trades of one wallet, with one set of costs."""

from dataclasses import dataclass

from sandbox.solana.calls import Call, closed, opened, reads, signs, token_rent
from sandbox.solana.curve_trades import swap_call, swap_moves, trade_truth
from sandbox.solana.deeds import Costs, Moves, Truth, with_budget, with_costs
from sandbox.solana.keys import PUMP, ROUTER, token_account
from sandbox.solana.launches import CoinTrade, Launch

ROUTE = bytes.fromhex("e517cb977ae3ad2a")
FREE = Costs(signatures=0)  # what it costs is counted with the purchase


@dataclass(frozen=True, slots=True)
class Rotation:
    """Both on curves. `opens` the account of what is bought, `closes` that of what was sold."""

    sold: Launch
    sale: CoinTrade
    bought: Launch
    purchase: CoinTrade
    costs: Costs
    opens: bool
    closes: bool

    @property
    def payer(self) -> str:
        return self.purchase.wallet

    @property
    def error(self) -> None:
        return None

    @property
    def about(self) -> tuple[str, ...]:
        return self.sold.mint, self.bought.mint, PUMP, ROUTER

    def moves(self) -> Moves:
        moves, wallet = Moves(), self.payer
        swap_moves(moves, self.sold, self.sale)
        swap_moves(moves, self.bought, self.purchase)
        moves.pay(wallet, (wallet, self.bought.mint), token_rent(self.bought.mint) * self.opens)
        moves.pay((wallet, self.sold.mint), wallet, token_rent(self.sold.mint) * self.closes)
        return with_costs(self.costs, wallet, moves)

    def calls(self, slot: int, at_s: int) -> list[Call]:
        wallet = self.payer
        legs = (swap_call(self.sold, self.sale, at_s, False), swap_call(self.bought, self.purchase, at_s, False))
        accounts = (*signs(wallet), *reads(self.sold.mint, self.bought.mint, PUMP))
        calls = [
            opened(wallet, wallet, self.bought.mint, self.opens),
            Call(ROUTER, accounts, ROUTE, ("Instruction: Route",), legs, units=110_000),
        ]
        if self.closes:
            calls.append(closed(token_account(wallet, self.sold.mint), wallet, self.sold.mint))
        return with_budget(self.costs, wallet, calls)

    def truths(self) -> list[Truth]:
        rents = (-token_rent(self.sold.mint) * self.closes, token_rent(self.bought.mint) * self.opens)
        return [trade_truth(self.sold, self.sale, FREE, rents[0]), trade_truth(self.bought, self.purchase, self.costs, rents[1])]
