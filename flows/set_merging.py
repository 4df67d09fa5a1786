"""An operator turns complete sets into USD. By hand, in the pool that has the key."""

from datetime import UTC, datetime

from adapters.settings import load_settings
from data_contracts import Order
from data_contracts.frames import frame_of
from tasks.clock import name_run
from tasks.copying.booking import book
from tasks.copying.order_execution import Execution
from tasks.flow_runs import flow
from tasks.operating.run_reports import report_lines
from tasks.polymarket.set_merging import merge_sets


@flow(name="set-merging", flow_run_name="merge, dry run: {dry_run}")
def merge_complete_sets(dry_run: bool = True) -> None:
    """Turns complete sets, as many shares of each outcome of a market, into USD. The ledger follows the chain.

    Run twice, the second finds nothing. It waits until a worker has the key: `docs/going_live.md`. In simulation it is cancelled
    within five minutes.

    Args:
        dry_run: Shows only which sets would be merged
    """
    settings, now = load_settings(), datetime.now(UTC)
    lines, fills = merge_sets(settings, now, dry_run)
    book(Execution(frame_of([], Order), fills), settings, now)
    name_run(f"merge · {len(lines)} sets{', dry run' if dry_run else ''}")
    report_lines(lines, "merged", "Complete sets and what came of them", "Positions")
