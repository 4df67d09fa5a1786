"""What a monitor is told of: counts that grow from look to look, and how the house stands. Read from the rows; nobody keeps them for it."""

from collections import Counter as Counts
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Alert, Counter, Equity, Exit, Gap, Order, Position, Quarantined, Signal, Strategy, Watermark
from domain.operating.reports.figures import first_waits
from tasks.copying.account import read_rates
from tasks.copying.sound_rows import readable_rows
from tasks.copying.watermarks import OF_ONE_WALLET
from tasks.operating.trading_state import who_is_held

# What a cycle judged is in store by then: its rows carry the instant it began, and it may take two minutes. Nothing is counted before.
SETTLED = timedelta(seconds=150)
HOUR = timedelta(hours=1)
Labels = tuple[str, ...]


@dataclass
class Grown:
    """What happened up to `until` since counting began: signals by strategy, verdict and reason; seconds from trade to order."""

    until: datetime
    signals: Counts[Labels] = field(default_factory=Counts)
    waits_s: list[float] = field(default_factory=list)  # of the last look alone


@dataclass(frozen=True, slots=True)
class Stands:
    """How it is now, by labels."""

    orders: Mapping[Labels, int]  # of the last hour, by strategy, status and reason
    watermark_ages_s: Mapping[Labels, float]
    holes: Mapping[Labels, int]  # open, by source
    open_usd: Mapping[Labels, float]  # at cost, by strategy; one whose currency has no fresh rate is not in it
    open_positions: Mapping[Labels, int]
    equity: Mapping[Labels, float]  # by strategy and currency
    exits: Mapping[Labels, int]  # not done, by strategy
    alerts: Mapping[Labels, int]  # open, by severity
    held: Mapping[Labels, int]  # 1 for each strategy that may not do all, by strategy, state and reason
    set_aside: Mapping[Labels, int]  # rows of the last hour, by table
    arrived: Mapping[Labels, int]  # rows posted to us, ever, by table


def grow(grown: Grown, settings: Settings, as_of: datetime) -> None:
    """Counts what was judged and ordered since the last look, up to SETTLED ago."""
    until = as_of - SETTLED
    if until <= grown.until:
        return
    results = open_results(settings)
    within = pl.col("at").is_between(grown.until, until, closed="left")
    signals = results.since(Signal, "judged_at", grown.until, only=["strategy_id", "verdict", "reason", "judged_at"])
    counted = signals.rename({"judged_at": "at"}).filter(within).group_by("strategy_id", "verdict", "reason").len()
    grown.signals.update({(strategy, verdict, reason): count for strategy, verdict, reason, count in counted.iter_rows()})
    grown.waits_s = _waits(grown.until, until, results)
    grown.until = until


def _waits(since: datetime, until: datetime, results: Results) -> list[float]:
    """From trades to the first orders for them, of those made in between. An exit that is tried again waits once, as in the report."""
    asked = results.since(Order, "created_at", since, only=["signal_id"])["signal_id"].unique().to_list()
    if not asked:
        return []
    orders = results.read(Order, only=["signal_id", "created_at"], signal_id=asked)
    signals = results.read(Signal, only=["signal_id", "traded_at", "reason"], signal_id=asked)
    return first_waits(orders, signals, since, until).to_list()


def stands(settings: Settings, as_of: datetime) -> Stands:
    """Raises Unavailable when Postgres cannot be asked."""
    results = open_results(settings)
    strategies = readable_rows(results, Strategy)
    currency = {one.strategy_id: one.stake_currency for one in strategies}
    rates = read_rates(results, set(currency.values()), as_of)
    positions = [one for one in readable_rows(results, Position, closed_at=None) if one.shares > 0]
    worth = [(one, rates.get(currency[one.strategy_id])) for one in positions if one.strategy_id in currency]
    open_usd: dict[Labels, float] = {}
    for one, rate in worth:
        if rate is not None:
            open_usd[one.strategy_id,] = open_usd.get((one.strategy_id,), 0.0) + float(one.cost * rate)
    equity = results.newest(Equity, "strategy_id", "as_of", 1, only=["strategy_id", "equity"], among=currency)
    orders = results.since(Order, "created_at", as_of - HOUR, only=["strategy_id", "status", "reason"]).with_columns(
        pl.col("reason").fill_null("")
    )
    aside = results.since(Quarantined, "seen_at", as_of - HOUR, only=["table"])
    return Stands(
        orders=Counts(map(tuple, orders.iter_rows())),
        watermark_ages_s={
            (one.name,): (as_of - one.reached_at).total_seconds()
            for one in results.rows(Watermark)
            if not one.name.startswith(OF_ONE_WALLET)
        },
        holes=Counts((one.source,) for one in readable_rows(results, Gap, closed_at=None) if not one.is_history),
        open_usd=open_usd,
        open_positions=Counts((one.strategy_id,) for one in positions),
        equity={(name, currency[name].value): float(stands_at) for name, stands_at in equity.iter_rows()},
        exits=Counts((one.strategy_id,) for one in readable_rows(results, Exit, done_at=None)),
        alerts=Counts((one.severity.value,) for one in readable_rows(results, Alert, cleared_at=None)),
        held={(one.strategy_id, one.state.value, str(one.reason or "")): 1 for one in who_is_held(settings)},
        set_aside=Counts(map(tuple, aside.iter_rows())),
        arrived={(one.name,): one.reached for one in results.rows(Counter) if ": " not in one.name},
    )
