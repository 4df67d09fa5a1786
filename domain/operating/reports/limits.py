"""How much of each limit was used: at most in the time where the equity curve says it, otherwise as it stands."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from data_contracts import AccountLimits, AccountState, Equity, RiskState, Strategy
from domain.copying.policy import Policy
from domain.copying.risk.daily_loss import midnight
from domain.copying.risk.permission import EVERY_STRATEGY
from domain.operating.reports.money import Line


def limit_lines(
    strategies: Iterable[Strategy],
    curve: Sequence[Equity],
    risks: Iterable[RiskState],
    limits: AccountLimits | None,
    account: AccountState | None,
    begins_at: datetime,
) -> list[Line]:
    """One per limit, with its use, the account's first."""
    states = {state.strategy_id: state for state in risks}
    of_account = _of_account(limits, account) if limits and account else []
    own = (line for one in strategies if one.enabled for line in _of_strategy(one, curve, states.get(one.strategy_id), begins_at))
    return [*of_account, *own]


def _of_account(limits: AccountLimits, account: AccountState) -> Iterator[Line]:
    if limits.max_open_usd is not None and account.open_usd is not None:
        yield _line(EVERY_STRATEGY, "open, USD", float(account.open_usd), float(limits.max_open_usd))
    if limits.max_drawdown is not None:
        yield _line(EVERY_STRATEGY, "drawdown", account.drawdown, float(limits.max_drawdown))


def _of_strategy(one: Strategy, curve: Sequence[Equity], state: RiskState | None, begins_at: datetime) -> Iterator[Line]:
    policy = Policy.of_record(one.policy).risk
    points = [point for point in curve if point.strategy_id == one.strategy_id]
    if points:
        yield _line(one.strategy_id, "open positions, at most", max(point.open_positions for point in points), policy.max_positions)
        yield _line(one.strategy_id, "fall within a day, at most", deepest_fall(points, begins_at), float(policy.max_daily_loss))
    if state is not None:
        yield _line(one.strategy_id, "drawdown", state.drawdown, float(policy.max_drawdown))


def deepest_fall(points: Iterable[Equity], begins_at: datetime) -> float:
    """How far below a day's first equity it was, as a part of that; of all days the deepest. What was taken from the balance is no fall."""
    ordered = sorted(points, key=lambda point: point.as_of)
    falls, carried = [0.0], None
    for day, group in groupby(ordered, key=lambda point: midnight(point.as_of)):
        own = list(group)
        first = carried or own[0]
        carried = own[-1]
        if day >= midnight(begins_at) and first.equity > 0:
            falls += [float((first.equity - point.equity + _added(first, point)) / first.equity) for point in own]
    return max(falls)


def _added(first: Equity, point: Equity) -> Decimal:
    """To the balance in between."""
    return Decimal(0) if first.balance is None or point.balance is None else point.balance - first.balance


def _line(whose: str, limit: str, used: float, most: float) -> Line:
    return {"whose": whose, "limit": limit, "used": used, "most": most, "part": used / most if most else None}
