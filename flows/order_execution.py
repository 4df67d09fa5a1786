"""Asks about, posts and books the orders on record, in the one place that has the key."""

from datetime import datetime

from prefect import flow

from adapters.settings import load_settings
from tasks.clock import instant_of, run_name
from tasks.copying.booking import book
from tasks.copying.order_execution import recover_orders
from tasks.copying.settling import settle_positions


@flow(name="order-execution", flow_run_name=run_name("orders"), timeout_seconds=60)
def execute_orders(as_of: datetime | None = None) -> None:
    """Every order without a final answer, also those nobody posted yet; then what resolved, and
    the marks, which nobody else writes when live.

    In simulation there is nothing to do: the copy cycle does it all.
    """
    settings, now = load_settings(), instant_of(as_of)
    book(recover_orders(settings, now), settings, now)
    settle_positions(settings, now)
