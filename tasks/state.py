"""What a cycle knows of ourselves, read once: strategies, whom they follow, what they hold, what they wait for."""

from collections import defaultdict
from dataclasses import dataclass

from adapters.stores.results import Results
from data_contracts import Leader, Order, Position, RiskState, Strategy, TradingState
from data_contracts.frames import rows_of
from data_contracts.words import OPEN_STATUSES
from domain.judging import Judge
from domain.policy import Policy
from domain.portfolio import portfolio_of
from domain.risk import stricter


@dataclass(frozen=True, slots=True)
class Book:
    """One strategy's own rows."""

    strategy: Strategy
    policy: Policy
    leaders: frozenset[str]
    positions: tuple[Position, ...]
    risk: RiskState | None
    open_orders: tuple[Order, ...]

    @property
    def open_positions(self) -> list[Position]:
        return [position for position in self.positions if position.shares > 0]

    def judge(self, judged: frozenset[str], kill_switch: TradingState) -> Judge:
        """The strategy as it stands for the fold."""
        state = stricter(self.risk.state if self.risk else TradingState.ACTIVE, kill_switch)
        awaited = [(order.leader, order.token_id) for order in self.open_orders]
        return Judge(
            strategy_id=self.strategy.strategy_id,
            kind=self.strategy.kind,
            policy=self.policy,
            portfolio=portfolio_of(self.positions, self.strategy.balance, awaited),
            leaders=self.leaders,
            judged=judged,
            state=state,
            state_reason=self.risk.reason if self.risk and self.risk.state is state else None,
        )


def read_books(results: Results, only_enabled: bool = True) -> list[Book]:
    """Every strategy with its rows, in the order of their ids. A disabled one stays while it holds something."""
    strategies = rows_of(results.read(Strategy), Strategy)
    leaders, positions, orders = (defaultdict(list) for _ in range(3))
    for strategy_id, wallet in results.read(Leader, only=["strategy_id", "wallet"], dropped_at=None).iter_rows():
        leaders[strategy_id].append(wallet)
    for position in rows_of(results.read(Position), Position):
        positions[position.strategy_id].append(position)
    for order in rows_of(results.read(Order, status=[status.value for status in OPEN_STATUSES]), Order):
        orders[order.strategy_id].append(order)
    risks = {risk.strategy_id: risk for risk in rows_of(results.read(RiskState), RiskState)}
    books = [
        Book(
            strategy=strategy,
            policy=Policy.model_validate_json(strategy.policy),
            leaders=frozenset(leaders[strategy.strategy_id]) if strategy.enabled else frozenset(),
            positions=tuple(positions[strategy.strategy_id]),
            risk=risks.get(strategy.strategy_id),
            open_orders=tuple(orders[strategy.strategy_id]),
        )
        for strategy in strategies
    ]
    return [book for book in books if book.strategy.enabled or book.open_positions] if only_enabled else books
