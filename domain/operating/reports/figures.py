"""Rows of a time → the figures of its report: lists of lines, as they are kept and shown. Each list may be empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from data_contracts import (
    AccountLimits,
    AccountState,
    Alert,
    Counterfactual,
    EdgeState,
    Equity,
    Fill,
    Gap,
    GapEnd,
    Leader,
    Order,
    Position,
    Quarantined,
    Reason,
    RiskState,
    Settlement,
    Signal,
    Strategy,
)
from data_contracts.frames import empty
from domain.backtesting.counterfactual import summarize_by_reason
from domain.copying.account import USD_ONLY, Rates
from domain.copying.realizing import realized
from domain.operating.reports.limits import limit_lines
from domain.operating.reports.money import Line, in_usd, money_lines
from domain.operating.reports.span import Span

BY_A_TRADE = [Reason.CONSENSUS_FAVOURS, Reason.LEADER_TRADED, Reason.SCORE_REACHED, Reason.LEADER_EXITED]
FEWEST_FOR_P95 = 20  # of fewer orders the 95th percentile is the slowest one
MOST_LINES = 200  # of one list


@dataclass(frozen=True, slots=True)
class Facts:
    """What is on record of a time: frames of their contracts' rows, what was realized, and the rows that say how it stands.

    `signals` are those judged in it and those behind `orders`; `orders` those made in it, the earlier ones of the same signals, and those
    behind `fills`.
    `equity` has one more point of each strategy, the last before the time. `trades_seen`: None where nobody could say.
    """

    strategies: Sequence[Strategy] = ()
    equity: Sequence[Equity] = ()
    signals: pl.DataFrame = field(default_factory=lambda: empty(Signal))
    orders: pl.DataFrame = field(default_factory=lambda: empty(Order))
    fills: pl.DataFrame = field(default_factory=lambda: empty(Fill))
    realized: pl.DataFrame = field(default_factory=lambda: realized(empty(Fill), empty(Settlement)))
    open_positions: pl.DataFrame = field(default_factory=lambda: empty(Position))
    owners: Mapping[str, str] = field(default_factory=dict)  # wallet → owner, of those of whom one is known
    followed_up: pl.DataFrame = field(default_factory=lambda: empty(Counterfactual))
    quarantined: pl.DataFrame = field(default_factory=lambda: empty(Quarantined))
    gaps: Sequence[Gap] = ()
    leaders: Sequence[Leader] = ()
    edges: Sequence[EdgeState] = ()
    alerts: Sequence[Alert] = ()
    risks: Sequence[RiskState] = ()
    held: Sequence[tuple[str, str, str]] = ()  # who may not do all, its state, and why
    limits: AccountLimits | None = None
    account: AccountState | None = None
    rates: Rates = field(default_factory=lambda: USD_ONLY)
    trades_seen: int | None = None
    cycles: Mapping[str, int] = field(default_factory=dict)  # how they ended → how many


def figures_of(facts: Facts, span: Span, as_of: datetime) -> dict[str, Any]:
    """All of a report: the same rows make the same report. JSON takes it once `as_json` has written its amounts and instants."""
    judged = facts.signals.filter(pl.col("judged_at").is_between(span.begins_at, span.ends_at, closed="left"))
    asked = facts.orders.filter(pl.col("created_at").is_between(span.begins_at, span.ends_at, closed="left"))
    money = money_lines(facts.strategies, facts.equity, facts.realized, traded(facts), span.begins_at)
    return {
        "period": span.period.value,
        "begins_at": span.begins_at,
        "ends_at": span.ends_at,
        "as_of": as_of,
        "is_over": span.is_over(as_of),
        "money": money,
        "usd": in_usd(money, facts.rates),
        "signals": judged.height,
        "copied": judged.filter(pl.col("verdict") == "COPY").height,
        "skipped": _counted(judged.filter(pl.col("verdict") == "SKIP"), "strategy_id", "reason"),
        "orders": _counted(asked, "strategy_id", "status", "reason"),
        "latency": latency(facts.orders, facts.signals, span),
        "missed": missed(facts.followed_up),
        "quality": _counted(facts.quarantined, "table", "rules"),
        "trades_seen": facts.trades_seen,
        "gaps": [_gap(gap) for gap in facts.gaps if not gap.is_history and _touches(gap.found_at, gap.closed_at, span)],
        "followed": changes(facts.leaders, facts.edges, span),
        "limits": limit_lines(
            facts.strategies,
            facts.equity,
            facts.risks,
            facts.limits,
            facts.account,
            facts.open_positions,
            facts.owners,
            facts.rates,
            span.begins_at,
        ),
        "held": [{"strategy_id": name, "state": state, "why": why} for name, state, why in facts.held],
        "alerts": [_alert(one) for one in facts.alerts if one.severity != "info" and _touches(one.raised_at, one.cleared_at, span)],
        "cycles": dict(facts.cycles),
    }


def as_json(value: Any) -> Any:
    """Amounts digit by digit, instants in UTC."""
    if isinstance(value, dict):
        return {name: as_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def traded(facts: Facts) -> pl.DataFrame:
    """The fills of orders, each with the price that was to be copied; not what a merge or a write-off took."""
    wanted = facts.signals.select("signal_id", "leader_price")
    behind = facts.orders.select("order_id", "signal_id").join(wanted, on="signal_id")
    return facts.fills.filter(pl.col("kind") == "TRADE").join(behind.drop("signal_id"), on="order_id", how="left")


def latency(orders: pl.DataFrame, signals: pl.DataFrame, span: Span) -> Line:
    """Seconds from a leader's trade to our first order for it, of the first orders that were made in the time."""
    waits = first_waits(orders, signals, span.begins_at, span.ends_at)
    p95 = waits.quantile(0.95, "linear") if waits.len() >= FEWEST_FOR_P95 else None
    return {"orders": waits.len(), "p50_s": waits.median(), "p95_s": p95, "slowest_s": waits.max()}


def first_waits(orders: pl.DataFrame, signals: pl.DataFrame, since: datetime, until: datetime) -> pl.Series:
    """Seconds from a trade to its signal's first order, where that was made in between: `orders` are all of these signals, ever.

    What our own rules sell follows no trade.
    """
    followed = signals.filter(pl.col("reason").is_in(BY_A_TRADE)).select("signal_id", "traded_at")
    first = orders.group_by("signal_id").agg(pl.col("created_at").min())
    own = first.filter(pl.col("created_at").is_between(since, until, closed="left")).join(followed, on="signal_id")
    return own.select((pl.col("created_at") - pl.col("traded_at")).dt.total_microseconds() / 1e6).to_series()


def missed(followed_up: pl.DataFrame) -> list[Line]:
    """Of the signals whose end came in the time: what the same stake behind each brought, skipped and copied ones alike, rule by rule."""
    return summarize_by_reason(followed_up).head(MOST_LINES).to_dicts()


def changes(leaders: Sequence[Leader], edges: Sequence[EdgeState], span: Span) -> list[Line]:
    """Whom strategies began or ceased to follow, and whose form changed, with why; the oldest first."""
    begun = [(one.chosen_at, one.strategy_id, one.wallet, "followed", one.why) for one in leaders if one.dropped_at is None]
    ended = [(one.dropped_at, one.strategy_id, one.wallet, "dropped", one.why) for one in leaders if one.dropped_at is not None]
    known = {one.wallet for one in leaders}
    formed = [(one.changed_at, "", one.wallet, one.form.value, one.why) for one in edges if one.wallet in known]
    found = [change for change in (*begun, *ended, *formed) if span.begins_at <= change[0] < span.ends_at]
    names = ("at", "strategy_id", "wallet", "change", "why")
    return [dict(zip(names, change, strict=True)) for change in sorted(found)[:MOST_LINES]]


def _counted(frame: pl.DataFrame, *by: str) -> list[Line]:
    """How many rows of each kind, the most first."""
    return frame.group_by(by).len("count").sort("count", *by, descending=[True, *(False for _ in by)]).head(MOST_LINES).to_dicts()


def _gap(gap: Gap) -> Line:
    ended = {None: "open", GapEnd.FILLED: "filled", GapEnd.FEED_ENDED: "lost", GapEnd.GIVEN_UP: "given up"}
    return {"source": gap.source, "from_at": gap.from_at, "until_at": gap.until_at, "state": ended[gap.closed_by]}


def _alert(one: Alert) -> Line:
    names = ("severity", "what", "about", "message", "raised_at", "cleared_at")
    return {name: getattr(one, name) for name in names} | {"severity": one.severity.value}


def _touches(began_at: datetime, ended_at: datetime | None, span: Span) -> bool:
    return began_at < span.ends_at and (ended_at is None or ended_at >= span.begins_at)
