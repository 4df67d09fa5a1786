"""Strategies are rows: an operator creates and changes them, and orders how they may trade."""

from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Kind, RiskState, Strategy, TradingState
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from domain.copying.policy import Policy
from domain.copying.risk import resumed
from tasks.copying.risk_assessment import equity_of
from tasks.copying.strategy_rows import read_strategies
from tasks.steps import step


@step
def put_strategy(
    strategy_id: str, kind: Kind, policy: Policy, balance: Decimal, enabled: bool, settings: Settings, as_of: datetime
) -> Strategy:
    """Creates the strategy or changes it; what it holds and realized stays."""
    results = open_results(settings)
    before = results.rows(Strategy, strategy_id=strategy_id)
    strategy = Strategy(
        strategy_id=strategy_id,
        kind=kind,
        policy=policy.model_dump_json(),
        balance=balance,
        enabled=enabled,
        created_at=before[0].created_at if before else as_of,
        updated_at=as_of,
    )
    results.write([Write(Strategy, frame_of([strategy], Strategy), "put")])
    return strategy


@step
def order_state(strategy_id: str, state: TradingState, settings: Settings, as_of: datetime) -> RiskState:
    """An operator's word for one strategy. Raises Refused when there is none of that name."""
    results = open_results(settings)
    own = next((own for own in read_strategies(results) if own.strategy.strategy_id == strategy_id), None)
    if own is None or own.risk is None:
        raise Refused(f"no strategy {strategy_id!r} has been in a cycle yet: see the strategies table")
    after = resumed(own.risk, state, equity_of(own, as_of).equity, as_of)
    results.write([Write(RiskState, frame_of([after], RiskState), "put")])
    return after
