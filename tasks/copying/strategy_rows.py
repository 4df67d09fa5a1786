"""What a cycle knows of ourselves, read once: strategies, whom they follow, what they hold, what they wait for."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from adapters.stores.results import Results
from data_contracts import Exit, Leader, Order, Position, Reason, RiskState, Side, Strategy, TradingState
from data_contracts.words import OPEN_STATUSES
from domain.copying.exits.waiting import remaining
from domain.copying.judging import Judge
from domain.copying.marking import MarkedPosition
from domain.copying.policy import Policy, policy_of_record
from domain.copying.portfolio import Portfolio, portfolio_of
from domain.copying.risk.permission import SILENCE, Permission, Spoken, permission
from domain.copying.risk.win_rate import WINDOW
from tasks.copying.exits import waiting_exits
from tasks.copying.marks import read_marked
from tasks.copying.permissions import spoken_of

log = logging.getLogger("walletflow.strategies")
RESULT = ["strategy_id", "closed_at", "realized_pnl", "realized_before", "exit_reason"]


@dataclass(frozen=True, slots=True)
class StrategyRows:
    """One strategy's own rows."""

    strategy: Strategy
    policy: Policy
    leaders: frozenset[str]
    open_positions: tuple[MarkedPosition, ...]
    realized_pnl: Decimal
    results: tuple[tuple[datetime, bool, bool], ...]  # (closed_at, won, stopped) of the last closed positions, the oldest first
    risk: RiskState | None
    open_orders: tuple[Order, ...]
    exits: tuple[Exit, ...] = ()  # not done
    spoken: Spoken = SILENCE

    @property
    def portfolio(self) -> Portfolio:
        """Its capital now."""
        awaited = [(order.leader, order.token_id) for order in self.open_orders]
        return portfolio_of(self.open_positions, self.strategy.balance, self.realized_pnl, awaited)

    def permission(self, kill_switch: TradingState) -> Permission:
        """What it may do now."""
        return permission(kill_switch, self.spoken, self.risk)

    def judge(self, judged: frozenset[str], kill_switch: TradingState) -> Judge:
        """The strategy as it stands for the fold."""
        return Judge(
            strategy_id=self.strategy.strategy_id,
            venue=self.strategy.venue,
            kind=self.strategy.kind,
            policy=self.policy,
            portfolio=self._reserved(),
            leaders=self.leaders,
            judged=judged,
            permission=self.permission(kill_switch),
            positions=self.open_positions,
            underway=self.exits,
            size_factor=self.risk.size_factor if self.risk else Decimal(1),
        )

    def _reserved(self) -> Portfolio:
        """Its capital as if every BUY without an answer were filled at its limit: that money is not there for another copy.

        And its holdings without what exits that are not done have been promised.
        """
        portfolio = self.portfolio
        for order in self.open_orders:
            if order.side is Side.BUY:
                portfolio = portfolio.after_buy((order.leader, order.token_id), order.market_id, order.shares * order.limit_price)
        for one in self.exits:
            if (one.leader, one.token_id) in portfolio.holdings:
                portfolio = portfolio.promised((one.leader, one.token_id), remaining(one))
        return portfolio


def read_strategies(results: Results, held: Sequence[MarkedPosition] | None = None) -> list[StrategyRows]:
    """Every strategy with its rows, in the order of their ids. What is closed counts by its sum and its last results only.

    `held` are its open positions, for whoever has read them just now.
    """
    positions, wins, orders = (defaultdict(list) for _ in range(3))
    leaders = results.grouped(Leader, "strategy_id", "wallet", dropped_at=None)
    for position in read_marked(results, results.rows(Position, closed_at=None)) if held is None else held:
        positions[position.strategy_id].append(position)
    recent = results.newest(Position, "strategy_id", "closed_at", WINDOW, only=RESULT)
    for strategy_id, closed_at, pnl, before, exit_reason in recent.iter_rows():
        wins[strategy_id].append((closed_at, pnl > before, exit_reason == Reason.STOP_LOSS))
    for order in results.rows(Order, status=[status.value for status in OPEN_STATUSES]):
        orders[order.strategy_id].append(order)
    realized = results.totals(Position, "strategy_id", "realized_pnl")
    exits, spoken = waiting_exits(results), spoken_of(results)
    risks = {risk.strategy_id: risk for risk in results.rows(RiskState)}
    return [
        StrategyRows(
            strategy=strategy,
            policy=_policy(strategy.policy)[0],
            leaders=frozenset(leaders.get(strategy.strategy_id, ())) if _may_enter(strategy) else frozenset(),
            open_positions=tuple(positions[strategy.strategy_id]),
            realized_pnl=realized.get(strategy.strategy_id, Decimal(0)),
            results=tuple(wins[strategy.strategy_id]),
            risk=risks.get(strategy.strategy_id),
            open_orders=tuple(orders[strategy.strategy_id]),
            exits=tuple(exits[strategy.strategy_id]),
            spoken=spoken[strategy.strategy_id],
        )
        for strategy in results.rows(Strategy)
    ]


def _may_enter(strategy: Strategy) -> bool:
    """Not where its numbers are unknown: it would copy by the defaults."""
    faults = _policy(strategy.policy)[1]
    if faults:
        log.error("strategy %s enters nothing: its policy cannot be read in %s; save it again", strategy.strategy_id, ", ".join(faults))
    return strategy.enabled and not faults


@lru_cache(maxsize=1000)
def _policy(text: str) -> tuple[Policy, tuple[str, ...]]:
    """The same text is the same policy: fifty of them took 10 ms a cycle to validate."""
    return policy_of_record(text)
