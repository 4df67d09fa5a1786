"""Values each strategy once a cycle: its equity, its risk state, and the equity curve people look at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from adapters.connect import executes_here, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Equity, RiskState
from data_contracts.frames import frame_of
from domain.copying.marking import MarkedPosition
from domain.copying.risk.assessment import assess
from domain.operating.alerts import unreadable_findings
from tasks.copying.strategy_rows import StrategyRows, read_strategies
from tasks.operating.health_monitoring import raise_alert
from tasks.steps import step


@step
def assess_risk(held: Sequence[MarkedPosition], settings: Settings, as_of: datetime) -> list[StrategyRows]:
    """Every strategy as it stands now with these open positions: risk states are stored, and a point of each equity curve that moved.

    Where others execute, positions are read once more, beside the orders: a fill booked meanwhile must not stand in one of them only.
    One with a row of its own that cannot be read keeps the state it has, and the operator is called.
    """
    results = open_results(settings)
    strategies = read_strategies(results, held if executes_here(settings) else None)
    for finding in unreadable_findings([row for own in strategies for row in own.unreadable]):
        raise_alert(finding, settings, as_of)
    known = [own for own in strategies if not own.unreadable]
    states = {own.strategy.strategy_id: _state(own, as_of) for own in known}
    moved = [equity_of(own, as_of) for own in known if _figures(own.risk) != _figures(states[own.strategy.strategy_id])]
    changed = [states[own.strategy.strategy_id] for own in known if own.risk != states[own.strategy.strategy_id]]
    results.write([Write(RiskState, frame_of(changed, RiskState), "put"), Write(Equity, frame_of(moved, Equity))])
    return [replace(own, risk=states.get(own.strategy.strategy_id, own.risk)) for own in strategies]


@step
def read_again(settings: Settings) -> list[StrategyRows]:
    """Every strategy as its exits have left it: what they brought is there for copies, what they asked for is under way."""
    return read_strategies(open_results(settings))


def equity_of(own: StrategyRows, as_of: datetime) -> Equity:
    """Cash and positions at their marks; a position without a mark counts at cost."""
    cash = own.portfolio.cash
    worth = sum((position.worth for position in own.open_positions), Decimal(0))
    return Equity(
        strategy_id=own.strategy.strategy_id,
        as_of=as_of,
        cash=cash,
        positions_value=worth,
        equity=cash + worth,
        realized_pnl=own.realized_pnl,
        open_positions=len(own.open_positions),
    )


def _state(own: StrategyRows, as_of: datetime) -> RiskState:
    now = equity_of(own, as_of)
    money = (now.equity, now.cash)
    return assess(own.strategy.strategy_id, money, own.results, own.risk, own.spoken.words, own.policy.risk, as_of)


def _figures(state: RiskState | None) -> tuple[Decimal, Decimal] | None:
    """What a point of the curve shows; an idle night is one point, not three thousand."""
    return (state.equity, state.cash) if state else None
