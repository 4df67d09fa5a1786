"""The other side of the wall: orders on record are asked about, posted and booked where the key is, and nowhere else."""

from datetime import datetime

from prefect import flow

from adapters.settings import load_settings
from data_contracts import Fill, Position
from tasks.clock import instant_of, named
from tasks.copying.booking import book_fills, settle_positions, store_booked
from tasks.copying.order_execution import recover_orders
from tasks.quality import check


@flow(name="order-execution", flow_run_name=named("execute"), timeout_seconds=60)
def execute_orders(as_of: datetime | None = None) -> None:
    """Every order without a final answer, also those nobody posted yet; then what resolved, as nobody else writes positions when live.

    In simulation there is nothing to do: the copy cycle does it all.
    """
    settings, now = load_settings(), instant_of(as_of)
    execution = recover_orders(settings, now)
    fills = check(execution.fills, Fill, settings, now)
    booked = check(book_fills(fills, settings, now), Position, settings, now)
    store_booked(execution, booked, settings)
    settle_positions(settings, now)
