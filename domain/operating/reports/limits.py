"""How much of each limit was used: at most in the time where the equity curve says it, otherwise as it stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

import polars as pl

from data_contracts import AccountLimits, AccountState, Equity, RiskState, Strategy
from data_contracts.words import STAKE_OF, Venue
from domain.copying.account import Rates
from domain.copying.policy import Policy
from domain.copying.risk.daily_loss import midnight
from domain.operating.limits_used import HELD, Limit, account_limits, number, percent, strategy_limits
from domain.operating.reports.money import Line, gain_of

AT_MOST = "positions, at most in the time"
LOST = "lost within a day, at most"


def limit_lines(
    strategies: Sequence[Strategy],
    curve: Sequence[Equity],
    risks: Iterable[RiskState],
    limits: AccountLimits | None,
    account: AccountState | None,
    held: pl.DataFrame,
    owners: Mapping[str, str],
    rates: Rates,
    begins_at: datetime,
) -> list[Line]:
    """One per limit, with its use, the account's first. `held`: Position rows that are open; `owners`: wallet → owner."""
    states = {state.strategy_id: state for state in risks}
    priced = in_dollars(held, rates)
    lost = deepest_loss_usd(strategies, curve, rates, begins_at)
    of_account = _of_account(limits, account, priced, owners, lost) if limits else ()
    working = [one for one in strategies if one.enabled or one.strategy_id in set(held["strategy_id"])]
    own = (limit for one in working for limit in _of_strategy(one, curve, states.get(one.strategy_id), priced, owners, begins_at))
    return [_line(limit) for limit in (*of_account, *own)]


def in_dollars(held: pl.DataFrame, rates: Rates) -> pl.DataFrame:
    """With `cost_usd`, null where its currency has no rate."""
    usd = {venue.value: float(rates[STAKE_OF[venue]]) for venue in Venue if STAKE_OF[venue] in rates}
    rate = pl.col("venue").replace_strict(usd, default=None, return_dtype=pl.Float64)
    return held.select(*HELD, (pl.col("cost").cast(pl.Float64) * rate).alias("cost_usd"))


def _of_account(
    limits: AccountLimits, account: AccountState | None, held: pl.DataFrame, owners: Mapping[str, str], lost: float | None
) -> Iterator[Limit]:
    """Those that an operator set."""
    every = [
        *account_limits(limits, held, owners),
        Limit("account", "below its peak", percent(account.drawdown if account else None), percent(limits.max_drawdown), "%"),
        Limit("account", LOST, lost, number(limits.max_daily_loss_usd), "USD"),
    ]
    return (limit for limit in every if limit.most is not None)


def _of_strategy(
    one: Strategy,
    curve: Sequence[Equity],
    state: RiskState | None,
    held: pl.DataFrame,
    owners: Mapping[str, str],
    begins_at: datetime,
) -> Iterator[Limit]:
    policy, name = Policy.of_record(one.policy).risk, one.strategy_id
    points = [point for point in curve if point.strategy_id == name]
    if points:
        yield Limit(name, AT_MOST, max(point.open_positions for point in points), policy.max_positions, "positions")
    yield from strategy_limits(one, held, owners)
    if state is not None:
        yield Limit(name, "below its peak", percent(state.drawdown), percent(policy.max_drawdown), "%")
    if points:
        yield Limit(name, LOST, percent(deepest_fall(points, begins_at)), percent(policy.max_daily_loss), "%")


def deepest_loss_usd(strategies: Iterable[Strategy], curve: Iterable[Equity], rates: Rates, begins_at: datetime) -> float | None:
    """How many USD all strategies together were below what they had when the day began; of all days the most. None without a rate.

    Nothing is lost by what an operator takes away.
    """
    known = {one.strategy_id: one for one in strategies}
    gains, day, began, lost = dict[str, Decimal](), None, Decimal(0), Decimal(0)
    for point in sorted((one for one in curve if one.strategy_id in known), key=lambda one: one.as_of):
        strategy = known[point.strategy_id]
        if strategy.stake_currency not in rates:
            return None
        if midnight(point.as_of) != day:
            day, began = midnight(point.as_of), sum(gains.values(), Decimal(0))
        gains[point.strategy_id] = gain_of(point, strategy.balance) * rates[strategy.stake_currency]
        if point.as_of >= begins_at:
            lost = max(lost, began - sum(gains.values(), Decimal(0)))
    return float(lost)


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


def _line(limit: Limit) -> Line:
    whose = {"whose": limit.strategy, "limit": limit.name, "about": limit.about}
    return whose | {"used": limit.used, "most": limit.most, "unit": limit.unit, "part": limit.share}
