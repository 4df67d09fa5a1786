"""May we add risk now, and how much? Limits first, then room."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from data_contracts import Reason, RiskState, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.portfolio import HoldingKey, Portfolio

WIN_RATE_WINDOW = 50
SEVERITY = [TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a strategy stands when a cycle begins: its worth, its free USD, whether its last closed positions won, newest last.

    `stopped` says of the same positions whether our stop closed them.
    """

    equity: Decimal
    cash: Decimal
    wins: Sequence[bool]
    stopped: Sequence[bool] = ()


def assess(standing: Standing, before: RiskState | None, strategy_id: str, policy: RiskPolicy, as_of: datetime) -> RiskState:
    """The strategy's state now. A daily loss ends with the day; drawdown and win rate wait for an operator."""
    day = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    if before is None:
        before = RiskState(
            strategy_id=strategy_id,
            state=TradingState.ACTIVE,
            reason=None,
            equity=standing.equity,
            cash=standing.cash,
            day_started_at=day,
            day_started_equity=standing.equity,
            peak_equity=standing.equity,
            drawdown=0.0,
            changed_at=as_of,
        )
    same_day = before.day_started_at == day
    day_equity = before.day_started_equity if same_day else standing.equity
    peak = max(before.peak_equity, standing.equity)
    state, reason = _state(standing, before, same_day, day_equity, peak, policy)
    stops, smaller = stops_in_a_row(standing, policy.stops_in_a_row)
    return RiskState(
        strategy_id=strategy_id,
        state=state,
        reason=reason,
        equity=standing.equity,
        cash=standing.cash,
        day_started_at=day,
        day_started_equity=day_equity,
        peak_equity=peak,
        drawdown=float(min(Decimal(1), _fall(peak, standing.equity))),
        changed_at=before.changed_at if (state, reason) == (before.state, before.reason) else as_of,
        stops_in_a_row=stops,
        size_factor=policy.factor_after_stops if smaller else Decimal(1),
    )


def stops_in_a_row(standing: Standing, limit: int) -> tuple[int, bool]:
    """How many stops the last closed positions end with, and whether `limit` of them came in a row since the last win.

    Another loss breaks a row, but only a win makes copies whole again.
    """
    stops, reached = 0, False
    for won, stopped in zip(standing.wins, standing.stopped, strict=False):
        stops = 0 if won or not stopped else stops + 1
        reached = not won and (reached or stops >= limit)
    return stops, reached


def resumed(before: RiskState, state: TradingState, equity: Decimal, as_of: datetime) -> RiskState:
    """An operator's word. Peak and day start anew, or the old loss would halt it again at once."""
    return RiskState(
        strategy_id=before.strategy_id,
        state=state,
        reason=Reason.OPERATOR,
        equity=equity,
        cash=before.cash,
        day_started_at=before.day_started_at,
        day_started_equity=equity,
        peak_equity=equity,
        drawdown=0.0,
        changed_at=as_of,
        stops_in_a_row=before.stops_in_a_row,
        size_factor=before.size_factor,
    )


def halted(before: RiskState, reason: Reason, as_of: datetime) -> RiskState:
    """Stopped from outside the risk book, until an operator resumes it."""
    if (before.state, before.reason) == (TradingState.HALTED, reason):
        return before
    return replace(before, state=TradingState.HALTED, reason=reason, changed_at=as_of)


def stricter(one: TradingState, other: TradingState) -> TradingState:
    """The one that allows less."""
    return max(one, other, key=SEVERITY.index)


def denial(portfolio: Portfolio, key: HoldingKey, owner_of: Callable[[str], str], policy: RiskPolicy) -> Reason | None:
    """Why this position may not be opened or added to, or None."""
    leader, token_id = key
    if key in portfolio.leaving:
        return Reason.EXIT_UNDERWAY
    if key in portfolio.holdings:
        return None if policy.scale_in else Reason.TOKEN_ALREADY_HELD
    if any(token == token_id for _, token in portfolio.holdings.keys() | portfolio.awaited):  # a lost answer may be a fill
        return Reason.TOKEN_ALREADY_HELD
    if len(portfolio.holdings) >= policy.max_positions:
        return Reason.MAX_POSITIONS_REACHED
    behind_owner = sum(owner_of(other) == owner_of(leader) for other, _ in portfolio.holdings)
    return Reason.EXPOSURE_REACHED if behind_owner >= policy.max_positions_per_leader else None


def room(portfolio: Portfolio, key: HoldingKey, owner_of: Callable[[str], str], policy: RiskPolicy) -> Decimal:
    """USD that may still go into this position under every exposure cap. Below 0 when one is exceeded already."""
    leader, token_id = key
    in_token = portfolio.cost_of(other for other in portfolio.holdings if other[1] == token_id)
    behind_owner = portfolio.cost_of(other for other in portfolio.holdings if owner_of(other[0]) == owner_of(leader))
    in_position = portfolio.cost_of([key] if key in portfolio.holdings else [])
    return min(
        policy.max_position_notional - in_position,
        policy.max_exposure - portfolio.exposure,
        portfolio.balance * policy.max_token_fraction - in_token,
        portfolio.balance * policy.max_leader_fraction - behind_owner,
    )


def _state(
    standing: Standing, before: RiskState, same_day: bool, day_equity: Decimal, peak: Decimal, policy: RiskPolicy
) -> tuple[TradingState, Reason | None]:
    if before.state is not TradingState.ACTIVE and not (before.reason is Reason.DAILY_LOSS and not same_day):
        return before.state, before.reason
    if _fall(peak, standing.equity) >= policy.max_drawdown:
        return TradingState.HALTED, Reason.DRAWDOWN
    if _fall(day_equity, standing.equity) >= policy.max_daily_loss:
        return TradingState.HALTED, Reason.DAILY_LOSS
    if _losing(standing.wins, policy.min_win_rate):
        return TradingState.HALTED, Reason.WIN_RATE_LOW
    return TradingState.ACTIVE, before.reason if before.state is TradingState.ACTIVE else None


def _fall(start: Decimal, now: Decimal) -> Decimal:
    return (start - now) / start if start > 0 else Decimal(1)


def _losing(wins: Sequence[bool], min_win_rate: Decimal) -> bool:
    last = wins[-WIN_RATE_WINDOW:]
    return len(last) == WIN_RATE_WINDOW and Decimal(sum(last)) / WIN_RATE_WINDOW < min_win_rate
