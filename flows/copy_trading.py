"""The 30-second copy cycle: exits first, by the ledger, a price and the venue alone; then new trades, verdicts, orders, fills."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from prefect import flow

from adapters.settings import Settings, load_settings
from data_contracts import Exit, Order, Signal, Trade
from tasks.clock import instant_of, run_name
from tasks.copying.booking import book
from tasks.copying.judging import Verdicts, judge_trades
from tasks.copying.leaving import judge_own_exits, judge_sales
from tasks.copying.observing import keep_trades, observe_trades
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.copying.ordering import Decisions, order_signals, store_decisions
from tasks.copying.rates import record_rates
from tasks.copying.risk_assessment import assess_risk, read_again
from tasks.copying.settling import settle_positions
from tasks.copying.strategy_rows import StrategyRows
from tasks.operating.run_reports import Cycle, Done, report_cycle
from tasks.profiling.book_samples import keep_seen_books
from tasks.quality import check, insist


@flow(name="copy-trading", flow_run_name=run_name("cycle"), timeout_seconds=120)
def copy_trading(as_of: datetime | None = None) -> None:
    """One cycle. `as_of` is its only clock: an old one makes the old cycle happen again. Empty: the second it was scheduled for."""
    now = instant_of(as_of)
    report_cycle(copy_cycle(load_settings(), now))


def copy_cycle(settings: Settings, as_of: datetime) -> Cycle:
    """The steps of one cycle, in order; a replay takes the very same ones. What fails after the exits fails the run, not the exits."""
    left = recover_orders(settings, as_of)
    if left.orders.height:
        book(left, settings, as_of)
    held = settle_positions(settings, as_of)
    strategies = assess_risk(held, settings, as_of)
    exits = check(judge_own_exits(strategies, settings, as_of), Signal, settings, as_of)
    out = carry_out(exits, strategies, settings, as_of)
    strategies = read_again(settings) if out else strategies
    record_rates(strategies, settings, as_of)

    trades = None
    try:
        seen = observe_trades(settings, as_of)
        trades = check(seen.trades, Trade, settings, as_of)
        keep_trades(trades, seen, settings, as_of)
        insist(trades, of=seen.trades)
        verdicts = judge_trades(strategies, settings, as_of, seen.lags_s, seen.unsafe)
        signals = check(verdicts.signals, Signal, settings, as_of)
        insist(signals, of=verdicts.signals)
    except Exception:  # whatever it was: it is told when the leaders' exits are out
        sales = judge_sales(strategies, trades, settings, as_of)
        carry_out(check(sales.signals, Signal, settings, as_of), strategies, settings, as_of, sales)
        raise
    done = tuple(filter(None, (out, carry_out(signals, strategies, settings, as_of, verdicts))))
    keep_seen_books([book for one in done for book in one.books], settings, as_of)  # last: nothing waits for it
    return Cycle(as_of, seen, trades, held, done)


def carry_out(
    signals: pl.DataFrame, strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime, verdicts: Verdicts | None = None
) -> Done | None:
    """From verdicts to booked fills: on record before any order leaves the house. Exits that wait are tried again with the first."""
    is_whole = verdicts is not None and verdicts.judged_until is not None
    if not (signals.height or is_whole or any(own.exits for own in strategies)):
        return None
    decisions = order_signals(signals, strategies, settings, as_of, retries=not is_whole)
    orders = check(decisions.orders, Order, settings, as_of)
    exits = check(decisions.exits, Exit, settings, as_of)
    store_decisions(signals, Decisions(orders, exits), verdicts, settings)
    execution = post_orders(orders, settings, as_of)
    return Done(signals, orders, execution.fills, book(execution, settings, as_of), decisions.books)
