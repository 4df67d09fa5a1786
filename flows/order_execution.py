"""Asks about, posts and books the orders on record, in the one place that has the key."""

from datetime import datetime

from adapters.settings import Settings, load_settings
from tasks.clock import instant_of, run_name
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
    book(recover_orders(settings, as_of), settings, as_of)
    settle_positions(settings, as_of)
    follow_closed_elsewhere(settings, as_of)
    return_rents(settings, as_of)
