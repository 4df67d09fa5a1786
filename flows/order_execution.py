"""Asks about, posts and books the orders on record, in the one place that has the key."""

from datetime import datetime

from adapters.settings import Settings, load_settings
from tasks.clock import instant_of, name_run, run_name
from tasks.copying.booking import book
from tasks.copying.closed_elsewhere import follow_closed_elsewhere
from tasks.copying.order_execution import recover_orders
from tasks.copying.rent_returns import return_rents
from tasks.copying.settling import settle_positions
from tasks.flow_runs import flow
from tasks.form_fields import AsOf


@flow(name="order-execution", flow_run_name=run_name("orders"), timeout_seconds=60)
def execute_orders(as_of: AsOf = None) -> None:
    """Every order without a final answer, also those nobody posted yet; then what resolved, and
    the marks, which nobody else writes when live; once a minute what the operator sold by hand, and once an hour deposits on Solana.

    In simulation there is nothing to do: the copy cycle does it all.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    execute(load_settings(), instant_of(as_of))


def execute(settings: Settings, as_of: datetime) -> None:
    """The steps of it, in order."""
    answered = recover_orders(settings, as_of)
    book(answered, settings, as_of)
    if answered.orders.height or answered.fills.height:  # there are 17,280 runs a day: a quiet one is not named
        name_run(f"orders {as_of:%H:%M:%S} · {answered.orders.height} answered, {answered.fills.height} fills")
    settle_positions(settings, as_of)
    follow_closed_elsewhere(settings, as_of)
    return_rents(settings, as_of)
