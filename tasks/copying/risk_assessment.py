"""Values each strategy once a cycle, and all of them together: equity, risk states, and the equity curve people look at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from adapters.connect import executes_here, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import AccountState, Equity, RiskState
from domain.copying.marking import MarkedPosition
from domain.copying.risk.account_assessment import Stakes, assess_account
from domain.copying.risk.assessment import assess
from domain.operating.alerts import unreadable_findings
from tasks.copying.account import AccountRows, read_rates
from tasks.copying.ordering import going_of
from tasks.copying.settling import mark_and_settle
from tasks.copying.strategy_rows import StrategyRows, Underway, decided_by, read_changed, read_strategies, read_underway, unreadable_rows
from tasks.operating.alerting import raise_alert
from tasks.operating.run_reports import Done
from tasks.steps import step


@step
def take_stock(settings: Settings, as_of: datetime) -> tuple[list[MarkedPosition], list[StrategyRows]]:
    """What we hold at today's marks, what resolved being settled; and every strategy as it stands with that."""
    underway = read_underway(open_results(settings))
    held = mark_and_settle(settings, as_of)
    return held, assess_risk(held, settings, as_of, underway)


def assess_risk(
    held: Sequence[MarkedPosition], settings: Settings, as_of: datetime, underway: Underway | None = None
) -> list[StrategyRows]:
    """Every strategy as it stands now with these open positions: risk states are stored, and a point of each equity curve that moved.

    `underway` is what was before they were read. Where others execute, positions are read once more.
    One with a row of its own that cannot be read keeps the state it has, and the operator is called.
    """
    results = open_results(settings)
    strategies = read_strategies(results, held if executes_here(settings) else None, underway)
    for finding in unreadable_findings(unreadable_rows(strategies)):
        raise_alert(finding, settings, as_of)
    known = [own for own in strategies if not own.unreadable]
    points = {own.strategy.strategy_id: equity_of(own, as_of) for own in known}
    states = {own.strategy.strategy_id: _state(own, points[own.strategy.strategy_id], as_of) for own in known}
    moved = [points[own.strategy.strategy_id] for own in known if _figures(own.risk) != _figures(states[own.strategy.strategy_id])]
    changed = [states[own.strategy.strategy_id] for own in known if own.risk != states[own.strategy.strategy_id]]
    account = _account_state(strategies, results, as_of)
    results.write(
        [
            Write(RiskState, changed, "put"),
            Write(Equity, moved),
            Write(AccountState, account, "put"),
        ]
    )
    assessed = [replace(own, risk=states.get(own.strategy.strategy_id, own.risk)) for own in strategies]
    return [replace(own, account=replace(own.account, state=account[0])) for own in assessed] if account else assessed


@step
def read_again(strategies: Sequence[StrategyRows], left: Done, settings: Settings) -> list[StrategyRows]:
    """The strategies as their exits have left them: what they brought is there for copies, what they asked for is under way."""
    waited = {own.strategy.strategy_id for own in strategies if own.exits}
    now = read_changed(strategies, waited.union(left.signals["strategy_id"], left.orders["strategy_id"]), open_results(settings))
    made = going_of(left.orders)
    decided = {side: count + (side in made) for side, count in decided_by(strategies).items()}  # once more by ourselves
    return [replace(own, account=replace(own.account, decided=decided)) for own in now]


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
        balance=own.strategy.balance,
    )


def _state(own: StrategyRows, now: Equity, as_of: datetime) -> RiskState:
    money = (now.equity, now.cash)
    return assess(own.strategy.strategy_id, money, own.results, own.risk, own.spoken.words, own.policy.risk, as_of, own.strategy.balance)


def _account_state(strategies: Sequence[StrategyRows], results: Results, as_of: datetime) -> list[AccountState]:
    """How the account stands, if that moved. Where nobody limited it nobody asks; what cannot be read stays as it is."""
    account = strategies[0].account if strategies else AccountRows()
    if account.limits is None or account.unreadable:
        return []
    stakes = [_stakes(own, as_of) for own in strategies]
    rates = read_rates(results, {one.currency for one in stakes}, as_of)
    state = assess_account(stakes, rates, account.limits, account.state, account.spoken.words, as_of)
    return [] if state == account.state else [state]


def _stakes(own: StrategyRows, as_of: datetime) -> Stakes:
    """With every BUY that has no answer as if it were filled."""
    return Stakes(own.strategy.stake_currency, own.strategy.balance, equity_of(own, as_of).equity, own.reserved().exposure)


def _figures(state: RiskState | None) -> tuple[Decimal, Decimal] | None:
    """What a point of the curve shows; an idle night is one point, not three thousand."""
    return (state.equity, state.cash) if state else None
