"""What one strategy has while a cycle judges: each copy leaves less capital for the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from domain.copying.amounts import is_dust
from domain.copying.marking import MarkedPosition

HoldingKey = tuple[str, str]  # leader, token
PositionKey = tuple[str, str, str]  # strategy, leader, token


@dataclass(frozen=True, slots=True)
class Holding:
    """Shares we hold of one token after one leader, their cost in the strategy's stake, and since when."""

    market_id: str
    shares: Decimal
    cost: Decimal
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """`cash` is free stake. `awaited` are holdings that change before we know how: bought in this cycle, or an order without an answer.

    `unanswered` are those of them whose order an earlier cycle sent: nothing is added to their tokens until it is known what it did.
    `leaving` are holdings of which a part is promised to an exit that is not done: that part is not among their shares.
    """

    balance: Decimal
    cash: Decimal
    holdings: Mapping[HoldingKey, Holding] = field(default_factory=dict)
    awaited: frozenset[HoldingKey] = frozenset()
    leaving: frozenset[HoldingKey] = frozenset()
    unanswered: frozenset[HoldingKey] = frozenset()

    @property
    def exposure(self) -> Decimal:
        """Stake at cost in all positions."""
        return sum((holding.cost for holding in self.holdings.values()), Decimal(0))

    def after_buy(self, key: HoldingKey, market_id: str, cost: Decimal) -> "Portfolio":
        """As if all of `cost` were spent: the most a copy can take, its fee included, before its answer is here."""
        held = self.holdings.get(key, Holding(market_id, Decimal(0), Decimal(0)))
        holdings = {**self.holdings, key: replace(held, cost=held.cost + cost)}
        return replace(self, cash=self.cash - cost, holdings=holdings, awaited=self.awaited | {key})

    def after_exit(self, key: HoldingKey, fraction: Decimal) -> "Portfolio":
        """As if this part were sold: the shares go now, their money counts only once the venue says so."""
        held = self.holdings[key]
        left = replace(held, shares=held.shares * (1 - fraction))
        return replace(self, holdings={**self.holdings, key: left})

    def promised(self, key: HoldingKey, shares: Decimal) -> "Portfolio":
        """Sets shares aside that wait for a buyer: no other exit may sell them, and nothing is added to what we are leaving."""
        held = self.holdings[key]
        left = replace(held, shares=max(Decimal(0), held.shares - shares))
        return replace(self, holdings={**self.holdings, key: left}, leaving=self.leaving | {key})


def portfolio_of(
    positions: Iterable[MarkedPosition], balance: Decimal, realized_pnl: Decimal, awaited: Iterable[HoldingKey] = ()
) -> Portfolio:
    """A strategy's capital: what it started with, what all its positions ever realized, and what the open ones cost.

    What is too little to be sold is no holding any more, but its cost stays spent until its market resolves.
    """
    held = [position for position in positions if position.shares > 0]
    sellable = [p for p in held if not is_dust(p.shares, p.share_increment)]
    holdings = {(p.leader, p.token_id): Holding(p.market_id, p.shares, p.cost, p.opened_at) for p in sellable}
    spent = sum((position.cost for position in held), Decimal(0))
    unanswered = frozenset(awaited)
    return Portfolio(balance, balance + realized_pnl - spent, holdings, unanswered, unanswered=unanswered)
