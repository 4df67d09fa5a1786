"""From verdicts to booked fills, step by step: on record before any order leaves the house."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from adapters.settings import Settings
from data_contracts import Exit, Fill, Order, OrderStatus, Position, Signal, Verdict
from data_contracts.frames import empty
from tasks.copying.booking import book
from tasks.copying.judging import Verdicts
from tasks.copying.leaving import judge_sales
from tasks.copying.order_execution import has_open_orders, post_orders, recover_orders
from tasks.copying.ordering import Decisions, order_signals, store_decisions
from tasks.copying.strategy_rows import StrategyRows, decided_by
from tasks.operating.run_reports import Done
from tasks.quality import check

NOTHING = Decisions(empty(Order), empty(Exit))


def carry_out(
    signals: pl.DataFrame, strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime, verdicts: Verdicts | None = None
) -> Done | None:
    """What was done; None where there was nothing to do. Exits that wait are tried again with the first signals of a cycle.

    Where nothing is ordered, or nothing may go out, there is no step for it.
    """
    is_whole = verdicts is not None and verdicts.judged_until is not None
    retries = not is_whole and any(own.exits for own in strategies)
    if not (signals.height or is_whole or retries):
        return None
    decisions = NOTHING
    if retries or (signals["verdict"] == Verdict.COPY).any():
        decisions = order_signals(signals, strategies, settings, as_of, retries=not is_whole)
    orders = check(decisions.orders, Order, settings, as_of)
    exits = check(decisions.exits, Exit, settings, as_of)
    store_decisions(signals, Decisions(orders, exits), verdicts, settings, decided_by(strategies))
    if not (orders["status"] == OrderStatus.PENDING).any():
        return Done(signals, orders, empty(Fill), empty(Position), decisions.books)
    execution = post_orders(orders, settings, as_of)
    return Done(signals, orders, execution.fills, book(execution, settings, as_of), decisions.books)


def carry_out_sales(strategies: Sequence[StrategyRows], seen: pl.DataFrame | None, settings: Settings, as_of: datetime) -> None:
    """The leaders' exits, where a cycle could not judge all that it saw."""
    sales = judge_sales(strategies, seen, settings, as_of)
    carry_out(check(sales.signals, Signal, settings, as_of), strategies, settings, as_of, sales)


def book_late_answers(settings: Settings, as_of: datetime) -> None:
    """What the venue says now of orders that an earlier cycle left without an answer. Where none was left there is no step."""
    if not has_open_orders(settings):
        return
    late = recover_orders(settings, as_of)
    if late.orders.height:
        book(late, settings, as_of)
