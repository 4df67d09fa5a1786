"""An operator redeems what resolved markets still owe us. By hand, in the pool that has the key."""

from datetime import UTC, datetime

from adapters.settings import load_settings
from tasks.clock import name_run
from tasks.flow_runs import flow
from tasks.operating.run_reports import report_lines
from tasks.polymarket.position_redeeming import redeem_settled


@flow(name="position-redeeming", flow_run_name="redeem, dry run: {dry_run}")
def redeem_positions(dry_run: bool = True) -> None:
    """Turns the winning shares of resolved markets into USD at the venue. Our ledger booked them when the market resolved.

    Run twice, the second finds nothing. It waits until a worker has the key: `docs/going_live.md`. In simulation it is cancelled
    within five minutes.

    Args:
        dry_run: Shows only which markets would be redeemed, and for how many shares
    """
    lines = redeem_settled(load_settings(), datetime.now(UTC), dry_run)
    name_run(f"redeem · {len(lines)} markets{', dry run' if dry_run else ''}")
    report_lines(lines, "redeemed", "Winning shares and what came of them", "Positions")
