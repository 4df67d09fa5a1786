"""The computed risk state of a strategy: what our risk rules say after a look at it. What a person or the venue said is kept elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from data_contracts import OperatorWord, RiskState, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.risk.drawdown import Drawdown
from domain.copying.risk.looks import Looks
from domain.copying.risk.permission import UNLIMITED, Permission, cleared_by, resumed_at, strictest
from domain.copying.risk.rule import WHOLE, Figures, Memory, fall
from domain.copying.risk.rules import dump_memory, looked_at

M = TypeVar("M", bound=Memory)
Results = Sequence[tuple[datetime, bool, bool]]


def assess(
    strategy_id: str,
    money: tuple[Decimal, Decimal],
    results: Results,
    before: RiskState | None,
    words: Sequence[OperatorWord],
    policy: RiskPolicy,
    as_of: datetime,
    balance: Decimal | None = None,
) -> RiskState:
    """The computed state after this look; `money` is (equity, cash). An operator's word since the last look lets the rules begin anew."""
    equity, cash = money
    resumed = resumed_at(words)
    anew = before is not None and resumed != before.resumed_at
    added = balance - before.balance if before and balance is not None and before.balance is not None else Decimal(0)
    looks = (Looks.of(before.looks).funded(added) if before and not anew else Looks()).after(equity, as_of)
    figures = Figures(equity, looks.steady, as_of, results)
    rules = looked_at(before.rules if before else "{}", added, figures)
    if anew:
        rules = [begun_anew(rule, words, figures) for rule in rules]
    rules = [rule.after(figures, policy) for rule in rules]
    says = strictest([UNLIMITED, *(Permission(rule.state, rule.reason) for rule in rules if rule.state is not TradingState.ACTIVE)])
    return RiskState(
        strategy_id=strategy_id,
        state=says.state,
        reason=says.reason,
        equity=equity,
        cash=cash,
        drawdown=drawdown_from(next((rule.peak_equity for rule in rules if isinstance(rule, Drawdown)), equity), equity),
        size_factor=min((rule.size_factor for rule in rules), default=WHOLE),
        looks=looks.text(),
        rules=dump_memory(rules),
        resumed_at=resumed,
        changed_at=before.changed_at if before and (says.state, says.reason) == (before.state, before.reason) else as_of,
        balance=balance,
    )


def begun_anew(rule: M, words: Sequence[OperatorWord], figures: Figures) -> M:
    """Its old loss would halt it again at once. A halt the operator had not seen when he spoke stays."""
    cleared = {halt_id for word in words for halt_id in cleared_by(word)}
    return rule if rule.halt_id and rule.halt_id not in cleared else rule.begun(figures)


def drawdown_from(peak: Decimal, equity: Decimal) -> float:
    """Below the peak, as people see it: this look counts. 0 to 1."""
    return float(min(WHOLE, max(Decimal(0), fall(peak, equity))))
