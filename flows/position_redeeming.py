"""An operator redeems what resolved markets still owe us. By hand, in the pool that has the key."""

from datetime import UTC, datetime

from prefect import flow

from adapters.settings import load_settings
from tasks.operating.run_reports import report_lines
from tasks.polymarket.position_redeeming import redeem_settled


@flow(name="position-redeeming", flow_run_name="redeem, dry run: {dry_run}")
def redeem_positions(dry_run: bool = True) -> None:
    """A dry run says what would be redeemed. Run twice, the second finds nothing."""
    report_lines(redeem_settled(load_settings(), datetime.now(UTC), dry_run), "redeemed", "Winning shares and what came of them")
