"""The 30-second copy cycle: what is left over, how we stand, what is new, the verdicts, the orders, the fills."""

from datetime import datetime

from prefect import flow

from adapters.settings import Settings, load_settings
from data_contracts import Exit, Fill, Order, Position, Signal, Trade
from tasks.clock import instant_of, named
from tasks.copying.booking import book_fills, settle_positions, store_booked
from tasks.copying.judging import judge_trades
from tasks.copying.observing import keep_trades, observe_trades
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.copying.ordering import Decisions, order_signals, store_decisions
from tasks.copying.risk_assessment import assess_risk
from tasks.operating.run_reports import Cycle, report_cycle
from tasks.quality import check, insist


@flow(name="copy-trading", flow_run_name=named("cycle"), timeout_seconds=120)
def copy_trading(as_of: datetime | None = None) -> None:
    """One cycle. `as_of` is its only clock: an old one makes the old cycle happen again. Empty: the second it was scheduled for."""
    now = instant_of(as_of)
    report_cycle(copy_cycle(load_settings(), now))


def copy_cycle(settings: Settings, as_of: datetime) -> Cycle:
    """The steps of one cycle, in order; a replay takes the very same ones."""
    left = recover_orders(settings, as_of)
    if left.orders.height:
        store_booked(left, book_fills(left.fills, settings, as_of), settings)
    held = settle_positions(settings, as_of)
    strategies = assess_risk(held, settings, as_of)

    seen = observe_trades(settings, as_of)
    trades = check(seen.trades, Trade, settings, as_of)
    keep_trades(trades, settings, as_of)
    insist(trades, of=seen.trades)

    verdicts = judge_trades(strategies, settings, as_of, seen.lag_s)
    signals = check(verdicts.signals, Signal, settings, as_of)
    insist(signals, of=verdicts.signals)
    decisions = order_signals(signals, strategies, settings, as_of)
    orders = check(decisions.orders, Order, settings, as_of)
    exits = check(decisions.exits, Exit, settings, as_of)
    store_decisions(signals, Decisions(orders, exits), verdicts.judged_until, settings)  # on record before any order leaves the house

    execution = post_orders(orders, settings, as_of)
    fills = check(execution.fills, Fill, settings, as_of)
    booked = check(book_fills(fills, settings, as_of), Position, settings, as_of)
    store_booked(execution, booked, settings)
    return Cycle(as_of, seen, trades, signals, orders, fills, held, booked)
